//! A database moves from its file to PostgreSQL, is verified there and copied back (issue "More than one machine").

use serde_json::json;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use crate::check::lived_in;
use crate::fixtures::{Data, Program, in_order, run, said};
use crate::people::{called, entries, key, own_workitem, sign_in};
use crate::postgres::Database;

async fn file(data: &Data) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(data.database());
    options.connect().await.expect("the file")
}

/// Tables of the file whose rows do not move: the database's version, and its epoch, of which each has its own.
const STAYS: [&str; 3] = ["_sqlx_migrations", "schema_version", "store"];

/// How many rows each table of the file has, as SQLite lists them.
async fn rows_of(file: &mut SqliteConnection) -> Vec<(String, i64)> {
    let tables = "SELECT name FROM pragma_table_list
        WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite%' ORDER BY name";
    let tables: Vec<String> = sqlx::query_scalar(tables)
        .fetch_all(&mut *file)
        .await
        .expect("the tables");
    let mut rows = Vec::new();
    for table in tables {
        if !STAYS.contains(&table.as_str()) {
            let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{table}\""));
            let count = sqlx::query_scalar::<_, i64>(count)
                .fetch_one(&mut *file)
                .await;
            rows.push((table, count.expect("a count")));
        }
    }
    rows
}

/// Each of these tables is in PostgreSQL, with as many rows.
async fn all_there(postgres: &mut PgConnection, rows: &[(String, i64)]) {
    for (table, expected) in rows {
        let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{table}\""));
        let count = sqlx::query_scalar::<_, i64>(count)
            .fetch_one(&mut *postgres)
            .await;
        let count = count.unwrap_or_else(|error| panic!("{table}: {error}"));
        assert_eq!(count, *expected, "{table}");
    }
}

async fn moved(data: &Data, to: &Database) -> (bool, String) {
    let from = format!("sqlite:{}", data.database().display());
    let output = run(&["migrate-database", "--from", &from, "--to", &to.url()]).await;
    (output.status.success(), said(&output))
}

async fn checked(data: &Data, database: &Database) -> (bool, String) {
    let arguments = [
        "check",
        "--data",
        data.folder(),
        "--database",
        &database.url(),
    ];
    let output = run(&arguments).await;
    (output.status.success(), said(&output))
}

#[tokio::test]
async fn everything_moves_to_postgresql_and_people_go_on_where_they_were() {
    let data = lived_in().await;
    let database = Database::new().await;
    let mut file = file(&data).await;
    let before = rows_of(&mut file).await;
    let filled = before.iter().filter(|(_, rows)| *rows > 0).count();
    assert!(before.len() > 60 && filled > 15, "{before:?}");
    file.close().await.expect("closed");
    let (well, words) = moved(&data, &database).await;
    assert!(well, "{words}");
    assert!(words.contains("was read back and compared"), "{words}");
    let (well, words) = checked(&data, &database).await;
    assert!(well && words.contains("is in order"), "{words}");
    assert!(
        !words.contains("postgres@127.0.0.1:5432/postgres?"),
        "{words}"
    );
    // What waited for its index was added to it before the move.
    let mut file = self::file(&data).await;
    let indexed = rows_of(&mut file).await;
    file.close().await.expect("closed");
    assert_eq!(indexed.len(), before.len());
    let mut connection = crate::postgres::connect(&database.url()).await;
    all_there(&mut connection, &indexed).await;

    // Numbers go on.
    let program = Program::start(&data, &["--database", &database.url()]).await;
    let mut amy = sign_in(&program, "amy").await;
    let chat = own_workitem(&mut amy, &program, "chat").await;
    let said_before = entries(&mut amy, &program, &chat).await.len();
    let input = json!({ "workitem": chat, "key": key(), "text": "Here we are again" });
    called(&mut amy, &program, "workitems/message_send", input).await;
    let all = entries(&mut amy, &program, &chat).await;
    assert_eq!(all.last().expect("it")["seq"], said_before + 1);
    program.stop().await;

    let (well, words) = moved(&data, &database).await;
    assert!(
        !well && words.contains("holds users or work already"),
        "{words}"
    );
    let (well, words) = checked(&data, &database).await;
    assert!(well, "nothing was harmed: {words}");
}

#[tokio::test]
async fn a_backup_of_postgresql_is_a_file_in_order_without_sessions() {
    let data = lived_in().await;
    let database = Database::new().await;
    assert!(moved(&data, &database).await.0);
    let copy = data.file("copy.db");
    let to = copy.to_str().expect("a plain name");
    let arguments = [
        "backup",
        "--data",
        data.folder(),
        "--database",
        &database.url(),
        to,
    ];
    let output = run(&arguments).await;
    assert!(output.status.success(), "{}", said(&output));
    in_order(&copy).await;
    let options = SqliteConnectOptions::new().filename(&copy);
    let mut copied = options.connect().await.expect("the copy");
    let sessions = sqlx::query("SELECT COUNT(*) AS count FROM sessions");
    let sessions = sessions.fetch_one(&mut copied).await.expect("a count");
    assert_eq!(sessions.get::<i64, _>("count"), 0);
    let again = said(&run(&arguments).await);
    assert!(again.contains("exists already"), "{again}");
}

#[tokio::test]
async fn what_is_not_in_order_does_not_move() {
    let data = lived_in().await;
    let database = Database::new().await;
    let mut file = file(&data).await;
    let harm = "UPDATE workitems SET head = head + 1 WHERE state = 'active'";
    sqlx::query(harm).execute(&mut file).await.expect("harmed");
    file.close().await.expect("closed");
    let (well, words) = moved(&data, &database).await;
    assert!(
        !well && words.contains("staff revisions: workitem"),
        "{words}"
    );
    let mut connection = crate::postgres::connect(&database.url()).await;
    let users = sqlx::query("SELECT COUNT(*) AS count FROM users")
        .fetch_one(&mut connection)
        .await;
    assert_eq!(users.expect("a count").get::<i64, _>("count"), 0);

    // What is wrong in PostgreSQL is found there too.
    let other = lived_in().await;
    let there = Database::new().await;
    assert!(moved(&other, &there).await.0);
    let mut connection = crate::postgres::connect(&there.url()).await;
    sqlx::query(harm)
        .execute(&mut connection)
        .await
        .expect("harmed");
    let (well, words) = checked(&other, &there).await;
    assert!(
        !well && words.contains("staff revisions: workitem"),
        "{words}"
    );
}
