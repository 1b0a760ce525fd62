//! The one writer: a task that owns the one write connection and commits in groups.
//!
//! Everything that queued up while the last commit was on its way to disk goes into the next transaction, each
//! job in a savepoint of its own; the answers leave after the commit. The writer knows no use-case, never leaves a
//! transaction open, whatever becomes of those who asked, and reads a clock only to measure how long it took.

use std::fs::File;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::measures::{Counters, WriterMeasures, WriterStats};
use super::rows::sql;
use crate::store::{StoreError, Stored};

/// How many jobs may wait; one more is answered "busy".
const QUEUE: usize = 1_024;
/// How many jobs one transaction takes at most, so that the first of them does not wait long.
const GROUP: usize = 128;

/// Gives the asker the answer, once it is known how the commit went.
type Deliver = Box<dyn FnOnce(Result<(), String>) + Send>;

struct Ran {
    /// Whether what the job wrote shall stay.
    keep: bool,
    deliver: Deliver,
}

type Job = Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Ran> + Send>;

enum Order {
    Run(Job),
    Stop,
}

/// The way to the writer.
pub(super) struct Writer {
    orders: mpsc::Sender<Order>,
    counters: Arc<Counters>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the task. It holds the lock until the connection is closed.
    pub(super) fn start(
        connection: SqliteConnection,
        options: SqliteConnectOptions,
        lock: File,
    ) -> Self {
        let (orders, inbox) = mpsc::channel(QUEUE);
        let counters = Arc::new(Counters::default());
        let desk = WriterTask {
            inbox,
            connection: Some(connection),
            options,
            counters: Arc::clone(&counters),
            _lock: lock,
        };
        Self {
            orders,
            counters,
            task: Mutex::new(Some(tokio::spawn(desk.run()))),
        }
    }

    /// Runs `work` in the next transaction and answers after its commit. What it wrote is undone when it answers
    /// an error. It runs to its end even when nobody waits for the answer any more.
    pub(super) async fn submit<T, W>(&self, work: W) -> Stored<T>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Stored<T>> + Send + 'static,
    {
        let asked = Instant::now();
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            Box::pin(async move {
                let result = work(connection).await;
                Ran {
                    keep: result.is_ok(),
                    deliver: Box::new(move |committed| {
                        let told = match (result, committed) {
                            (Ok(value), Ok(())) => Ok(value),
                            (Ok(_), Err(reason)) => Err(StoreError::Storage(reason)),
                            (Err(error), _) => Err(error),
                        };
                        // The asker may be gone: then nobody needs to know.
                        let _ = answer.send(told);
                    }),
                }
            })
        });
        self.orders
            .try_send(Order::Run(job))
            .map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(_) => StoreError::Storage("busy".to_owned()),
                mpsc::error::TrySendError::Closed(_) => StoreError::Storage("closed".to_owned()),
            })?;
        let told = wait
            .await
            .unwrap_or_else(|_| Err(StoreError::Storage("the write was given up".to_owned())));
        if told.is_ok() {
            self.counters.acknowledged(asked);
        }
        told
    }

    /// What was done so far.
    pub(super) fn stats(&self) -> WriterStats {
        self.counters.stats()
    }

    /// How long it takes and how much it does at once.
    pub(super) fn measures(&self) -> &WriterMeasures {
        &self.counters.measures
    }

    /// How many jobs wait for the next transaction.
    pub(super) fn waiting(&self) -> usize {
        self.orders.max_capacity() - self.orders.capacity()
    }

    /// Finishes what is queued, closes the connection and gives the lock back. Later jobs are refused.
    pub(super) async fn close(&self) {
        if let Some(task) = self.task.lock().await.take() {
            // Refused only when the task is gone already; then there is nothing to stop.
            let _ = self.orders.send(Order::Stop).await;
            let _ = task.await;
        }
    }
}

struct WriterTask {
    inbox: mpsc::Receiver<Order>,
    connection: Option<SqliteConnection>,
    options: SqliteConnectOptions,
    counters: Arc<Counters>,
    _lock: File,
}

impl WriterTask {
    async fn run(mut self) {
        let mut stop = false;
        while !stop {
            let Some(order) = self.inbox.recv().await else {
                break;
            };
            let mut group = Vec::new();
            let mut next = Some(order);
            while let Some(order) = next {
                match order {
                    Order::Run(job) => group.push(job),
                    Order::Stop => stop = true,
                }
                next = (!stop && group.len() < GROUP)
                    .then(|| self.inbox.try_recv().ok())
                    .flatten();
            }
            if !group.is_empty() {
                self.write(group).await;
            }
        }
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "store: the database was not closed cleanly");
        }
    }

    /// One transaction. A connection on which it failed as a whole is not used again.
    async fn write(&mut self, group: Vec<Job>) {
        let size = group.len() as u64;
        let mut deliveries = Vec::with_capacity(group.len());
        let outcome = match self.connected().await {
            Ok(mut connection) => {
                let outcome = transaction(&mut connection, group, &mut deliveries).await;
                if outcome.is_ok() {
                    self.connection = Some(connection);
                } else {
                    // Closing rolls back whatever is left open.
                    let _ = connection.close().await;
                }
                outcome
            }
            // The jobs are dropped unrun: their askers learn that the write was given up.
            Err(error) => Err(error),
        };
        match &outcome {
            Ok(()) => self.counters.committed(size),
            Err(error) => {
                self.counters.failed(size);
                tracing::error!(%error, jobs = size, "store: a transaction failed");
            }
        }
        let told = outcome.map_err(|error| error.to_string());
        for deliver in deliveries {
            deliver(told.clone());
        }
    }

    async fn connected(&mut self) -> Result<SqliteConnection, sqlx::Error> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => self.options.connect().await,
        }
    }
}

async fn transaction(
    connection: &mut SqliteConnection,
    group: Vec<Job>,
    deliveries: &mut Vec<Deliver>,
) -> Result<(), sqlx::Error> {
    sql("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    let mut failed = None;
    for job in group {
        if failed.is_some() {
            // The transaction is lost, but everybody in the group gets the reason.
            break;
        }
        match savepoint(connection, job).await {
            Ok(deliver) => deliveries.extend(deliver),
            Err((error, deliver)) => {
                deliveries.extend(deliver);
                failed = Some(error);
            }
        }
    }
    match failed {
        Some(error) => Err(error),
        None => sql("COMMIT").execute(&mut *connection).await.map(drop),
    }
}

/// Runs one job. `Err` means that the whole transaction is lost, not that the job answered an error.
async fn savepoint(
    connection: &mut SqliteConnection,
    job: Job,
) -> Result<Option<Deliver>, (sqlx::Error, Option<Deliver>)> {
    sql("SAVEPOINT job")
        .execute(&mut *connection)
        .await
        .map_err(|error| (error, None))?;
    // A panic is a defect in one job; the writer and the rest of the group go on.
    let ran = AssertUnwindSafe(job(connection)).catch_unwind().await;
    let (keep, deliver) = match ran {
        Ok(ran) => (ran.keep, Some(ran.deliver)),
        Err(_) => {
            tracing::error!("store: a job panicked and was undone");
            (false, None)
        }
    };
    if !keep && let Err(error) = sql("ROLLBACK TO job").execute(&mut *connection).await {
        return Err((error, deliver));
    }
    match sql("RELEASE job").execute(&mut *connection).await {
        Ok(_) => Ok(deliver),
        Err(error) => Err((error, deliver)),
    }
}

#[cfg(test)]
mod tests;
