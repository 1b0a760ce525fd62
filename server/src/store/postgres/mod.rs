//! The store in a PostgreSQL database, which this process has alone or shares with other nodes.
//!
//! The row operations are those of `sql`. They ask a connection and wait for its answer, so they run on threads that may wait, and the
//! connections live in a runtime of the store's own: neither a caller who is dropped nor a runtime of one thread can leave a
//! transaction open or wait for itself. A command runs in a SERIALIZABLE transaction and again when it met another one
//! (`commands`); a snapshot is a REPEATABLE READ transaction that only reads; a look is a statement in none (`looks`).

mod address;
mod alone;
mod commands;
mod dialect;
#[cfg(test)]
mod limits;
mod looks;
mod migrations;
mod open;
#[cfg(test)]
mod plans;
mod reading;
mod reports;
mod session;
#[cfg(test)]
mod texts;
mod together;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Instant;

use async_trait::async_trait;
use sqlx::postgres::PgPool;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use self::address::PLANNED_ONCE;
pub use self::address::{Address, OpenError};
pub use self::alone::Sharing;
use self::commands::Commands;
use self::looks::{Look, Looks};
use self::reading::Reading;
use self::reports::Reports;
use self::session::{Purpose, Session};
use super::measures::{Counters, OwnedStore, WriterMeasures};
use super::sql::runner::Rows;
use super::*;

/// How many commands run at the same time.
const COMMANDS: u32 = 8;
/// How many commands may wait; one more is answered "busy".
const QUEUE: usize = 1_024;
/// How many snapshots there are at the same time.
const SNAPSHOTS: u32 = 12;
/// How many looks there are at the same time: each is one statement.
const LOOKS: usize = 4;

const WRITE: &str = "UPDATE probe SET count = count + 1 WHERE one = 1";

/// The store in a PostgreSQL database.
pub struct PostgresStore {
    epoch: String,
    runtime: OwnRuntime,
    commands: Arc<Commands>,
    /// A place for each command that runs.
    turns: Arc<Semaphore>,
    /// A place for each command that runs or waits.
    queue: Arc<Semaphore>,
    snapshots: PgPool,
    looks: Arc<Looks>,
    /// Whether this process has the database alone, as far as it knows.
    held: Arc<AtomicBool>,
    watch: JoinHandle<()>,
}

/// A runtime that ends without anybody waiting for it.
struct OwnRuntime(Option<Runtime>);

impl OwnRuntime {
    fn start() -> std::io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder
            .worker_threads(2)
            .thread_name("postgres")
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    fn handle(&self) -> &Handle {
        match &self.0 {
            Some(runtime) => runtime.handle(),
            None => unreachable!("it is there until it is dropped"),
        }
    }

