//! Statements of the store: a text from a constant, its arguments by number, and rows that outlive it.
//!
//! What runs them is a [`Connection`] in a transaction, of one of the databases. Texts are written for SQLite; where PostgreSQL has
//! other words, `postgres/dialect.rs` has them or the constant holds a second text ([`Sql::of`]).
//!
//! A statement runs on the thread that asks. A caller who cannot be that thread decides so for a whole piece of work
//! ([`Runner`](super::runner::Runner)), never for a single statement: going to another thread and back costs more than most
//! statements of SQLite do.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::store::{StoreError, Stored};

/// The text of a statement for each of the databases.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Sql {
    /// For SQLite.
    pub(in crate::store) sqlite: &'static str,
    /// For PostgreSQL.
    pub(in crate::store) postgres: &'static str,
}

impl Sql {
    /// Two texts that mean the same, with the same arguments.
    pub(in crate::store) const fn of(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::of(text, text)
    }
}

/// What an argument is; nothing has a type as well.
#[derive(Clone, Debug)]
pub(in crate::store) enum Argument<'a> {
    /// A whole number.
    Integer(Option<i64>),
    /// A text.
    Text(Option<Cow<'a, str>>),
    /// Bytes.
    Blob(Option<Cow<'a, [u8]>>),
}

/// What can be an argument.
pub(in crate::store) trait IntoArgument<'a> {
    /// As an argument.
    fn some(self) -> Argument<'a>;
    /// Nothing of this type.
    fn none() -> Argument<'a>;
}

macro_rules! arguments {
    ($($kind:ident: $($of:ty),+;)+) => {
        $($(impl<'a> IntoArgument<'a> for $of {
            fn some(self) -> Argument<'a> {
                Argument::$kind(Some(self.into()))
            }
            fn none() -> Argument<'a> {
                Argument::$kind(None)
            }
        })+)+
    };
}
arguments! {
    Integer: i64, bool;
    Text: &'a str, String, &'a String;
    Blob: &'a [u8], Vec<u8>;
}

impl<'a, T: IntoArgument<'a>> IntoArgument<'a> for Option<T> {
    fn some(self) -> Argument<'a> {
        self.map_or_else(T::none, T::some)
    }
    fn none() -> Argument<'a> {
        T::none()
    }
}

/// A connection in a transaction, of one of the databases.
pub(in crate::store) type Connection = dyn Driver;

/// Runs statements.
pub(in crate::store) trait Driver: Send {
    /// Runs one: how many rows it changed.
    fn execute(&self, statement: &Statement<'_>) -> Stored<usize>;

    /// Its first rows.
    fn fetch(&self, statement: &Statement<'_>, at_most: usize) -> Stored<Vec<Row>>;

    /// All rows of statements that only read, in the order of the statements. They are of one state of the data where the connection
    /// is in a transaction, and where the database takes them as one.
    fn fetch_together(&self, statements: &[Statement<'_>]) -> Stored<Vec<Vec<Row>>> {
        let rows = |statement| self.fetch(statement, usize::MAX);
        statements.iter().map(rows).collect()
    }

    /// Hands each row to `take`, and keeps none.
    fn each(
        &self,
        statement: &Statement<'_>,
        take: &mut dyn FnMut(&dyn Cells) -> Stored<()>,
    ) -> Stored<()>;
}

/// A row while it is read; its columns have places, from 0 on.
pub(in crate::store) trait Cells {
    /// A whole number or nothing.
    fn integer(&self, place: usize) -> Stored<Option<i64>>;
    /// A text.
    fn text(&self, place: usize) -> Stored<&str>;
    /// Bytes.
    fn bytes(&self, place: usize) -> Stored<&[u8]>;
}

/// A statement with its arguments.
pub(in crate::store) struct Statement<'a> {
    /// Its text.
    pub(in crate::store) sql: Sql,
    /// The first one is `$1`. A text need not name all of them.
    pub(in crate::store) arguments: Vec<Argument<'a>>,
}

/// A change that answers columns of the row that it changed, for [`Statement::fetch_changed`].
macro_rules! returning {
    ($change:expr, $columns:literal) => {
        $crate::store::sql::statement::Sql::of($change, concat!($change, " RETURNING ", $columns))
    };
}
pub(super) use returning;

/// A statement from a constant: its plan is kept by the connection.
pub(in crate::store) fn sql<'a>(text: impl Into<Sql>) -> Statement<'a> {
    Statement {
        sql: text.into(),
        arguments: Vec::new(),
    }
}

impl<'a> Statement<'a> {
    /// Gives it its next argument: the first one is `$1`.
    pub(in crate::store) fn bind(mut self, argument: impl IntoArgument<'a>) -> Self {
        self.arguments.push(argument.some());
        self
    }

    /// Runs it: how many rows it changed.
    pub(in crate::store) fn execute(self, connection: &Connection) -> Stored<usize> {
        connection.execute(&self)
    }

    /// Hands each row to `take`, and keeps none: for more of them than should be in memory at once.
    pub(in crate::store) fn each(
        self,
        connection: &Connection,
        mut take: impl FnMut(&dyn Cells) -> Stored<()>,
    ) -> Stored<()> {
        connection.each(&self, &mut take)
    }

    /// All rows.
    pub(in crate::store) fn fetch_all(self, connection: &Connection) -> Stored<Vec<Row>> {
        connection.fetch(&self, usize::MAX)
    }

    /// The first row, if there is one.
    pub(in crate::store) fn fetch_optional(self, connection: &Connection) -> Stored<Option<Row>> {
        Ok(connection.fetch(&self, 1)?.pop())
    }

    /// Changes a row and answers columns of it as they are then; nothing where there is no such row. PostgreSQL answers them with the
    /// change. SQLite would make a table for that each time, which takes longer than `read`, the same columns of the same row.
    pub(in crate::store) fn fetch_changed(
        mut self,
        connection: &Connection,
        read: &'static str,
    ) -> Stored<Option<Row>> {
        if let Some(row) = connection.fetch(&self, 1)?.pop() {
            return Ok(Some(row));
        }
        self.sql = read.into();
        self.fetch_optional(connection)
    }

    /// The first row of a statement that always has one.
    pub(in crate::store) fn fetch_one(self, connection: &Connection) -> Stored<Row> {
        self.fetch_optional(connection)?
            .ok_or_else(|| StoreError::Storage("a statement answered no row".to_owned()))
    }
}

/// The names of a statement's columns: read once on each thread, for they never change.
pub(in crate::store) fn columns(
    text: &'static str,
    names: impl FnOnce() -> Rc<[String]>,
) -> Rc<[String]> {
    /// Where the text of a statement stands and how long it is: the texts are constants, and long.
    type Address = (usize, usize);
    thread_local! {
        static KNOWN: RefCell<HashMap<Address, Rc<[String]>>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        let place = (text.as_ptr().addr(), text.len());
        Rc::clone(known.entry(place).or_insert_with(names))
    })
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store) enum Value {
    /// Nothing.
    Null,
    /// A whole number; a truth value is 1 or 0.
    Integer(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// A row that was read. `rows` says how to get at what it holds.
#[derive(Debug)]
pub(in crate::store) struct Row {
    columns: Rc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// A row of these columns.
    pub(in crate::store) fn new(columns: Rc<[String]>, values: Vec<Value>) -> Self {
        Self { columns, values }
    }

    /// What a column holds.
    pub(super) fn value(&self, column: &str) -> Option<&Value> {
        let index = self.columns.iter().position(|name| name == column)?;
        self.values.get(index)
    }
}
