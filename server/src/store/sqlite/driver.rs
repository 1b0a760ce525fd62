//! Statements on a connection to the database file.

use std::rc::Rc;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Error, ErrorCode, Result, ToSql};

use crate::store::sql::statement::{Argument, Cells, Driver, Row, Statement, Value, columns};
use crate::store::{StoreError, Stored};

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Damaged(error.to_string())
            }
            _ => StoreError::Storage(error.to_string()),
        }
    }
}

impl Driver for Connection {
    fn execute(&self, statement: &Statement<'_>) -> Stored<usize> {
        let mut prepared = prepare(self, statement)?;
        if prepared.column_count() == 0 {
            return Ok(prepared.raw_execute()?);
        }
        // What answers with rows is done when they have been read.
        let mut rows = prepared.raw_query();
        while rows.next()?.is_some() {}
        drop(rows);
        Ok(usize::try_from(self.changes()).unwrap_or(usize::MAX))
    }

    fn fetch(&self, statement: &Statement<'_>, at_most: usize) -> Stored<Vec<Row>> {
        let mut prepared = prepare(self, statement)?;
        let names = || {
            let names = prepared.column_names().into_iter();
            names.map(str::to_owned).collect()
        };
        let columns = columns(statement.sql.sqlite, names);
        let mut found = Vec::new();
        let mut rows = prepared.raw_query();
        while found.len() < at_most {
            let Some(row) = rows.next()? else { break };
            // `collect` would not know how many there are, and grow again and again.
            let mut values = Vec::with_capacity(columns.len());
            for index in 0..columns.len() {
                values.push(value(row.get_ref(index)?)?);
            }
            found.push(Row::new(Rc::clone(&columns), values));
        }
        Ok(found)
    }

    fn each(
        &self,
        statement: &Statement<'_>,
        take: &mut dyn FnMut(&dyn Cells) -> Stored<()>,
    ) -> Stored<()> {
        let mut prepared = prepare(self, statement)?;
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next()? {
            take(row)?;
        }
        Ok(())
    }
}

impl Cells for rusqlite::Row<'_> {
    fn integer(&self, place: usize) -> Stored<Option<i64>> {
        Ok(self.get(place)?)
    }

    fn text(&self, place: usize) -> Stored<&str> {
        let text = self.get_ref(place)?.as_str();
        text.map_err(|error| StoreError::Storage(error.to_string()))
    }

    fn bytes(&self, place: usize) -> Stored<&[u8]> {
        let bytes = self.get_ref(place)?.as_blob();
        bytes.map_err(|error| StoreError::Storage(error.to_string()))
    }
}

fn value(value: ValueRef<'_>) -> Stored<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Text(text) => match str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(error) => return Err(StoreError::Storage(error.to_string())),
        },
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        ValueRef::Real(_) => {
            let no_fractions = "a statement answered a fraction, which no column holds";
            return Err(StoreError::Storage(no_fractions.to_owned()));
        }
    })
}

impl ToSql for Argument<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Integer(Some(number)) => ValueRef::Integer(*number),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Blob(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Integer(None) | Self::Text(None) | Self::Blob(None) => ValueRef::Null,
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// SQLite numbers `$7` by where it first appears; its name says which argument is meant.
fn prepare<'c>(
    connection: &'c Connection,
    statement: &Statement<'_>,
) -> Result<CachedStatement<'c>> {
    let text = statement.sql.sqlite;
    #[cfg(debug_assertions)]
    super::plans::check(connection, text);
    let mut prepared = connection.prepare_cached(text)?;
    for index in 1..=prepared.parameter_count() {
        let argument = prepared
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok())
            .and_then(|number| statement.arguments.get(number.checked_sub(1)?))
            .ok_or(Error::InvalidParameterCount(
                index,
                statement.arguments.len(),
            ))?;
        prepared.raw_bind_parameter(index, argument)?;
    }
    Ok(prepared)
}
