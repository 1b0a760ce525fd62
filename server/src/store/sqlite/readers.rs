//! Connections that only read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::health::Health;
use super::open;
use crate::store::sql::statement::{Connection, sql};
use crate::store::{StoreError, Stored};

/// How many of the reads that take longer run at the same time.
const AT_ONCE: usize = 4;
/// How many connections are kept for later. When everybody comes at once there are many more for a moment, and each holds
/// the schema, plans and pages of its own: a megabyte and more.
const KEPT: usize = 8;

/// The readers of one store. Cheap to clone.
#[derive(Clone)]
pub(super) struct Readers {
    path: Arc<Path>,
    /// Those that nobody uses now; `None` when the store is closed.
    idle: Arc<Mutex<Option<Vec<rusqlite::Connection>>>>,
    turns: Arc<Semaphore>,
    health: Arc<Health>,
}

impl Readers {
    /// Opens nothing before somebody reads.
    pub(super) fn new(path: PathBuf, health: Arc<Health>) -> Self {
        Self {
            path: path.into(),
            idle: Arc::new(Mutex::new(Some(Vec::new()))),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            health,
        }
    }

    /// Runs one statement on this thread, for what finds few rows by a key: it is done before another thread would have
    /// begun.
    pub(super) fn quick<T>(&self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        let result = self.take().and_then(|connection| {
            let result = work(&connection);
            self.give_back(connection);
            result
        });
        self.health.note(&result);
        result
    }

    /// Runs statements on a thread that may take its time: on the lease of a snapshot that has begun, or on a new one.
    pub(super) async fn slow<T, W>(
        &self,
        lease: Option<Lease>,
        work: W,
    ) -> Stored<(Lease, Stored<T>)>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Stored<T> + Send + 'static,
    {
        let given_up = |_| StoreError::Storage("a read was given up".to_owned());
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| StoreError::Closed)?;
        let readers = self.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let lease = lease.map_or_else(|| readers.lease(), Ok)?;
            let result = lease.run(work);
            Ok((lease, result))
        });
        task.await.map_err(given_up).flatten()
    }

    /// A connection in a transaction, for a snapshot.
    pub(super) fn lease(&self) -> Stored<Lease> {
        let connection = self.take()?;
        sql("BEGIN").execute(&connection)?;
        Ok(Lease {
            connection: Some(connection),
            readers: self.clone(),
        })
    }

    /// Takes note of how a read ended.
    pub(super) fn note<T>(&self, result: &Stored<T>) {
        self.health.note(result);
    }

    /// Closes those that nobody uses, and the others as they are given back. A later caller gets an error.
    pub(super) fn close(&self) {
        *self.idle() = None;
        self.turns.close();
    }

    fn take(&self) -> Stored<rusqlite::Connection> {
        let idle = self.idle().as_mut().ok_or(StoreError::Closed)?.pop();
        match idle {
            Some(connection) => Ok(connection),
            None => Ok(open::reader(&self.path)?),
        }
    }

    fn give_back(&self, connection: rusqlite::Connection) {
        let spare = match self.idle().as_mut() {
            Some(idle) if idle.len() < KEPT => {
                idle.push(connection);
                None
            }
            _ => Some(connection),
        };
        // Closed behind the lock, for closing takes longer than all else here.
        drop(spare);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Option<Vec<rusqlite::Connection>>> {
        // Nothing under this lock can panic half-way through a change.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that reads one state of the data, until this is dropped.
pub(super) struct Lease {
    connection: Option<rusqlite::Connection>,
    readers: Readers,
}

impl Lease {
    /// Runs statements.
    pub(super) fn run<T>(&self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        let connection = self.connection.as_ref().ok_or(StoreError::Closed)?;
        work(connection)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            // One whose transaction does not end is closed, which ends it.
            && sql("ROLLBACK").execute(&connection).is_ok()
        {
            self.readers.give_back(connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::SqliteStore;

    #[tokio::test]
    async fn a_moment_with_many_readers_leaves_few_connections() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join("sideline.db");
        SqliteStore::migrate(&path).await.unwrap();
        let readers = Readers::new(path, Arc::default());
        let leases: Vec<Lease> = (0..3 * KEPT).map(|_| readers.lease().unwrap()).collect();
        drop(leases);
        assert_eq!(readers.idle().as_ref().map(Vec::len), Some(KEPT));
    }
}
