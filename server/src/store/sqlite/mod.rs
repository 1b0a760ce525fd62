//! The store in one SQLite file: one writer that commits in groups, a few readers that cannot write.
//!
//! Each area is a file with its statements as constants on top. A write is
//! one job of the writer (see `writer`), a read takes a connection of its own (see `readers`).
//!
//! Two libraries speak to SQLite here. What runs while people work goes through rusqlite, on the thread that asks: sqlx
//! hands each statement to a thread of its connection and back, which took most of the time of a message. What an
//! operator runs (opening and migrating, `check`, `backup`) goes through sqlx.

mod absence;
mod accounts;
mod agents;
mod alerts;
mod analytics;
mod audit;
mod audit_chain;
mod backup;
mod browsers;
mod channels;
mod coaching;
mod commands;
mod custom_roles;
mod customer_files;
mod customers;
mod dashboards;
mod deletions;
mod deliveries;
mod directory;
mod dismissals;
mod erasure;
mod escalations;
mod events;
mod file_sources;
mod files;
mod health;
mod history;
mod jobs;
mod labels;
mod listed;
mod log_frames;
mod log_pages;
mod measures;
mod migrations;
mod monitoring;
mod names;
mod notifications;
mod open;
mod organisation;
mod passkeys;
mod people;
#[cfg(debug_assertions)]
mod plans;
mod queue;
mod readers;
mod receivers;
mod requests;
mod retention;
mod rows;
mod runner;
mod saved_texts;
mod second_factors;
mod sessions;
mod sign_ins;
mod statement;
mod teams;
mod templates;
mod tokens;
mod transcripts;
mod users;
mod verify;
mod views;
mod walls;
mod workitems;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use sqlx::Connection as _;

pub use self::backup::{BackupError, backup};
use self::health::Health;
pub use self::listed::{ListedUser, users_of};
pub use self::measures::{WriterMeasures, WriterStats};
pub use self::open::OpenError;
use self::readers::Readers;
use self::runner::Rows;
use self::statement::Connection;
pub use self::verify::{Finding, verify};
use self::writer::Writer;
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

    /// Finishes the writes that wait, closes the file and gives its lock back. A later caller gets an error.
    pub async fn close(&self) {
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

/// Those who hear of commits. Cheap to clone.
#[derive(Clone, Default)]
struct Listeners(Arc<RwLock<Vec<Arc<dyn CommitListener>>>>);

impl Listeners {
    fn add(&self, listener: Arc<dyn CommitListener>) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(listener);
    }

    /// Reports how the commit of a write went.
    fn report(&self, written: Option<&Written<ErasedAnswer>>) {
        for listener in &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            match written {
                Some(written) => listener.committed(&written.changes),
                None => listener.failed(),
            }
        }
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
        let work = move |connection: &mut Connection| runner::carry_out(&*command, connection);
        let listeners = self.listeners.clone();
        let settled = move |written: Option<&_>| listeners.report(written);
        self.writer.submit(work, settled).await
    }

    async fn snapshot(&self) -> Stored<Box<dyn Snapshot>> {
        Ok(Box::new(Rows::snapshot(self.readers.clone())))
    }

    fn listen(&self, listener: Arc<dyn CommitListener>) {
        self.listeners.add(listener);
    }

    async fn probe(&self) -> Stored<()> {
        health::probe(self).await
    }
}
