//! Looks: reads of one statement each. A statement is of one state of the data by itself, so it needs no transaction: a look costs
//! one way to the server and back, where a snapshot costs two more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::address::{ACQUIRED_WITHIN, Address, LIFETIME, PLANNED_ONCE, REACHED_WITHIN};
use super::session::{ANSWERED_WITHIN, Trouble, arguments, carry_out, rows_read, wait};
use super::{dialect, together};
use crate::store::sql::runner::Runner;
use crate::store::sql::statement::{Cells, Connection, Driver, Row, Statement};
use crate::store::{StoreError, Stored};

/// What nobody can do in a look.
const READ_ONLY: (&str, &str) = ("default_transaction_read_only", "on");

/// The connections of looks. A pool of sqlx would ask the server about each one that is given back, in case it is in a transaction;
/// these are in none.
pub(super) struct Looks {
    address: Address,
    /// A place for each look. Who waits for one keeps no thread.
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Kept>>,
}

struct Kept {
    connection: PgConnection,
    since: Instant,
}

/// Whether an error says that the connection is gone, and nothing about the statement.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        // The server ends, or has ended this one.
        sqlx::Error::Database(error) => {
            let code = error.code();
            code.is_some_and(|code| code.starts_with("57P"))
        }
        _ => false,
    }
}

