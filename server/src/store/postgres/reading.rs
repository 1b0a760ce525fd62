//! Snapshots: where their statements run.

use tokio::runtime::Handle;

use super::session::Session;
use crate::store::sql::runner::Runner;
use crate::store::sql::statement::Connection;
use crate::store::{StoreError, Stored};

/// A snapshot, whose transaction has begun.
pub(super) struct Reading {
    runtime: Handle,
    /// Nothing when a read was given up half-way.
    session: Option<Session>,
}

impl Reading {
    pub(super) fn new(runtime: Handle, session: Session) -> Self {
        Self {
            runtime,
            session: Some(session),
        }
    }
}

impl Runner for Reading {
    fn quick<T>(&mut self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        let session = self.session.as_ref().ok_or(StoreError::Closed)?;
        work(session)
    }

    async fn slow<T, W>(&mut self, work: W) -> Stored<T>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Stored<T> + Send + 'static,
    {
        let session = self.session.take().ok_or(StoreError::Closed)?;
        let task = self.runtime.spawn_blocking(move || {
            let result = work(&session);
            (session, result)
        });
        let done = task.await;
        let (session, result) =
            done.map_err(|_| StoreError::Storage("a read was given up".to_owned()))?;
        self.session = Some(session);
        result
    }
}