    /// Awaits something in this runtime. It goes on when nobody waits any more.
    async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Stored<T>> + Send + 'static,
    ) -> Stored<T> {
        let done = self.handle().spawn(work).await;
        done.unwrap_or_else(|_| Err(StoreError::Storage("it was given up".to_owned())))
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Says what went wrong in front of any address.
fn unusable(address: &Address, reason: impl std::fmt::Display) -> OpenError {
    OpenError::Database {
        database: address.to_string(),
        reason: reason.to_string(),
    }
}

impl PostgresStore {
    /// Opens the database and brings its schema up to date. Where it is not shared only one process can have it open; this waits a
    /// moment for one that ends.
    pub async fn open(address: &Address, sharing: Sharing) -> Result<Self, OpenError> {
        let runtime = OwnRuntime::start().map_err(|error| unusable(address, error))?;
        let held = Arc::new(AtomicBool::new(true));
        let looks = Arc::new(Looks::new(address, LOOKS));
        let (place, watched) = (address.clone(), held.clone());
        // The connections belong to that runtime. (What sqlx's migrator awaits is not `Send`.)
        let opening = runtime.handle().spawn_blocking(move || {
            Handle::current().block_on(async move {
                let mut connection = place.connect().await?;
                open::check_server(&mut connection, &place).await?;
                alone::take(&mut connection, &place, sharing).await?;
                alone::take_migrations(&mut connection, &place).await?;
                open::migrate(&mut connection, &place).await?;
                let epoch = open::epoch(&mut connection, &place).await?;
                alone::leave_migrations(&mut connection, &place).await?;
                // Histories and figures are read by ranges, for which a plan of their own may be worth its while.
                let commands = place.with(PLANNED_ONCE).pool(COMMANDS);
                let pools = (commands, place.pool(SNAPSHOTS));
                let watch = tokio::spawn(alone::watch(connection, place, sharing, watched));
                Ok((epoch, pools, watch))
            })
        });
        let opened = opening.await.map_err(|error| unusable(address, error))?;
        let (epoch, (pool, snapshots), watch) = opened?;
        Ok(Self {
            epoch,
            runtime,
            commands: Arc::new(Commands {
                pool,
                beside: RwLock::default(),
                reports: Reports::default(),
                counters: Counters::default(),
            }),
            turns: Arc::new(Semaphore::new(COMMANDS as usize)),
            queue: Arc::new(Semaphore::new(QUEUE)),
            snapshots,
            looks,
            held,
            watch,
        })
    }

    /// Brings the schema up to date: the version that was found and the one it has now.
    pub async fn migrate(address: &Address) -> Result<(i64, i64), OpenError> {
        let (_connection, versions) = address.connect_alone().await?;
        Ok(versions)
    }

    /// Finishes the commands that run or wait, closes the connections and lets go of the database. A later caller gets an error.
    pub async fn close(&self) {
        // As many places as there are: nobody is left.
        let all = u32::try_from(QUEUE).unwrap_or(u32::MAX);
        let _all = self.queue.acquire_many(all).await;
        self.queue.close();
        self.turns.close();
        let (commands, snapshots) = (self.commands.pool.clone(), self.snapshots.clone());
        let looks = Arc::clone(&self.looks);
        let closing = self.runtime.run(async move {
            tokio::join!(commands.close(), snapshots.close(), looks.close());
            Ok(())
        });
        let _ = closing.await;
        self.watch.abort();
    }

    /// Whether the database is this process's.
    fn check_held(&self) -> Stored<()> {
        match self.held.load(Ordering::Relaxed) {
            true => Ok(()),
            false => Err(StoreError::Storage(
                "the database cannot be reached, or another Sideline has it".to_owned(),
            )),
        }
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn epoch(&self) -> &str {
        &self.epoch
    }

    async fn execute_erased(
        &self,
        command: Box<dyn ErasedCommand>,
    ) -> Stored<Written<ErasedAnswer>> {
        let asked = Instant::now();
        self.check_held()?;
        let place = Arc::clone(&self.queue).try_acquire_owned();
        let place = place.map_err(|refused| match refused {
            tokio::sync::TryAcquireError::NoPermits => StoreError::Storage("busy".to_owned()),
            tokio::sync::TryAcquireError::Closed => StoreError::Closed,
        })?;
        let (commands, turns) = (Arc::clone(&self.commands), Arc::clone(&self.turns));
        let runtime = self.runtime.handle().clone();
        let carried_out = self.runtime.run(async move {
            let _turn = turns.acquire().await.map_err(|_| StoreError::Closed)?;
            let carry_out = move || commands.carry_out(&Handle::current(), &*command);
            let done = runtime.spawn_blocking(carry_out).await;
            drop(place);
            done.unwrap_or_else(|_| Err(StoreError::Storage("the write was given up".to_owned())))
        });
        let written = carried_out.await;
        if written.is_ok() {
            self.commands.counters.acknowledged(asked);
        }
        written
    }

    async fn snapshot(&self) -> Stored<Box<dyn Snapshot>> {
        self.check_held()?;
        let (runtime, pool) = (self.runtime.handle().clone(), self.snapshots.clone());
        let begun = self.runtime.run({
            let runtime = runtime.clone();
            async move { Ok(Session::begin(runtime, &pool, Purpose::Snapshot).await?) }
        });
        let session = begun.await?;
        Ok(Box::new(Rows::over(Reading::new(runtime, session))))
    }

    async fn look(&self) -> Stored<Box<dyn Snapshot>> {
        self.check_held()?;
        let runtime = self.runtime.handle().clone();
        let look = Look::begin(runtime, Arc::clone(&self.looks)).await?;
        Ok(Box::new(Rows::over(look)))
    }

    fn listen(&self, listener: Arc<dyn CommitListener>) {
        self.commands.reports.listeners.add(listener);
    }

    async fn probe(&self) -> Stored<()> {
        self.check_held()?;
        let pool = self.commands.pool.clone();
        // Outside a transaction it is READ COMMITTED: nodes that are asked at the same moment wait for each other, and none has to try again.
        let probing = async move {
            let write = || sqlx::query(WRITE).execute(&pool);
            let written = session::on_live_connection(&pool, write).await;
            written
                .map(drop)
                .map_err(|error| StoreError::Storage(error.to_string()))
        };
        self.runtime.run(probing).await
    }
}

#[async_trait]
impl OwnedStore for PostgresStore {
    async fn close(&self) {
        self.close().await;
    }

    fn writer_measures(&self) -> &WriterMeasures {
        &self.commands.counters.measures
    }

    fn writes_waiting(&self) -> usize {
        QUEUE - self.queue.available_permits()
    }

    fn file_bytes(&self) -> Option<(u64, u64)> {
        None
    }
}
