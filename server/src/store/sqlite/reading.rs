//! Snapshots: where their statements run.

use super::readers::{Lease, Readers};
use crate::store::Stored;
use crate::store::sql::runner::{Rows, Runner};
use crate::store::sql::statement::Connection;

/// A snapshot: its transaction begins with the first operation.
pub(super) struct Reading {
    readers: Readers,
    lease: Option<Lease>,
}

impl Rows<Reading> {
    /// A snapshot that has not begun.
    pub(super) fn snapshot(readers: Readers) -> Self {
        Self::over(Reading {
            readers,
            lease: None,
        })
    }
}

impl Reading {
    fn lease(&mut self) -> Stored<Lease> {
        match self.lease.take() {
            Some(lease) => Ok(lease),
            None => self.readers.lease(),
        }
    }
}

impl Runner for Reading {
    fn quick<T>(&mut self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        let result = self.lease().and_then(|lease| {
            let result = lease.run(work);
            self.lease = Some(lease);
            result
        });
        self.readers.note(&result);
        result
    }

    async fn slow<T, W>(&mut self, work: W) -> Stored<T>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Stored<T> + Send + 'static,
    {
        let lease = self.lease.take();
        let result = self.readers.slow(lease, work).await;
        let result = result.and_then(|(lease, result)| {
            self.lease = Some(lease);
            result
        });
        self.readers.note(&result);
        result
    }
}
