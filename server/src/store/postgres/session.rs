//! A connection in a transaction, for whoever must not wait for a future: each statement runs in the store's own runtime, and the
//! thread that asks waits for it. So nothing that is dropped half-way leaves a statement or a transaction behind.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnection, PgPool, PgRow, PgValueFormat, PgValueRef};
use sqlx::{Arguments, AssertSqlSafe, Column, Decode, Postgres, Row as _, TypeInfo, ValueRef};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::mpsc::channel;

use super::dialect;
use crate::store::sql::statement::{Argument, Cells, Driver, Row, Statement, Value, columns};
use crate::store::{StoreError, Stored};

/// How many rows may be on their way to one that takes them one by one.
const ON_THE_WAY: usize = 1_024;

/// How long to wait for the answer to a statement: longer than the server takes for any (`open`), so that only a network that was lost
/// needs it.
const ANSWERED_WITHIN: Duration = Duration::from_secs(45);

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
    connection: RefCell<Option<PoolConnection<Postgres>>>,
    /// The first thing that went wrong. PostgreSQL refuses every statement behind it.
    trouble: RefCell<Option<Trouble>>,
    /// Whether the transaction has ended.
    ended: Cell<bool>,
}

/// Waits on this thread. A worker of tokio hands on what else it would do.
fn wait<T>(wait: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        _ => wait(),
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
        let mut connection = pool
            .acquire()
            .await
            .map_err(|error| Trouble::from(&error))?;
        // Awaited to its end: nothing cancels it between the two.
        if let Err(error) = sqlx::raw_sql(begin).execute(&mut *connection).await {
            let _ = connection.close().await;
            return Err(Trouble::from(&error));
        }
        Ok(Self {
            runtime,
            connection: RefCell::new(Some(connection)),
            trouble: RefCell::new(None),
            ended: Cell::new(false),
        })
    }

    /// What went wrong so far.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble.borrow().clone()
    }

    /// Ends the transaction: what it wrote is on disk.
    pub(super) fn commit(self) -> Result<(), Trouble> {
        self.ended.set(true);
        let committed = self.run(|connection| {
            Box::pin(async move {
                sqlx::raw_sql("COMMIT").execute(connection).await?;
                Ok(())
            })
        });
        match (committed, self.trouble()) {
            (Ok(()), _) => Ok(()),
            // It was rolled back.
            (Err(_), Some(Trouble::Conflict)) => Err(Trouble::Conflict),
            (Err(_), Some(trouble)) => {
                // Nobody knows what the connection is in the middle of.
                self.close();
                Err(trouble)
            }
            (Err(error), None) => Err(Trouble::Failed(error.to_string())),
        }
    }

    fn close(&self) {
        if let Some(connection) = self.connection.take() {
            self.runtime.spawn(connection.close());
        }
    }

    /// Runs something on the connection, and waits for it here.
    fn run<T, W>(&self, work: W) -> Stored<T>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
    {
        let asked = self.ask(work)?;
        self.answer(asked)
    }

    /// Begins something on the connection.
    fn ask<T, W>(&self, work: W) -> Stored<Asked<T>>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, sqlx::Result<T>> + Send + 'static,
    {
        let connection = self.connection.take();
        let mut connection = connection.ok_or(StoreError::Closed)?;
        let (answer, asked) = mpsc::sync_channel(1);
        self.runtime.spawn(async move {
            let result = work(&mut connection).await;
            if let Err(mpsc::SendError((connection, _))) = answer.send((connection, result)) {
                // Who asked has given up. The connection may not go back with an open transaction.
                let _ = connection.close().await;
            }
        });
        Ok(asked)
    }

    /// Waits for what was begun.
    fn answer<T>(&self, asked: Asked<T>) -> Stored<T> {
        let answered = wait(|| asked.recv_timeout(ANSWERED_WITHIN));
        let (connection, result) = answered.map_err(|missed| match missed {
            RecvTimeoutError::Timeout => {
                let trouble = Trouble::Failed("PostgreSQL does not answer".to_owned());
                self.trouble.borrow_mut().get_or_insert(trouble.clone());
                trouble.into()
            }
            // The runtime ends.
            RecvTimeoutError::Disconnected => StoreError::Closed,
        })?;
        self.connection.replace(Some(connection));
        result.map_err(|error| {
            let trouble = Trouble::from(&error);
            let mut first = self.trouble.borrow_mut();
            first.get_or_insert(trouble.clone());
            trouble.into()
        })
    }
}

/// Something on its way: the connection comes back with its result.
type Asked<T> = mpsc::Receiver<(PoolConnection<Postgres>, sqlx::Result<T>)>;

impl Drop for Session {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let ended = self.ended.get();
        // A pool takes connections back in its runtime alone, and where that has ended they are dropped there.
        let _entered = self.runtime.enter();
        self.runtime.spawn(async move {
            if ended {
                drop(connection);
            } else if sqlx::raw_sql("ROLLBACK")
                .execute(&mut *connection)
                .await
                .is_err()
            {
                let _ = connection.close().await;
            }
        });
    }
}

impl Driver for Session {
    fn execute(&self, statement: &Statement<'_>) -> Stored<usize> {
        let (text, arguments) = (dialect::text(statement.sql), arguments(statement)?);
        self.run(move |connection| {
            Box::pin(async move {
                let query = sqlx::query_with(AssertSqlSafe(text), arguments);
                let done = query.execute(connection).await?;
                Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
            })
        })
    }

    fn fetch(&self, statement: &Statement<'_>, at_most: usize) -> Stored<Vec<Row>> {
        let (text, arguments) = (dialect::text(statement.sql), arguments(statement)?);
        let rows = self.run(move |connection| {
            Box::pin(async move {
                let query = sqlx::query_with(AssertSqlSafe(text), arguments);
                query.fetch_all(connection).await
            })
        })?;
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

    fn each(
        &self,
        statement: &Statement<'_>,
        take: &mut dyn FnMut(&dyn Cells) -> Stored<()>,
    ) -> Stored<()> {
        let (text, arguments) = (dialect::text(statement.sql), arguments(statement)?);
        let (way, mut rows) = channel(ON_THE_WAY);
        let asked = self.ask(move |connection| {
            Box::pin(async move {
                let query = sqlx::query_with(AssertSqlSafe(text), arguments);
                let mut found = query.fetch(connection);
                while let Some(row) = found.try_next().await? {
                    if way.send(row).await.is_err() {
                        // The taker has seen enough.
                        break;
                    }
                }
                Ok(())
            })
        })?;
        let taken = wait(|| {
            while let Some(row) = rows.blocking_recv() {
                take(&row)?;
            }
            Ok(())
        });
        drop(rows);
        let answered = self.answer(asked);
        taken.and(answered)
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
}

fn arguments(statement: &Statement<'_>) -> Stored<PgArguments> {
    let mut bound = PgArguments::default();
    for argument in &statement.arguments {
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
fn value(row: &PgRow, place: usize) -> Stored<Value> {
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
