//! A connection in a transaction, for code that must not wait for a future: the thread that asks carries the statement out and waits.
//! So nothing that is dropped half-way leaves a statement or a transaction behind.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use sqlx::postgres::{PgArguments, PgConnection, PgPool, PgRow, PgValueFormat, PgValueRef};
use sqlx::{
    Arguments, AssertSqlSafe, Column, Decode, Postgres, Row as _, Transaction, TypeInfo, ValueRef,
};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::{dialect, together};
use crate::store::sql::statement::{Argument, Cells, Driver, Row, Statement, Value, columns};
use crate::store::{StoreError, Stored};

/// How long to wait for the answer to a statement: longer than the server takes for any (`open`), so that only a network that was lost
/// needs it.
pub(super) const ANSWERED_WITHIN: Duration = Duration::from_secs(45);

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It behaves as if transactions ran one after another.
    Command,
    /// It reads one state of the data.
    Snapshot,
}

/// Why a transaction can come to nothing but an end.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// It met another one; it may work when it is tried again.
    Conflict,
    /// Anything else.
    Failed(String),
}

impl From<&sqlx::Error> for Trouble {
    fn from(error: &sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        match code.as_deref() {
            // serialization_failure, deadlock_detected.
            Some("40001" | "40P01") => Self::Conflict,
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Conflict => StoreError::Storage("a transaction met another one".to_owned()),
            Trouble::Failed(reason) => StoreError::Storage(reason),
        }
    }
}

/// A connection in a transaction. Dropped, it undoes what it wrote and gives the connection back.
pub(super) struct Session {
    runtime: Handle,
    /// Nothing when it is lost.
    transaction: RefCell<Option<Open>>,
    /// The first thing that went wrong. PostgreSQL refuses every statement behind it.
    trouble: RefCell<Option<Trouble>>,
}

/// One with a connection of the pool.
type Open = Transaction<'static, Postgres>;

/// Runs something that begins on a connection of the pool. Some were lost since they were used last, when the server was started
/// again for example, and the pool does not ask each time: what fails is tried on another one, until none can be left that
/// is old.
pub(super) async fn on_live_connection<T, W>(pool: &PgPool, work: impl Fn() -> W) -> sqlx::Result<T>
where
    W: Future<Output = sqlx::Result<T>>,
{
    let mut old = pool.options().get_max_connections();
    loop {
        match work().await {
            Err(sqlx::Error::Io(_) | sqlx::Error::Database(_) | sqlx::Error::BeginFailed)
                if old > 0 =>
            {
                old -= 1
            }
            outcome => return outcome,
        }
    }
}

/// Waits on this thread. A worker of tokio hands on what else it would do.
pub(super) fn wait<T>(wait: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        _ => wait(),
    }
}

/// Wakes a thread that waits for a future.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Carries a future out on this thread; nothing when it is not done in time. Nested runtimes are no matter here, and a runtime that
/// ends is none either.
pub(super) fn carry_out<T>(work: impl Future<Output = T>, within: Duration) -> Option<T> {
    let deadline = Instant::now() + within;
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            return Some(done);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}

impl Session {
    /// Takes a connection and begins a transaction. To be awaited in the store's runtime.
    pub(super) async fn begin(
        runtime: Handle,
        pool: &PgPool,
        purpose: Purpose,
    ) -> Result<Self, Trouble> {
        let begin = match purpose {
            Purpose::Command => "BEGIN ISOLATION LEVEL SERIALIZABLE",
            Purpose::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let begun = on_live_connection(pool, || pool.begin_with(begin)).await;
        let transaction = begun.map_err(|error| Trouble::from(&error))?;
        Ok(Self {
            runtime,
            transaction: RefCell::new(Some(transaction)),
            trouble: RefCell::new(None),
        })
    }

    /// What went wrong so far.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble.borrow().clone()
    }

    /// Ends the transaction: what it wrote is on disk.
    pub(super) fn commit(self) -> Result<(), Trouble> {
        let lost = || Trouble::Failed("PostgreSQL does not answer".to_owned());
        let transaction = self.transaction.take().ok_or_else(lost)?;
        let committed = self.wait_for(transaction.commit()).ok_or_else(lost)?;
        committed.map_err(|error| Trouble::from(&error))
    }

    /// Waits for something that the connection does. The store's runtime hears the network and this thread does the rest: to hand each
    /// statement to another thread, and its answer back, would take longer than PostgreSQL does.
    fn wait_for<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        wait(|| {
            let _entered = self.runtime.enter();
            carry_out(work, ANSWERED_WITHIN)
        })
    }

    /// Runs something on the connection.
    fn run<T>(&self, work: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>) -> Stored<T> {
        let transaction = self.transaction.take();
        let mut transaction = transaction.ok_or(StoreError::Closed)?;
        let answered = self.wait_for(work(&mut transaction));
        let Some(result) = answered else {
            self.undo(transaction);
            let trouble = Trouble::Failed("PostgreSQL does not answer".to_owned());
            self.trouble.borrow_mut().get_or_insert(trouble.clone());
            return Err(trouble.into());
        };
        self.transaction.replace(Some(transaction));
        result.map_err(|error| {
            let trouble = Trouble::from(&error);
            let mut first = self.trouble.borrow_mut();
            first.get_or_insert(trouble.clone());
            trouble.into()
        })
    }

    /// Gives the connection back, with nothing written. A pool takes it in its runtime alone, and where that has ended it is dropped
    /// there.
    fn undo(&self, transaction: Open) {
        let _entered = self.runtime.enter();
        self.runtime.spawn(async move { drop(transaction) });
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(transaction) = self.transaction.take() {
            self.undo(transaction);
        }
    }
}

