//! Where the statements of row operations run: in the transaction of a command, or for a snapshot.

use futures_util::FutureExt;

use super::statement::Connection;
use crate::store::{
    ErasedAnswer, ErasedCommand, Snapshot, StoreError, Stored, Transaction, Written,
};

/// Runs statements on the connection of one transaction.
pub(in crate::store) trait Runner: Send {
    /// Runs right here what finds few rows by a key: it is done before another thread would have begun.
    fn quick<T>(&mut self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T>;

    /// Runs what may take its time.
    fn slow<T, W>(&mut self, work: W) -> impl Future<Output = Stored<T>> + Send
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Stored<T> + Send + 'static;
}

/// The rows of one transaction. The operations are implemented by area, in the file of the area.
pub(in crate::store) struct Rows<R>(R);

impl<R: Runner> Rows<R> {
    /// Rows whose statements run there.
    pub(in crate::store) fn over(runner: R) -> Self {
        Self(runner)
    }

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

/// The transaction of a command: every statement runs on the thread that carries it out, so every future is ready at once.
pub(in crate::store) struct Inline<'c>(&'c mut Connection);

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

/// Carries out a command in the transaction that a connection is in.
pub(in crate::store) fn carry_out(
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
