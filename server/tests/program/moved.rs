//! A database moves from its file to PostgreSQL, is verified there and copied back (issue "More than one machine").

use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Row};

use crate::check::lived_in;
use crate::fixtures::{Data, Program, in_order, run, said};
use crate::people::{called, entries, key, own_workitem, sign_in};
use crate::postgres::Database;

async fn file(data: &Data) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(data.database());
    options.connect().await.expect("the file")
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
    let rows =
        "SELECT (SELECT COUNT(*) FROM entries) AS entries, (SELECT COUNT(*) FROM audit) AS audit";
    let before = sqlx::query(rows)
        .fetch_one(&mut file)
        .await
        .expect("counts");
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
    let mut connection = crate::postgres::connect(&database.url()).await;
    let after = sqlx::query(rows)
        .fetch_one(&mut connection)
        .await
        .expect("counts");
    for column in ["entries", "audit"] {
        assert_eq!(before.get::<i64, _>(column), after.get::<i64, _>(column));
    }

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