impl Looks {
    /// At most so many at the same time, by as many connections. None is open yet.
    pub(super) fn new(address: &Address, most: usize) -> Self {
        Self {
            address: address.with(READ_ONLY).with(PLANNED_ONCE),
            places: Arc::new(Semaphore::new(most)),
            idle: Mutex::default(),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Kept>> {
        // Nothing under this lock can panic half-way through a change.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that was used last.
    fn take(&self) -> Option<Kept> {
        self.idle().pop()
    }

    /// Keeps a connection for the next look, unless it is old.
    fn keep(&self, kept: Kept) {
        if kept.since.elapsed() < LIFETIME && !self.places.is_closed() {
            self.idle().push(kept);
        }
    }

    async fn connect(&self) -> sqlx::Result<Kept> {
        let late = |_| sqlx::Error::PoolTimedOut;
        let reached = timeout(REACHED_WITHIN, self.address.reach()).await;
        Ok(Kept {
            connection: reached.map_err(late)??,
            since: Instant::now(),
        })
    }

    /// Runs a statement. A connection that was kept may have been lost since, when the server was started again for example: what
    /// fails because of that is tried on another one.
    async fn run<T>(
        &self,
        work: impl AsyncFn(&mut PgConnection) -> sqlx::Result<T>,
    ) -> sqlx::Result<T> {
        loop {
            if self.places.is_closed() {
                return Err(sqlx::Error::PoolClosed);
            }
            let (mut used, is_new) = match self.take() {
                Some(kept) => (kept, false),
                None => (self.connect().await?, true),
            };
            let done = work(&mut used.connection).await;
            let lost = done.as_ref().is_err_and(is_lost);
            if !lost {
                self.keep(used);
            }
            if !lost || is_new {
                return done;
            }
        }
    }

    /// Ends the connections. A later look gets an error.
    pub(super) async fn close(&self) {
        self.places.close();
        let idle = std::mem::take(&mut *self.idle());
        for kept in idle {
            // The server notices in any case.
            let _ = sqlx::Connection::close(kept.connection).await;
        }
    }
}

/// What reads by looks: each statement is of a state of its own.
#[derive(Clone)]
pub(super) struct Look {
    runtime: Handle,
    looks: Arc<Looks>,
    _place: Arc<OwnedSemaphorePermit>,
}

impl Look {
    /// Waits for a place, no longer than others wait for a connection: where the server does not answer, each who has a place keeps it
    /// for long. The connections belong to this runtime.
    pub(super) async fn begin(runtime: Handle, looks: Arc<Looks>) -> Stored<Self> {
        let place = timeout(ACQUIRED_WITHIN, Arc::clone(&looks.places).acquire_owned()).await;
        let late = |_| Trouble::Failed("no connection for a look was free in time".to_owned());
        let place = place.map_err(late)?.map_err(|_| StoreError::Closed)?;
        Ok(Self {
            runtime,
            looks,
            _place: Arc::new(place),
        })
    }

    fn rows(&self, statement: &Statement<'_>) -> Stored<Vec<PgRow>> {
        self.ask(dialect::text(statement.sql), arguments(statement)?)
    }

    fn ask(&self, text: Arc<str>, arguments: PgArguments) -> Stored<Vec<PgRow>> {
        let ask = self.looks.run(async |connection: &mut PgConnection| {
            let text = AssertSqlSafe(Arc::clone(&text));
            let query = sqlx::query_with(text, arguments.clone());
            query.fetch_all(connection).await
        });
        let answered = wait(|| {
            let _entered = self.runtime.enter();
            carry_out(ask, ANSWERED_WITHIN)
        });
        let late = || Trouble::Failed("PostgreSQL does not answer".to_owned());
        let rows = answered.ok_or_else(late)?;
        Ok(rows.map_err(|error| Trouble::from(&error))?)
    }
}

impl Driver for Look {
    fn execute(&self, _: &Statement<'_>) -> Stored<usize> {
        Err(StoreError::Storage("a look writes nothing".to_owned()))
    }

    fn fetch(&self, statement: &Statement<'_>, at_most: usize) -> Stored<Vec<Row>> {
        rows_read(statement, &self.rows(statement)?, at_most)
    }

    fn fetch_together(&self, statements: &[Statement<'_>]) -> Stored<Vec<Vec<Row>>> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let (text, arguments) = together::joined(statements)?;
        let rows = self.ask(text, arguments)?;
        let row = rows.first().ok_or(StoreError::NotFound)?;
        together::taken_apart(row, statements.len())
    }

    fn each(
        &self,
        statement: &Statement<'_>,
        take: &mut dyn FnMut(&dyn Cells) -> Stored<()>,
    ) -> Stored<()> {
        let rows = self.rows(statement)?;
        rows.iter().try_for_each(|row| take(row))
    }
}

impl Runner for Look {
    fn quick<T>(&mut self, work: impl FnOnce(&Connection) -> Stored<T>) -> Stored<T> {
        work(self)
    }

    async fn slow<T, W>(&mut self, work: W) -> Stored<T>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Stored<T> + Send + 'static,
    {
        let look = self.clone();
        let done = self.runtime.spawn_blocking(move || work(&look)).await;
        done.map_err(|_| StoreError::Storage("a read was given up".to_owned()))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sql::statement::sql;

    fn server() -> Address {
        let server = std::env::var("SIDELINE_TEST_POSTGRES");
        let server =
            server.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        server.parse().expect("an address")
    }

    /// A look, by the only connection.
    async fn look() -> (Look, Arc<Looks>) {
        let looks = Arc::new(Looks::new(&server(), 1));
        let look = Look::begin(Handle::current(), Arc::clone(&looks));
        (look.await.unwrap(), looks)
    }

    /// The number of the server's process that answers.
    fn answers(look: &Look) -> Stored<i64> {
        let mut number = None;
        sql("SELECT pg_backend_pid() AS number").each(look, |row| {
            number = row.integer(0)?;
            Ok(())
        })?;
        Ok(number.expect("a number"))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_look_whose_connection_was_ended_is_made_on_another_one() {
        let (look, _looks) = look().await;
        let first = answers(&look).unwrap();
        assert_eq!(answers(&look).unwrap(), first, "a connection is used again");
        let mut beside = server().connect().await.unwrap();
        let ended = sqlx::query_scalar::<_, bool>("SELECT pg_terminate_backend($1, 10000)")
            .bind(i32::try_from(first).unwrap())
            .fetch_one(&mut beside);
        assert!(ended.await.unwrap(), "the server ends it");
        assert_ne!(answers(&look).unwrap(), first);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_look_writes_nothing_and_what_fails_harms_no_other() {
        let (look, _looks) = look().await;
        let first = answers(&look).unwrap();
        let write = sql("CREATE TABLE seen_in_a_look (number INT)");
        assert!(write.fetch_all(&look).is_err());
        assert_eq!(answers(&look).unwrap(), first);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_finds_no_place_waits_until_one_is_free() {
        let (first, looks) = look().await;
        let waits = tokio::spawn(Look::begin(Handle::current(), looks));
        assert!(answers(&first).is_ok());
        assert!(!waits.is_finished(), "there is one place");
        drop(first);
        let second = waits.await.unwrap().unwrap();
        assert!(answers(&second).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_place_in_time_is_refused() {
        let (_first, looks) = look().await;
        let second = Look::begin(Handle::current(), looks).await;
        assert!(matches!(second, Err(StoreError::Storage(_))));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nobody_looks_once_the_store_is_closed() {
        let (look, looks) = look().await;
        assert!(answers(&look).is_ok());
        looks.close().await;
        assert!(answers(&look).is_err());
        assert!(Look::begin(Handle::current(), looks).await.is_err());
    }
}
