//! Whether the store works: what went wrong lately, and a probe for what supervises the process.

use std::sync::atomic::{AtomicBool, Ordering};

use super::SqliteStore;
use crate::store::sql::statement::sql;
use crate::store::{StoreError, Stored};

const WRITE: &str = "UPDATE probe SET count = count + 1 WHERE one = 1";
/// 256 KiB, which a disk that has just refused something must take.
const FILL: &str = "UPDATE probe SET count = count + 1, room = zeroblob(262144) WHERE one = 1";
const EMPTY: &str = "UPDATE probe SET room = NULL WHERE one = 1";
const READ: &str = "SELECT count FROM probe WHERE one = 1";

/// What went wrong since it last worked.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Something could not be written or read: a small write that works proves nothing.
    suspect: AtomicBool,
    /// What stands in the file is no database any more. That does not heal.
    damaged: AtomicBool,
}

impl Health {
    /// Takes note of how something ended.
    pub(super) fn note<T>(&self, result: &Stored<T>) {
        match result {
            Err(StoreError::Storage(_)) => self.suspect.store(true, Ordering::Relaxed),
            Err(StoreError::Damaged(_)) => self.damaged.store(true, Ordering::Relaxed),
            _ => {}
        }
    }
}

/// See [`Store::probe`](crate::store::Store::probe).
pub(super) async fn probe(store: &SqliteStore) -> Stored<()> {
    if store.health.damaged.load(Ordering::Relaxed) {
        return Err(StoreError::Damaged(
            "the database was found to be damaged".to_owned(),
        ));
    }
    let suspect = store.health.suspect.load(Ordering::Relaxed);
    write(store, if suspect { FILL } else { WRITE }).await?;
    if suspect {
        write(store, EMPTY).await?;
        store.health.suspect.store(false, Ordering::Relaxed);
    }
    store.readers.quick(|connection| {
        sql(READ).fetch_one(connection)?;
        Ok(())
    })
}

async fn write(store: &SqliteStore, statement: &'static str) -> Stored<()> {
    let work = move |connection: &mut rusqlite::Connection| {
        sql(statement).execute(connection)?;
        Ok(())
    };
    store.writer.submit(work, |_| {}).await
}
