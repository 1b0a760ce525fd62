//! What PostgreSQL must not do, whatever its statistics say: read all of a table that grows.

use sqlx::{AssertSqlSafe, Row};

use super::dialect::translated;
use super::texts::Fresh;
use crate::store::sql::coaching::{BOUNDED, HELPED_OF_CUSTOMER};

#[tokio::test]
async fn a_word_is_looked_for_in_its_index_however_common_it_is() {
    let mut database = Fresh::new("plans").await;
    let connection = &mut database.connection;
    // Each message has one of the words, and one in ten thousand the other.
    let messages = "INSERT INTO message_words (rowid, words)
        SELECT n, 'router ' || CASE WHEN n % 10000 = 0 THEN 'serial' ELSE 'lamp' END FROM generate_series(1, 20000) n";
    for prepare in [messages, "ANALYZE message_words", "BEGIN READ ONLY"] {
        let prepare = sqlx::raw_sql(prepare);
        prepare.execute(&mut *connection).await.unwrap();
    }
    let asked = translated(HELPED_OF_CUSTOMER.postgres);
    let asked = format!("PREPARE asked (TEXT, TEXT, TEXT, TEXT) AS {asked}");
    for prepare in [translated(BOUNDED.postgres), asked] {
        let prepare = sqlx::raw_sql(AssertSqlSafe(prepare));
        prepare.execute(&mut *connection).await.unwrap();
    }
    for word in ["router", "serial", "unheard"] {
        let explain = format!("EXPLAIN EXECUTE asked ('care', 'chat', '', '(''{word}'')')");
        let explain = sqlx::raw_sql(AssertSqlSafe(explain));
        let rows = explain.fetch_all(&mut *connection).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        assert!(plan.contains("message_words_found"), "{word}: {plan}");
        let reads_all = ["message_words_pkey", "Seq Scan on message_words"];
        assert!(
            !reads_all.iter().any(|step| plan.contains(step)),
            "{word}: {plan}"
        );
    }
    database.remove().await;
}
