//! Statements of the store: a text from a constant, its arguments by number, and rows that outlive it.
//!
//! SQLite answers on the thread that asks, in microseconds. A caller who cannot be that thread decides so for a
//! whole piece of work (`writer`, `readers`), never for a single statement: going to another thread and back costs more
//! than most statements do.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Error, Result, ToSql};

use crate::store::Stored;

/// A connection to the database file.
pub(super) use rusqlite::Connection;

/// A statement with its arguments.
pub(super) struct Statement<'a> {
    text: &'static str,
    arguments: Vec<Box<dyn ToSql + 'a>>,
}

/// A statement from a constant: its plan is kept by the connection.
pub(super) fn sql<'a>(text: &'static str) -> Statement<'a> {
    Statement {
        text,
        arguments: Vec::new(),
    }
}

impl<'a> Statement<'a> {
    /// Gives it its next argument: the first one is `$1`.
    pub(super) fn bind(mut self, argument: impl ToSql + 'a) -> Self {
        self.arguments.push(Box::new(argument));
        self
    }

    /// Runs it: how many rows it changed.
    pub(super) fn execute(self, connection: &Connection) -> Result<usize> {
        let mut statement = self.prepare(connection)?;
        if statement.column_count() == 0 {
            return statement.raw_execute();
        }
        // What answers with rows is done when they have been read.
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
        drop(rows);
        Ok(usize::try_from(connection.changes()).unwrap_or(usize::MAX))
    }

    /// Hands each row to `take`, and keeps none: for more of them than should be in memory at once.
    pub(super) fn each(
        self,
        connection: &Connection,
        mut take: impl FnMut(&rusqlite::Row<'_>) -> Stored<()>,
    ) -> Stored<()> {
        let mut statement = self.prepare(connection)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            take(row)?;
        }
        Ok(())
    }

    /// All rows.
    pub(super) fn fetch_all(self, connection: &Connection) -> Result<Vec<Row>> {
        self.fetch(connection, usize::MAX)
    }

    /// The first row, if there is one.
    pub(super) fn fetch_optional(self, connection: &Connection) -> Result<Option<Row>> {
        Ok(self.fetch(connection, 1)?.pop())
    }

    /// The first row of a statement that always has one.
    pub(super) fn fetch_one(self, connection: &Connection) -> Result<Row> {
        self.fetch_optional(connection)?
            .ok_or(Error::QueryReturnedNoRows)
    }

    fn fetch(self, connection: &Connection, at_most: usize) -> Result<Vec<Row>> {
        let mut statement = self.prepare(connection)?;
        let columns = columns(self.text, &statement);
        let mut found = Vec::new();
        let mut rows = statement.raw_query();
        while found.len() < at_most {
            let Some(row) = rows.next()? else { break };
            // `collect` would not know how many there are, and grow again and again.
            let mut values = Vec::with_capacity(columns.len());
            for index in 0..columns.len() {
                values.push(row.get(index)?);
            }
            found.push(Row {
                values,
                columns: Rc::clone(&columns),
            });
        }
        Ok(found)
    }

    /// SQLite numbers `$7` by where it first appears; its name says which argument is meant.
    fn prepare<'c>(&self, connection: &'c Connection) -> Result<CachedStatement<'c>> {
        #[cfg(debug_assertions)]
        super::plans::check(connection, self.text);
        let mut statement = connection.prepare_cached(self.text)?;
        for index in 1..=statement.parameter_count() {
            let argument = statement
                .parameter_name(index)
                .and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok())
                .and_then(|number| self.arguments.get(number.checked_sub(1)?))
                .ok_or(Error::InvalidParameterCount(index, self.arguments.len()))?;
            statement.raw_bind_parameter(index, argument)?;
        }
        Ok(statement)
    }
}

/// The names of a statement's columns: read once on each thread, for they never change.
fn columns(text: &'static str, statement: &rusqlite::Statement<'_>) -> Rc<[String]> {
    /// Where the text of a statement stands and how long it is: the texts are constants, and long.
    type Address = (usize, usize);
    thread_local! {
        static KNOWN: RefCell<HashMap<Address, Rc<[String]>>> = RefCell::default();
    }
    let names = || {
        statement
            .column_names()
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    KNOWN.with_borrow_mut(|known| {
        let place = (text.as_ptr().addr(), text.len());
        Rc::clone(known.entry(place).or_insert_with(names))
    })
}

/// A row that was read. `rows` says how to get at what it holds.
pub(super) struct Row {
    columns: Rc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// What a column holds.
    pub(super) fn value(&self, column: &str) -> Option<&Value> {
        let index = self.columns.iter().position(|name| name == column)?;
        self.values.get(index)
    }
}
