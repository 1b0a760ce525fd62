//! The store in one SQLite file: one writer that commits in groups, a few readers that cannot write.
//!
//! The row operations are those of `sql`. A write is one job of the writer (see `writer`), a read takes a connection of its
//! own (see `readers`).
//!
//! Two libraries speak to SQLite here. What runs while people work goes through rusqlite, on the thread that asks: sqlx
//! hands each statement to a thread of its connection and back, which took most of the time of a message. What an
//! operator runs (opening and migrating, `check`, `backup`) goes through sqlx.

mod audit_chain;
mod backup;
mod day_figures;
mod driver;
mod files;
mod finding;
mod health;
mod history;
mod listed;
mod log_frames;
mod log_pages;
mod migrations;
mod names;
mod open;
#[cfg(debug_assertions)]
mod plans;
mod readers;
mod reading;
mod verify;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::Connection as _;

pub use self::backup::{BackupError, backup, without_sessions};
pub use self::finding::Finding;
use self::health::Health;
pub use self::listed::{ListedUser, users_of};
pub use self::open::OpenError;
pub(in crate::store) use self::open::reading;
use self::readers::Readers;
pub use self::verify::verify;
use self::writer::Writer;
use super::listeners::Listeners;
use super::measures::OwnedStore;
pub use super::measures::{WriterMeasures, WriterStats};
use super::sql::runner::{self, Rows};
use super::*;

/// The store in one SQLite file.
pub struct SqliteStore {
    epoch: String,
    path: PathBuf,
    readers: Readers,
    health: Arc<Health>,
    writer: Writer,
    listeners: Listeners,
}

impl SqliteStore {
    /// Opens the file, making it and its folder where they are missing, and brings its schema up to date. Only
    /// one process can have it open.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let mut opened = open::open(path).await?;
        let epoch = open::epoch(&mut opened.connection, path).await?;
        let unusable = |reason: String| OpenError::Database {
            path: path.to_owned(),
            reason,
        };
        let connection = open::writer(path).map_err(|error| unusable(error.to_string()))?;
        let health = Arc::new(Health::default());
        let writer = Writer::start(connection, path.to_owned(), opened.lock, health.clone())
            .map_err(|error| unusable(error.to_string()))?;
        // The other one holds the file open; how this one is closed changes nothing.
        let _ = opened.connection.close().await;
        Ok(Self {
            epoch,
            path: path.to_owned(),
            readers: Readers::new(path.to_owned(), health.clone()),
            health,
            writer,
            listeners: Listeners::default(),
        })
    }

    /// Brings the schema up to date and closes the file: the version that was found and the one it has now.
    pub async fn migrate(path: &Path) -> Result<(i64, i64), OpenError> {
        let opened = open::open(path).await?;
        let closed = opened.connection.close().await;
        closed.map_err(|error| OpenError::Database {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(opened.versions)
    }

    /// Adds all that waits for the indexes of the history: on PostgreSQL, to which the file may be moved, nothing waits.
    pub(in crate::store) async fn index_all(&self) -> Stored<()> {
        let step = |connection: &mut rusqlite::Connection| sql::history::add_waiting(connection);
        while self.writer.submit(step, |_| {}).await? {}
        Ok(())
    }

    /// Finishes the writes that wait, closes the file and gives its lock back. A later caller gets an error.
    pub async fn close(&self) {
        match self.index_all().await {
            Ok(()) | Err(StoreError::Closed) => {}
            // The next program that opens it does that.
            Err(error) => tracing::warn!(%error, "store: what was said last is not indexed yet"),
        }
        self.readers.close();
        self.writer.close().await;
    }

    /// What the writer has done since the store was opened.
    pub fn writer_stats(&self) -> WriterStats {
        self.writer.stats()
    }

    /// How long writes take and how many share a commit.
    pub fn writer_measures(&self) -> &WriterMeasures {
        self.writer.measures()
    }

    /// How many writes wait for the next transaction.
    pub fn writes_waiting(&self) -> usize {
        self.writer.waiting()
    }

    /// The sizes of the database and of its write-ahead log, in bytes; 0 for a file that is not there.
    pub fn file_bytes(&self) -> (u64, u64) {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        (size(&self.path), size(&open::beside(&self.path, "-wal")))
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn epoch(&self) -> &str {
        &self.epoch
    }

    async fn execute_erased(
        &self,
        command: Box<dyn ErasedCommand>,
    ) -> Stored<Written<ErasedAnswer>> {
        let command: Arc<dyn ErasedCommand> = Arc::from(command);
        let carried_out = Arc::clone(&command);
        let emptier = self.writer.emptier();
        let work = move |connection: &mut rusqlite::Connection| {
            runner::carry_out(&*carried_out, connection)
        };
        let listeners = self.listeners.clone();
        let settled = move |written: Option<&Written<ErasedAnswer>>| match written {
            Some(written) => {
                listeners.committed(&written.changes);
                if command.has_wiped(&written.value) {
                    emptier.ask();
                }
            }
            None => listeners.failed(),
        };
        self.writer.submit(work, settled).await
    }

    async fn snapshot(&self) -> Stored<Box<dyn Snapshot>> {
        Ok(Box::new(Rows::snapshot(self.readers.clone())))
    }

    async fn history_waits(&self) -> Stored<bool> {
        self.readers.quick(sql::history::waits)
    }

    fn listen(&self, listener: Arc<dyn CommitListener>) {
        self.listeners.add(listener);
    }

    async fn probe(&self) -> Stored<()> {
        health::probe(self).await
    }
}

#[async_trait]
impl OwnedStore for SqliteStore {
    async fn close(&self) {
        self.close().await;
    }

    fn writer_measures(&self) -> &WriterMeasures {
        self.writer_measures()
    }

    fn writes_waiting(&self) -> usize {
        self.writes_waiting()
    }

    fn file_bytes(&self) -> Option<(u64, u64)> {
        Some(self.file_bytes())
    }
}
