//! A store for simulations: the program's own commands and row operations over one connection, without a thread, a file or a lock
//! to wait for. Who asks waits at a gate until the simulation opens it, so a seed decides in which order everything happens.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::oneshot;

use super::listeners::Listeners;
use super::sql::runner::{self, Rows, Runner};
use super::sql::statement::{Connection, sql};
use super::*;

/// More than there are statements: each is prepared once.
const PLANS: usize = 512;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A simulation that panics is over; the next one begins with a rollback.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where those wait who ask, each with its node.
#[derive(Default)]
pub(crate) struct Gates(Mutex<Vec<(usize, oneshot::Sender<()>)>>);

impl Gates {
    async fn pass(&self, node: usize) {
        let (open, opened) = oneshot::channel();
        lock(&self.0).push((node, open));
        // An error means that the node has ended.
        let _ = opened.await;
    }

    /// The nodes of those who wait, in the order in which they came.
    pub(crate) fn waiting(&self) -> Vec<usize> {
        let mut all = lock(&self.0);
        all.retain(|(_, open)| !open.is_closed());
        all.iter().map(|(node, _)| *node).collect()
    }

    /// Lets one of them through, by its place among those that [`Gates::waiting`] answered.
    pub(crate) fn open(&self, place: usize) {
        let (_, open) = lock(&self.0).remove(place);
        let _ = open.send(());
    }
}

/// What all nodes of a simulation share.
pub(crate) struct Database {
    connection: Mutex<rusqlite::Connection>,
    epoch: String,
    /// Where those wait who ask.
    pub(crate) gates: Gates,
}

impl Database {
    /// Opens a file that a [`sqlite::SqliteStore`] has made and closed.
    pub(crate) fn open(path: &Path) -> Arc<Self> {
        let connection = rusqlite::Connection::open(path).expect("it opens");
        connection
            .pragma_update(None, "foreign_keys", true)
            .expect("it is set");
        connection.set_prepared_statement_cache_capacity(PLANS);
        let epoch = connection.query_row("SELECT epoch FROM store", [], |row| row.get(0));
        Arc::new(Self {
            connection: Mutex::new(connection),
            epoch: epoch.expect("an epoch"),
            gates: Gates::default(),
        })
    }

    /// See [`Store::epoch`].
    pub(crate) fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Runs statements as they are. What stands between `BEGIN` and `ROLLBACK` leaves nothing behind, at no cost.
    pub(crate) fn run(&self, statements: &str) {
        let done = lock(&self.connection).execute_batch(statements);
        done.expect("they run");
    }

    /// Carries out a command at once.
    pub(crate) fn carry_out<C: Command>(&self, command: C) -> Stored<C::Answer> {
        let written = self.transact(&command)?;
        let answer: Box<C::Answer> = written.value.downcast().expect("its own type");
        Ok(*answer)
    }

    /// Reads what is stored at the moment, at once.
    pub(crate) fn look(self: &Arc<Self>) -> Box<dyn Snapshot> {
        Box::new(Rows::over(Reading(Arc::clone(self))))
    }

    fn transact(&self, command: &dyn ErasedCommand) -> Stored<Written<ErasedAnswer>> {
        let connection: &mut rusqlite::Connection = &mut lock(&self.connection);
        sql("SAVEPOINT job").execute(connection)?;
        let done = runner::carry_out(command, connection);
        if done.is_err() {
            sql("ROLLBACK TO job").execute(connection)?;
        }
        sql("RELEASE job").execute(connection)?;
        done
    }
}

/// Reads at once and waits for nothing, so nobody writes between two operations that are awaited one after the other.
struct Reading(Arc<Database>);

impl Runner for Reading {
    fn quick<T>(&mut self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        let connection: &rusqlite::Connection = &lock(&self.0.connection);
        work(connection)
    }

    async fn slow<T, W>(&mut self, work: W) -> Stored<T>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Stored<T> + Send + 'static,
    {
        self.quick(work)
    }
}

/// The database as one node sees it, until the node ends.
pub(crate) struct NodeStore {
    database: Arc<Database>,
    node: usize,
    ended: AtomicBool,
    listeners: Listeners,
}

impl NodeStore {
    /// The store of the node with this number.
    pub(crate) fn new(database: &Arc<Database>, node: usize) -> Arc<Self> {
        Arc::new(Self {
            database: Arc::clone(database),
            node,
            ended: AtomicBool::new(false),
            listeners: Listeners::default(),
        })
    }

    /// The node ends: what it asked for and was not let through does not happen.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        lock(&self.database.gates.0).retain(|(node, _)| *node != self.node);
    }

    async fn turn(&self) -> Stored<()> {
        if !self.ended.load(Ordering::Relaxed) {
            self.database.gates.pass(self.node).await;
        }
        match self.ended.load(Ordering::Relaxed) {
            true => Err(StoreError::Closed),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Store for NodeStore {
    fn epoch(&self) -> &str {
        self.database.epoch()
    }

    async fn execute_erased(
        &self,
        command: Box<dyn ErasedCommand>,
    ) -> Stored<Written<ErasedAnswer>> {
        self.turn().await?;
        let written = self.database.transact(&*command)?;
        self.listeners.committed(&written.changes);
        // Answers may overtake each other, and a node may end between a commit and its answer.
        self.turn().await?;
        Ok(written)
    }

    async fn snapshot(&self) -> Stored<Box<dyn Snapshot>> {
        self.turn().await?;
        Ok(self.database.look())
    }

    fn listen(&self, listener: Arc<dyn CommitListener>) {
        self.listeners.add(listener);
    }

    async fn probe(&self) -> Stored<()> {
        Ok(())
    }
}
