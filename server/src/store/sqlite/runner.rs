//! Where the statements of row operations run: in the writer's job, or for a snapshot.

use futures_util::FutureExt;

use super::readers::{Lease, Readers};
use super::statement::Connection;
use crate::store::{
    ErasedAnswer, ErasedCommand, Snapshot, StoreError, Stored, Transaction, Written,
};

/// Runs statements on the connection of one transaction.
pub(super) trait Runner: Send {
    /// Runs right here what finds few rows by a key: it is done before another thread would have begun.
    fn quick<T>(&mut self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T>;

    /// Runs what may take its time.
    fn slow<T, W>(&mut self, work: W) -> impl Future<Output = Stored<T>> + Send
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Stored<T> + Send + 'static;
}

/// The rows of one transaction. The operations are implemented by area, in the file of the area.
pub(super) struct Rows<R>(R);

impl<R: Runner> Rows<R> {
    /// See [`Runner::quick`].
    pub(super) fn quick<T>(&mut self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        self.0.quick(work)
    }

    /// See [`Runner::slow`].
    pub(super) fn slow<T, W>(&mut self, work: W) -> impl Future<Output = Stored<T>> + Send
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Stored<T> + Send + 'static,
    {
        self.0.slow(work)
    }
}

impl<R: Runner> Snapshot for Rows<R> {}

/// The writer's job: every statement runs on the writer's thread, so every future is ready at once.
pub(super) struct Inline<'c>(&'c mut Connection);

impl Rows<Inline<'_>> {
    /// The connection, for the operations that write.
    pub(super) fn connection(&self) -> &Connection {
        self.0.0
    }
}

impl Transaction for Rows<Inline<'_>> {}

impl Runner for Inline<'_> {
    fn quick<T>(&mut self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        work(self.0)
    }

    fn slow<T, W>(&mut self, work: W) -> impl Future<Output = Stored<T>> + Send
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Stored<T> + Send + 'static,
    {
        let result = work(self.0);
        async move { result }
    }
}

/// Carries out a command in the writer's job.
pub(super) fn carry_out(
    command: &dyn ErasedCommand,
    connection: &mut Connection,
) -> Stored<Written<ErasedAnswer>> {
    let mut rows = Rows(Inline(connection));
    let ready = command.execute_erased(&mut rows).now_or_never();
    ready.unwrap_or_else(|| {
        Err(StoreError::Storage(
            "a command waited for something other than its rows".to_owned(),
        ))
    })
}

/// A snapshot: its transaction begins with the first operation.
pub(super) struct Reading {
    readers: Readers,
    lease: Option<Lease>,
}

impl Rows<Reading> {
    /// A snapshot that has not begun.
    pub(super) fn snapshot(readers: Readers) -> Self {
        Self(Reading {
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