impl Driver for Session {
    fn execute(&self, statement: &Statement<'_>) -> Stored<usize> {
        let (text, arguments) = (dialect::text(statement.sql), arguments(statement)?);
        self.run(async |connection| {
            let query = sqlx::query_with(AssertSqlSafe(text), arguments);
            let done = query.execute(connection).await?;
            Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
        })
    }

    fn fetch(&self, statement: &Statement<'_>, at_most: usize) -> Stored<Vec<Row>> {
        let (text, arguments) = (dialect::text(statement.sql), arguments(statement)?);
        let rows = self.run(async |connection| {
            let query = sqlx::query_with(AssertSqlSafe(text), arguments);
            query.fetch_all(connection).await
        })?;
        rows_read(statement, &rows, at_most)
    }

    fn fetch_together(&self, statements: &[Statement<'_>]) -> Stored<Vec<Vec<Row>>> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let (text, arguments) = together::joined(statements)?;
        let row = self.run(async |connection| {
            let query = sqlx::query_with(AssertSqlSafe(text), arguments);
            query.fetch_one(connection).await
        })?;
        together::taken_apart(&row, statements.len())
    }

    fn each(
        &self,
        statement: &Statement<'_>,
        take: &mut dyn FnMut(&dyn Cells) -> Stored<()>,
    ) -> Stored<()> {
        let (text, arguments) = (dialect::text(statement.sql), arguments(statement)?);
        let mut taken = Ok(());
        self.run(async |connection| {
            let query = sqlx::query_with(AssertSqlSafe(text), arguments);
            let mut found = query.fetch(connection);
            while taken.is_ok()
                && let Some(row) = found.try_next().await?
            {
                taken = take(&row);
            }
            Ok(())
        })?;
        taken
    }
}

impl Cells for PgRow {
    fn integer(&self, place: usize) -> Stored<Option<i64>> {
        match value(self, place)? {
            Value::Integer(number) => Ok(Some(number)),
            Value::Null => Ok(None),
            _ => Err(unreadable(self, place, "not a number")),
        }
    }

    fn text(&self, place: usize) -> Stored<&str> {
        let text = self.try_get(place);
        text.map_err(|error| unreadable(self, place, error))
    }

    fn bytes(&self, place: usize) -> Stored<&[u8]> {
        let bytes = self.try_get(place);
        bytes.map_err(|error| unreadable(self, place, error))
    }
}

/// The first of the rows that a statement has answered.
pub(super) fn rows_read(
    statement: &Statement<'_>,
    rows: &[PgRow],
    at_most: usize,
) -> Stored<Vec<Row>> {
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let names = || {
        let names = first.columns().iter();
        names.map(|column| column.name().to_owned()).collect()
    };
    let columns = columns(statement.sql.postgres, names);
    let read = rows.iter().take(at_most).map(|row| {
        let values = (0..columns.len()).map(|place| value(row, place));
        Ok(Row::new(
            Rc::clone(&columns),
            values.collect::<Stored<Vec<Value>>>()?,
        ))
    });
    read.collect()
}

/// What a statement is given.
pub(super) fn arguments(statement: &Statement<'_>) -> Stored<PgArguments> {
    bound(&statement.arguments)
}

/// Arguments, in their order.
pub(super) fn bound<'a, 's: 'a>(
    arguments: impl IntoIterator<Item = &'a Argument<'s>>,
) -> Stored<PgArguments> {
    let mut bound = PgArguments::default();
    for argument in arguments {
        let added = match argument {
            Argument::Integer(number) => bound.add(*number),
            Argument::Text(text) => bound.add(text.as_deref()),
            Argument::Blob(bytes) => bound.add(bytes.as_deref()),
        };
        added.map_err(|error| StoreError::Storage(error.to_string()))?;
    }
    Ok(bound)
}

fn unreadable(row: &PgRow, place: usize, why: impl std::fmt::Display) -> StoreError {
    let name = row.columns().get(place).map_or("?", |column| column.name());
    StoreError::Storage(format!("column {name} cannot be read: {why}"))
}

/// What a column holds. Truth values are numbers, and JSON is a text, as SQLite has them.
pub(super) fn value(row: &PgRow, place: usize) -> Stored<Value> {
    let failed = |error: sqlx::error::BoxDynError| unreadable(row, place, error);
    let raw = row
        .try_get_raw(place)
        .map_err(|error| unreadable(row, place, error))?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().into_owned();
    Ok(match kind.name() {
        "INT8" => Value::Integer(decoded(raw).map_err(failed)?),
        "INT4" => Value::Integer(i64::from(decoded::<i32>(raw).map_err(failed)?)),
        "BOOL" => Value::Integer(i64::from(decoded::<bool>(raw).map_err(failed)?)),
        "TEXT" => Value::Text(decoded(raw).map_err(failed)?),
        "BYTEA" => Value::Blob(decoded(raw).map_err(failed)?),
        // Its binary format is a version, which is 1, and the text.
        "JSONB" if raw.format() == PgValueFormat::Binary => {
            let text = raw.as_bytes().map_err(failed)?.get(1..).unwrap_or_default();
            let text = str::from_utf8(text).map_err(|error| failed(error.into()))?;
            Value::Text(text.to_owned())
        }
        name => return Err(unreadable(row, place, format!("nothing here is {name}"))),
    })
}

fn decoded<'r, T: Decode<'r, Postgres>>(
    raw: PgValueRef<'r>,
) -> Result<T, sqlx::error::BoxDynError> {
    T::decode(raw)
}
