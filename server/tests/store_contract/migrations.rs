//! Databases of releases before: each version that was ever the newest is brought up to date, and keeps what it holds.

use std::fs;
use std::path::{Path, PathBuf};

use server::store::sqlite::{SqliteStore, verify};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

fn scripts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/sqlite");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = files.iter().map(fs::read_to_string);
    read.collect::<Result<_, _>>().unwrap()
}

async fn connect(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true);
    options.connect().await.unwrap()
}

/// A database as the runner of the first releases made it, with a team.
async fn of_release(version: usize, path: &Path) {
    let mut file = connect(path).await;
    let mut script = "CREATE TABLE schema_version (version INTEGER PRIMARY KEY) STRICT;".to_owned();
    for (number, migration) in (1..).zip(scripts().iter().take(version)) {
        script += migration;
        script += &format!("INSERT INTO schema_version (version) VALUES ({number});");
    }
    script += "INSERT INTO teams (id, name, created_at) VALUES ('care', 'Care', 1);";
    sqlx::raw_sql(AssertSqlSafe(script))
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
}

async fn texts(path: &Path, query: &'static str) -> Vec<String> {
    let mut file = connect(path).await;
    let rows = sqlx::query(query).fetch_all(&mut file).await.unwrap();
    file.close().await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

async fn schema(path: &Path) -> Vec<String> {
    texts(
        path,
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name",
    )
    .await
}

#[tokio::test]
async fn a_database_of_each_release_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("fresh.db");
    let (_, newest) = SqliteStore::migrate(&fresh).await.unwrap();
    let versions = scripts().len();
    assert_eq!(newest, versions as i64);
    for version in 1..=versions {
        let data = folder.path().join(version.to_string());
        fs::create_dir(&data).unwrap();
        let path = data.join("sideline.db");
        of_release(version, &path).await;
        let migrated = SqliteStore::migrate(&path).await.unwrap();
        assert_eq!(migrated, (version as i64, newest));
        assert_eq!(schema(&path).await, schema(&fresh).await, "from {version}");
        assert_eq!(texts(&path, "SELECT name FROM teams").await, ["Care"]);
        let findings = verify(&path).await.unwrap();
        assert!(findings.is_empty(), "from {version}: {findings:?}");
        let store = SqliteStore::open(&path).await.unwrap();
        store.close().await;
        // As a release before reads it, which knows no other table.
        let known = "SELECT CAST(MAX(version) AS TEXT) FROM schema_version";
        assert_eq!(texts(&path, known).await, [newest.to_string()]);
    }
}

#[tokio::test]
async fn a_script_that_was_released_and_changed_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sideline.db");
    SqliteStore::migrate(&path).await.unwrap();
    let mut file = connect(&path).await;
    sqlx::query("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 1")
        .execute(&mut file)
        .await
        .unwrap();
    file.close().await.unwrap();
    let error = SqliteStore::migrate(&path).await.unwrap_err();
    assert!(error.to_string().contains("modified"), "{error}");
}
