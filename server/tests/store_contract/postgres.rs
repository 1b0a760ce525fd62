//! What only PostgreSQL can get wrong: transactions beside each other, callers who leave, connections that are lost, a database
//! that is not this process's alone.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use server::store::postgres::{OpenError, PostgresStore, Sharing};
use server::store::sqlite::SqliteStore;
use server::store::{OwnedStore, Store, StoreError};
use sqlx::{AssertSqlSafe, Connection, Row};

use crate::fixtures::*;
use crate::postgres_databases::{Database, connect};

/// Waits until something holds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("still not: {what}");
}

/// How many connections have a transaction open that does nothing.
async fn left_open(database: &Database) -> i64 {
    let mut connection = connect(&database.url()).await;
    let row = sqlx::query(
        "SELECT COUNT(*) AS count FROM pg_stat_activity
         WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    row.get("count")
}

async fn refused(database: &Database) -> OpenError {
    match PostgresStore::open(&database.address(), Sharing::Alone).await {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_have_no_gaps_when_many_write_at_once_and_who_met_another_was_tried_again() {
    const MESSAGES: usize = 60;
    let fixture = on_postgres().await;
    let chat = fixture.chat_of("amy", "kim").await;
    let other = fixture.chat_of("ben", "lou").await;
    let (_, store) = fixture.postgres();
    let said = |number: usize| {
        let (chat, agent) = match number % 2 {
            0 => (&chat, "amy"),
            _ => (&other, "ben"),
        };
        let message = fixture.answer(chat, agent, &format!("Message {number}."));
        fixture.store.execute(message)
    };
    for written in join_all((0..MESSAGES).map(said)).await {
        written.unwrap();
    }
    for chat in [&chat, &other] {
        let entries = fixture.entries(chat).await;
        let numbers: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
        assert_eq!(numbers, Vec::from_iter(1..=entries.len() as i64));
        let lines = fixture.lines(chat).await;
        let messages: BTreeSet<_> = lines
            .iter()
            .filter(|line| line.contains("Message "))
            .collect();
        assert_eq!(messages.len(), MESSAGES / 2, "each once: {lines:?}");
    }
    assert!(store.writer_measures().retried.get() > 0);
    assert_eq!(store.writer_measures().failed.get(), 0);
}

/// From now on so many transactions that write a line meet another one, as far as they are told.
async fn meet(database: &Database, times: i64) {
    let mut connection = connect(&database.url()).await;
    // A sequence goes on, whatever becomes of the transaction.
    let script = format!(
        "CREATE SEQUENCE meetings;
        CREATE FUNCTION meet() RETURNS TRIGGER LANGUAGE plpgsql AS $$
        DECLARE
            number BIGINT := nextval('meetings');
        BEGIN
            IF number <= {times} THEN
                RAISE EXCEPTION 'met' USING ERRCODE = CASE number % 2 WHEN 0 THEN '40P01' ELSE '40001' END;
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER meets AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION meet();"
    );
    let script = sqlx::raw_sql(AssertSqlSafe(script));
    script.execute(&mut connection).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_meets_others_again_and_again_is_stored_once() {
    // More often than it is tried beside others.
    const TIMES: u32 = 9;
    let fixture = on_postgres().await;
    let (database, store) = fixture.postgres();
    let chat = fixture.chat_of("amy", "kim").await;
    let before = fixture.entries(&chat).await.len();
    let measures = store.writer_measures();
    let retried = measures.retried.get();
    meet(database, TIMES.into()).await;
    fixture.agent_says(&chat, "amy", "At last.").await.unwrap();
    assert_eq!(fixture.entries(&chat).await.len(), before + 1);
    assert_eq!(measures.retried.get() - retried, u64::from(TIMES));
    assert_eq!(measures.failed.get(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_meets_others_for_ever_is_refused_in_the_end_and_nothing_of_it_is_there() {
    // As docs/POSTGRESQL.md says.
    const TRIES: u64 = 46;
    let fixture = on_postgres().await;
    let (database, store) = fixture.postgres();
    let chat = fixture.chat_of("amy", "kim").await;
    let before = fixture.entries(&chat).await.len();
    let measures = store.writer_measures();
    let retried = measures.retried.get();
    meet(database, i64::MAX).await;
    let message = fixture.answer(&chat, "amy", "In the end.");
    let refused = fixture.store.execute(message.clone()).await;
    assert!(matches!(refused, Err(StoreError::Storage(_))));
    assert_eq!(measures.retried.get() - retried, TRIES - 1);
    assert_eq!(measures.failed.get(), 1);
    assert_eq!(fixture.entries(&chat).await.len(), before);
    until("no transaction is open", async || {
        left_open(database).await == 0
    })
    .await;

    let mut connection = connect(&database.url()).await;
    let gone = sqlx::raw_sql("DROP TRIGGER meets ON entries");
    gone.execute(&mut connection).await.unwrap();
    fixture.store.execute(message).await.unwrap();
    assert_eq!(fixture.entries(&chat).await.len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_leaves_leaves_no_transaction_open_and_the_command_goes_on() {
    let fixture = on_postgres().await;
    let (database, _) = fixture.postgres();
    let chat = fixture.chat_of("amy", "kim").await;
    let before = fixture.entries(&chat).await.len();
    for number in 0..20 {
        let message = fixture.answer(&chat, "amy", &format!("Message {number}."));
        let sending = fixture.store.execute(message);
        // Begun, and dropped.
        let answered = tokio::time::timeout(Duration::from_micros(number * 100), sending).await;
        drop(answered);
        let mut rows = fixture.store.snapshot().await.unwrap();
        let reading = rows.team_list();
        let _ = reading.now_or_never();
    }
    until("every command was carried out", async || {
        fixture.entries(&chat).await.len() == before + 20
    })
    .await;
    until("no transaction is open", async || {
        left_open(database).await == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_may_be_restarted_between_two_commands() {
    let fixture = on_postgres().await;
    let (database, store) = fixture.postgres();
    let chat = fixture.chat_of("amy", "kim").await;
    fixture.agent_says(&chat, "amy", "Before.").await.unwrap();
    database.disconnect().await;
    let message = fixture.answer(&chat, "amy", "After.");
    until("the database is there again", async || {
        // With its key, so it is stored once however often it is sent.
        fixture.store.execute(message.clone()).await.is_ok()
    })
    .await;
    // Notices that it has lost its lock, and takes it again.
    let mut quiet = 0;
    until("the lock is held for a while", async || {
        quiet = if store.probe().await.is_ok() {
            quiet + 1
        } else {
            0
        };
        quiet > 75
    })
    .await;
    let lines = fixture.lines(&chat).await;
    let after = lines.iter().filter(|line| line.contains("After.")).count();
    assert_eq!(after, 1, "{lines:?}");
    let error = refused(database).await;
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
}

#[tokio::test]
async fn a_second_process_is_refused_until_the_first_has_ended() {
    let database = Database::new().await;
    let first = database.open().await;
    let error = refused(&database).await;
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    let epoch = first.epoch().to_owned();
    first.close().await;
    assert!(first.probe().await.is_err(), "it is closed");
    let second = database.open().await;
    assert_eq!(second.epoch(), epoch, "numbers go on");
    second.probe().await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_opened_has_its_reason_and_no_password() {
    let told =
        async |url: &str| match PostgresStore::open(&url.parse().unwrap(), Sharing::Alone).await {
            Ok(_) => panic!("it opened"),
            Err(error) => error,
        };
    let unreachable = told("postgres://desk:hush@127.0.0.1:1/desk").await;
    assert!(
        matches!(unreachable, OpenError::Unreachable { .. }),
        "{unreachable}"
    );
    assert!(!unreachable.to_string().contains("hush"));
    let database = Database::empty().await;
    let nowhere = database.url().replace("sideline_test", "no_sideline");
    let missing = told(&nowhere).await;
    assert!(matches!(missing, OpenError::Missing { .. }), "{missing}");
    let mut connection = connect(&database.url()).await;
    let other = sqlx::raw_sql("CREATE TABLE ledger (sum BIGINT)");
    other.execute(&mut connection).await.unwrap();
    let foreign = refused(&database).await;
    assert!(matches!(foreign, OpenError::NotOurs { .. }), "{foreign}");
    sqlx::raw_sql("DROP TABLE ledger")
        .execute(&mut connection)
        .await
        .unwrap();
    let (from, to) = PostgresStore::migrate(&database.address()).await.unwrap();
    assert!(from == 0 && to > 0);
    assert_eq!(
        PostgresStore::migrate(&database.address()).await.unwrap(),
        (to, to)
    );
    let newer = sqlx::raw_sql(
        "UPDATE _sqlx_migrations SET version = 9999
        WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)",
    );
    newer.execute(&mut connection).await.unwrap();
    let newer = refused(&database).await;
    assert!(
        matches!(newer, OpenError::Newer { found: 9_999, .. }),
        "{newer}"
    );
}

#[tokio::test]
async fn a_request_of_the_release_before_has_the_template_of_its_words() {
    let fixture = on_postgres().await;
    for (id, text) in [("help", "I need help."), ("look", "Please look.")] {
        let template = fixture.add_template(id, text).await;
        let raised = fixture.raise_hand("amy", &template, &["sam"], None).await;
        raised.unwrap();
    }
    let (database, _) = fixture.postgres();
    let mut connection = connect(&database.url()).await;
    let before = "ALTER TABLE requests DROP COLUMN template_id;
        UPDATE templates SET text = 'Look, please.' WHERE id = 'look'";
    let migration = include_str!("../../../migrations/postgres/0057_request_templates.sql");
    for script in [before, migration] {
        let script = sqlx::raw_sql(script);
        script.execute(&mut connection).await.unwrap();
    }
    let rows = sqlx::query("SELECT template_id FROM requests ORDER BY at")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let templates: Vec<Option<String>> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(templates, [Some("help".to_owned()), None]);
}

#[tokio::test]
async fn a_role_of_the_release_before_has_the_permissions_that_came_since() {
    let fixture = on_postgres().await;
    let (database, _) = fixture.postgres();
    let mut connection = connect(&database.url()).await;
    let before = r#"ALTER TABLE custom_roles DROP COLUMN more_permissions;
        ALTER TABLE users DROP COLUMN presence_at;
        ALTER TABLE users DROP COLUMN present_since;
        DROP INDEX audit_agent_is;
        DROP INDEX audit_agent_was;
        INSERT INTO custom_roles (id, kind, name, name_key, permissions, version) VALUES
            ('coach', 'supervisor', 'Coach', 'coach', '["coaching.send","workitem.take_over"]', 0),
            ('reads', 'supervisor', 'Reads', 'reads', '["workitem.view"]', 0)"#;
    let migration = include_str!("../../../migrations/postgres/0064_rights.sql");
    for script in [before, migration] {
        let script = sqlx::raw_sql(script);
        script.execute(&mut connection).await.unwrap();
    }
    let roles = "SELECT permissions || more_permissions FROM custom_roles ORDER BY id";
    let rows = sqlx::query(roles).fetch_all(&mut connection).await.unwrap();
    let roles: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        roles,
        [
            r#"["coaching.send","workitem.review","workitem.take_over"]["workitem.give_back"]"#,
            r#"["workitem.view"][]"#
        ]
    );
}

/// A column: its table, its name, whether it may be empty.
type Column = (String, String, bool);

#[tokio::test]
async fn both_databases_have_the_same_version_and_the_same_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    let (_, sqlite_version) = SqliteStore::migrate(&path).await.unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    let columns = "SELECT t.name, c.name, c.\"notnull\" = 0 AND c.pk = 0 FROM pragma_table_list t, pragma_table_info(t.name) c
        WHERE t.schema = 'main' AND t.type IN ('table', 'virtual') AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '%_words'
            AND t.name NOT IN ('_sqlx_migrations', 'schema_version')";
    let mut statement = file.prepare(columns).unwrap();
    let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<Column> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    };
    let sqlite: BTreeSet<Column> = statement
        .query_map([], read)
        .unwrap()
        .map(Result::unwrap)
        .collect();

    let database = Database::empty().await;
    let (_, postgres_version) = PostgresStore::migrate(&database.address()).await.unwrap();
    assert_eq!(
        postgres_version, sqlite_version,
        "a migration stands in both folders, under one number"
    );
    let mut connection = connect(&database.url()).await;
    // What is made of other columns is not copied.
    let columns = "SELECT table_name::TEXT, column_name::TEXT, is_nullable = 'YES' FROM information_schema.columns
        WHERE table_schema = 'public' AND is_generated = 'NEVER' AND table_name NOT LIKE '%\\_words' AND table_name <> '_sqlx_migrations'";
    let columns = sqlx::query_as::<_, Column>(columns)
        .fetch_all(&mut connection)
        .await;
    let names = "SELECT table_name::TEXT, column_name::TEXT, is_nullable = 'YES' FROM information_schema.columns
        WHERE table_name = 'name_words'";
    let names = sqlx::query_as::<_, Column>(names)
        .fetch_all(&mut connection)
        .await;
    let postgres: BTreeSet<Column> = columns.unwrap().into_iter().collect();
    assert_eq!(names.unwrap().len(), 3);
    let differ: Vec<_> = sqlite.symmetric_difference(&postgres).collect();
    assert!(differ.is_empty(), "{differ:?}");
    let texts = "SELECT COUNT(*) AS count FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_collation l ON l.oid = a.attcollation
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::REGNAMESPACE AND c.relname <> '_sqlx_migrations' AND l.collname <> 'C'";
    let texts = sqlx::query(texts).fetch_one(&mut connection).await.unwrap();
    assert_eq!(
        texts.get::<i64, _>("count"),
        0,
        "every text compares bytewise"
    );
}
