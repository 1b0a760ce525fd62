//! The one writer: a thread that owns the one write connection and commits in groups.
//!
//! Everything that queued up while the last commit was on its way to disk goes into the next transaction, each job of
//! several in a savepoint of its own; the answers leave after the commit. The writer knows no use-case, never leaves a
//! transaction open, whatever becomes of those who asked, and reads a clock only to measure how long it took.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::files::{Changed, Files};
use super::health::Health;
use super::{log_pages, open};
use crate::store::measures::{Counters, WriterMeasures, WriterStats};
use crate::store::sql::rows::int;
use crate::store::sql::statement::sql;
use crate::store::{StoreError, Stored};

/// How many jobs may wait; one more is answered "busy".
const QUEUE: usize = 1_024;
/// How many jobs one transaction takes at most, so that the first of them does not wait long.
const GROUP: usize = 128;
/// When the log is to be emptied once more, after a reader was in the way.
const EMPTY_AGAIN: Duration = Duration::from_secs(1);

/// Why a transaction came to nothing.
#[derive(Clone, Debug)]
enum Lost {
    Failed(String),
    Damaged(String),
}

impl From<StoreError> for Lost {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged(reason) => Self::Damaged(reason),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<Changed> for Lost {
    fn from(changed: Changed) -> Self {
        Self::Failed(changed.to_string())
    }
}

/// Gives the asker the answer, once it is known how the commit went.
type Deliver = Box<dyn FnOnce(Result<(), Lost>) + Send>;

struct Ran {
    /// Whether what the job wrote shall stay.
    keep: bool,
    deliver: Deliver,
}

type Job = Box<dyn FnOnce(&mut Connection) -> Ran + Send>;

enum Order {
    Run(Job),
    /// Empty the log.
    Empty,
    Stop,
}

/// Has the write-ahead log emptied: what was deleted stands in it, in the pages of before, until it is begun again.
#[derive(Clone)]
pub(super) struct Emptier(mpsc::WeakSender<Order>);

impl Emptier {
    /// After what is written now.
    pub(super) fn ask(self) {
        let Some(orders) = self.0.upgrade() else {
            return;
        };
        if orders.try_send(Order::Empty).is_err() {
            drop(orders);
            self.ask_later();
        }
    }

    /// After a while: somebody reads what is in the log, or there is much to be written.
    fn ask_later(self) {
        let thread = thread::Builder::new().name("emptier".to_owned());
        let spawned = thread.spawn(move || {
            thread::sleep(EMPTY_AGAIN);
            if let Some(orders) = self.0.upgrade() {
                // Refused only when the writer has ended, and closing empties the log.
                let _ = orders.blocking_send(Order::Empty);
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "store: the write-ahead log was not emptied");
        }
    }
}

/// The way to the writer.
pub(super) struct Writer {
    orders: mpsc::Sender<Order>,
    counters: Arc<Counters>,
    health: Arc<Health>,
    /// Answers when the thread has ended.
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Writer {
    /// Starts the thread. It holds the lock until the connection is closed.
    pub(super) fn start(
        connection: Connection,
        path: PathBuf,
        lock: File,
        health: Arc<Health>,
    ) -> io::Result<Self> {
        let (orders, inbox) = mpsc::channel(QUEUE);
        let (ending, ended) = oneshot::channel();
        let counters = Arc::new(Counters::default());
        log_pages::count(&connection);
        let writer = WriterThread {
            inbox,
            emptier: Emptier(orders.downgrade()),
            connection: Some(connection),
            files: Files::of(&path),
            changed: None,
            path,
            counters: Arc::clone(&counters),
            _lock: lock,
        };
        thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                writer.run();
                // The store may be gone: then nobody needs to know.
                let _ = ending.send(());
            })?;
        Ok(Self {
            orders,
            counters,
            health,
            ended: Mutex::new(Some(ended)),
        })
    }

