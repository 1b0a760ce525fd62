//! Databases of SQLite for tests: a new one is a copy of one that was migrated once, because migrating takes longer than most tests.

use std::path::Path;

use server::store::sqlite::SqliteStore;
use tokio::sync::OnceCell;

/// The store in this file, which is made where it is missing.
pub async fn open(path: &Path) -> SqliteStore {
    if !path.exists() {
        std::fs::write(path, migrated().await).expect("a new database");
    }
    SqliteStore::open(path).await.expect("the database opens")
}

/// A database without any data, as bytes.
async fn migrated() -> &'static [u8] {
    static MIGRATED: OnceCell<Vec<u8>> = OnceCell::const_new();
    let make = async || {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let path = folder.path().join("sideline.db");
        SqliteStore::migrate(&path).await.expect("a schema");
        std::fs::read(&path).expect("the database")
    };
    MIGRATED.get_or_init(make).await
}