    /// Runs `work` in the next transaction and answers after its commit. What it wrote is undone when it answers
    /// an error. It runs to its end even when nobody waits for the answer any more. `settled` comes before the answer and
    /// in the order of commits: with what was done, or with nothing when a commit failed and who knows what is stored.
    pub(super) async fn submit<T, W, S>(&self, work: W, settled: S) -> Stored<T>
    where
        T: Send + 'static,
        W: FnOnce(&mut Connection) -> Stored<T> + Send + 'static,
        S: FnOnce(Option<&T>) + Send + 'static,
    {
        let asked = Instant::now();
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let result = work(connection);
            Ran {
                keep: result.is_ok(),
                deliver: Box::new(move |committed| {
                    match (&result, &committed) {
                        (Ok(value), Ok(())) => settled(Some(value)),
                        (Err(_), Ok(())) => {}
                        (_, Err(_)) => settled(None),
                    }
                    let outcome = match (result, committed) {
                        (Ok(value), Ok(())) => Ok(value),
                        (Ok(_), Err(Lost::Damaged(reason))) => Err(StoreError::Damaged(reason)),
                        (Ok(_), Err(Lost::Failed(reason))) => Err(StoreError::Storage(reason)),
                        (Err(error), _) => Err(error),
                    };
                    // The asker may be gone: then nobody needs to know.
                    let _ = answer.send(outcome);
                }),
            }
        });
        self.orders
            .try_send(Order::Run(job))
            .map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(_) => StoreError::Storage("busy".to_owned()),
                mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
            })?;
        let outcome = wait.await.unwrap_or_else(|_| {
            // The job was dropped unrun: behind the end, or because the file could not be opened again.
            Err(match self.orders.is_closed() {
                true => StoreError::Closed,
                false => StoreError::Storage("the write was given up".to_owned()),
            })
        });
        self.health.note(&outcome);
        if outcome.is_ok() {
            self.counters.acknowledged(asked);
        }
        outcome
    }

    /// What has the log emptied.
    pub(super) fn emptier(&self) -> Emptier {
        Emptier(self.orders.downgrade())
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
        if let Some(ended) = self.ended.lock().await.take() {
            // Refused only when the thread is gone already; then there is nothing to stop.
            let _ = self.orders.send(Order::Stop).await;
            let _ = ended.await;
        }
    }
}

struct WriterThread {
    inbox: mpsc::Receiver<Order>,
    emptier: Emptier,
    connection: Option<Connection>,
    path: PathBuf,
    files: Files,
    /// What somebody else did to the files, as it was last found and logged.
    changed: Option<Changed>,
    counters: Arc<Counters>,
    _lock: File,
}

impl WriterThread {
    fn run(mut self) {
        let mut stop = false;
        while !stop {
            let Some(order) = self.inbox.blocking_recv() else {
                break;
            };
            let mut group = Vec::new();
            let mut empty = false;
            let mut next = Some(order);
            while let Some(order) = next {
                match order {
                    Order::Run(job) => group.push(job),
                    Order::Empty => empty = true,
                    Order::Stop => stop = true,
                }
                next = (!stop && group.len() < GROUP)
                    .then(|| self.inbox.try_recv().ok())
                    .flatten();
            }
            // What was asked for before is done before: it takes no longer than writing the log back does.
            if empty {
                self.empty_log();
            }
            if !group.is_empty() {
                self.write(group);
            }
        }
        if let Some(connection) = self.connection.take()
            && let Err((_, error)) = connection.close()
        {
            tracing::warn!(%error, "store: the database was not closed cleanly");
        }
    }

    /// One transaction. A connection on which it failed as a whole is not used again.
    fn write(&mut self, group: Vec<Job>) {
        let size = group.len() as u64;
        let mut deliveries = Vec::with_capacity(group.len());
        let found = self.files.check();
        let outcome = match self.look_at(found) {
            Ok(()) => self.commit(group, &mut deliveries),
            // The jobs are dropped unrun: their askers learn that the write was given up.
            Err(changed) => Err(changed.into()),
        };
        match &outcome {
            Ok(()) => self.counters.committed(size),
            Err(_) => self.counters.failed(size),
        }
        for deliver in deliveries {
            deliver(outcome.clone());
        }
        if outcome.is_ok() {
            self.write_back();
        }
    }

    fn commit(&mut self, group: Vec<Job>, deliveries: &mut Vec<Deliver>) -> Result<(), Lost> {
        let size = group.len();
        log_pages::begin();
        let outcome = self.connected().and_then(|mut connection| {
            let outcome = transaction(&mut connection, group, deliveries);
            // Closing one rolls back whatever is left open.
            self.connection = outcome.is_ok().then_some(connection);
            outcome
        });
        if let Err(error) = outcome {
            tracing::error!(%error, jobs = size, "store: a transaction failed");
            self.files.reconnected();
            return Err(error.into());
        }
        let found = self.files.committed(log_pages::committed());
        Ok(self.look_at(found)?)
    }

    /// Says once what somebody did to the files, and once that it is undone.
    fn look_at(&mut self, found: Result<(), Changed>) -> Result<(), Changed> {
        let changed = found.as_ref().err();
        if changed != self.changed.as_ref() {
            match changed {
                Some(changed) => tracing::error!(
                    %changed,
                    "store: the database was changed by somebody else; nothing is stored any more until Sideline is started again"
                ),
                None => tracing::warn!("store: the files of the database are there again"),
            }
            self.changed = changed.cloned();
        }
        found
    }

    /// Writes the log back into the database when it has grown enough. Only the next write waits for it.
    fn write_back(&mut self) {
        let due = log_pages::due();
        if let Some(connection) = self.connection.as_ref().filter(|_| due) {
            // As far as readers let it; what is left is written back the next time.
            if let Err(error) = sql("PRAGMA wal_checkpoint(PASSIVE)").execute(connection) {
                tracing::warn!(%error, "store: the write-ahead log was not written back");
            }
            self.files.written_back();
        }
    }

    /// Writes the log back and cuts it to nothing. Where a reader needs it, it is tried again: no write waits for that.
    fn empty_log(&mut self) {
        let found = self.files.check();
        if self.look_at(found).is_err() {
            return;
        }
        let emptied = self.connection.as_ref().map_or(Ok(false), truncate);
        match emptied {
            Ok(true) => return self.files.emptied(),
            Ok(false) => self.emptier.clone().ask_later(),
            Err(error) => {
                tracing::warn!(%error, "store: the write-ahead log was not emptied");
            }
        }
        // Part of it may have been written back.
        self.files.written_back();
    }

    fn connected(&mut self) -> Stored<Connection> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => {
                let connection = open::writer(&self.path)?;
                log_pages::count(&connection);
                self.files.reconnected();
                Ok(connection)
            }
        }
    }
}

/// Whether the log was written back as a whole and cut to nothing.
fn truncate(connection: &Connection) -> Stored<bool> {
    connection.busy_timeout(Duration::ZERO)?;
    let row = sql("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection);
    connection.busy_timeout(open::PATIENCE)?;
    Ok(int(&row?, "busy")? == 0)
}

fn transaction(
    connection: &mut Connection,
    group: Vec<Job>,
    deliveries: &mut Vec<Deliver>,
) -> Stored<()> {
    sql("BEGIN IMMEDIATE").execute(connection)?;
    let mut group = group;
    if group.len() == 1
        && let Some(job) = group.pop()
    {
        return alone(connection, job, deliveries);
    }
    let mut failed = None;
    for job in group {
        if failed.is_some() {
            // The transaction is lost, but everybody in the group gets the reason.
            break;
        }
        match savepoint(connection, job) {
            Ok(deliver) => deliveries.extend(deliver),
            Err((error, deliver)) => {
                deliveries.extend(deliver);
                failed = Some(error);
            }
        }
    }
    match failed {
        Some(error) => Err(error),
        None => sql("COMMIT").execute(connection).map(drop),
    }
}

/// A job that has the transaction to itself is undone with it, so it needs no savepoint, for which SQLite would copy each
/// page before it changes.
fn alone(connection: &mut Connection, job: Job, deliveries: &mut Vec<Deliver>) -> Stored<()> {
    let (keep, deliver) = run(connection, job);
    deliveries.extend(deliver);
    let end = if keep { "COMMIT" } else { "ROLLBACK" };
    sql(end).execute(connection).map(drop)
}

/// Runs one job in a savepoint. `Err` means that the whole transaction is lost, not that the job answered an error.
fn savepoint(
    connection: &mut Connection,
    job: Job,
) -> Result<Option<Deliver>, (StoreError, Option<Deliver>)> {
    sql("SAVEPOINT job")
        .execute(connection)
        .map_err(|error| (error, None))?;
    let (keep, deliver) = run(connection, job);
    if !keep && let Err(error) = sql("ROLLBACK TO job").execute(connection) {
        return Err((error, deliver));
    }
    match sql("RELEASE job").execute(connection) {
        Ok(_) => Ok(deliver),
        Err(error) => Err((error, deliver)),
    }
}

/// Whether what the job wrote shall stay, and who gets the answer. A panic is a defect in one job; the writer and the rest
/// of the group go on.
fn run(connection: &mut Connection, job: Job) -> (bool, Option<Deliver>) {
    match catch_unwind(AssertUnwindSafe(|| job(connection))) {
        Ok(ran) => (ran.keep, Some(ran.deliver)),
        Err(_) => {
            tracing::error!("store: a job panicked and was undone");
            (false, None)
        }
    }
}

#[cfg(test)]
mod tests;
