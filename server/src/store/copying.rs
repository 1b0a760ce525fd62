//! Copies everything from a database of one kind into an empty one of the other: to move to PostgreSQL, and to verify or keep what
//! is in PostgreSQL by the means that SQLite has.
//!
//! Both schemas have the same tables and columns, so no table is named here: PostgreSQL lists them. A copy is one transaction, which is there
//! as a whole or not at all, and each table is read back and compared before it counts. The epoch is not copied: the next program
//! makes a new one, so that browsers begin again.

use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use super::postgres::{Address, OpenError as PostgresError};
use super::sqlite::{OpenError as SqliteError, SqliteStore, reading};

/// How many rows are written at once.
const ROWS: usize = 500;
/// How many bytes at most, in about.
const BYTES: usize = 4 << 20;

/// Tables with their columns. The rows of `store` are the epoch.
const TABLES: &str =
    "SELECT c.table_name, c.column_name, c.data_type, c.is_identity = 'YES' AS counted
    FROM information_schema.columns c JOIN information_schema.tables t
        ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
    WHERE c.table_schema = current_schema() AND c.is_generated = 'NEVER'
        AND c.table_name NOT IN ('_sqlx_migrations', 'store')
    ORDER BY c.table_name, c.ordinal_position";
/// References between tables: they hold again when everything is there.
const REFERENCES: &str =
    "SELECT conrelid::regclass::text AS of, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS is
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace";

/// How much was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Tables.
    pub tables: usize,
    /// Rows of all of them.
    pub rows: u64,
}

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The SQLite file cannot be opened.
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
    /// The PostgreSQL database cannot be opened.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// There is something where everything was to go.
    #[error(
        "The database {0} holds users or work already; nothing was copied. Give the copy an empty database."
    )]
    NotEmpty(String),
    /// A file of this name exists.
    #[error("{0} exists already; choose another name.")]
    Exists(PathBuf),
    /// What was written reads differently.
    #[error("The table {0} differs after it was copied; nothing was kept.")]
    Differs(String),
    /// Anything else that one of the two reports.
    #[error("{what}: {reason}. Nothing was copied.")]
    Failed {
        /// What was being done.
        what: String,
        /// What the database says.
        reason: String,
    },
}

/// Says what was being done when something failed.
trait While<T> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, CopyError>;
}

impl<T> While<T> for Result<T, sqlx::Error> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, CopyError> {
        self.map_err(|error| CopyError::Failed {
            what: what(),
            reason: error.to_string(),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Integer,
    Text,
    Bytes,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Value {
    fn size(&self) -> usize {
        match self {
            Self::Integer(_) => 8,
            Self::Text(text) => text.as_ref().map_or(0, String::len),
            Self::Bytes(bytes) => bytes.as_ref().map_or(0, Vec::len),
        }
    }
}

struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
    /// The column whose numbers the database gives.
    counted: Option<String>,
}

impl Table {
    fn columns(&self) -> String {
        let names = self.columns.iter().map(|(name, _)| format!("\"{name}\""));
        names.collect::<Vec<_>>().join(", ")
    }

    fn select(&self) -> String {
        format!("SELECT {} FROM \"{}\"", self.columns(), self.name)
    }

    fn to_sqlite(&self) -> String {
        let places = (1..=self.columns.len()).map(|place| format!("${place}"));
        let places = places.collect::<Vec<_>>().join(", ");
        let columns = self.columns();
        format!(
            "INSERT INTO \"{}\" ({columns}) VALUES ({places})",
            self.name
        )
    }

    fn to_postgres(&self) -> String {
        let lists = self.columns.iter().zip(1..).map(|((_, kind), place)| {
            let of = match kind {
                Kind::Integer => "BIGINT",
                Kind::Text => "TEXT",
                Kind::Bytes => "BYTEA",
            };
            format!("${place}::{of}[]")
        });
        let lists = lists.collect::<Vec<_>>().join(", ");
        let columns = self.columns();
        format!(
            "INSERT INTO \"{}\" ({columns}) SELECT * FROM UNNEST({lists})",
            self.name
        )
    }
}

/// What a table holds, whatever the order of its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Contents {
    rows: u64,
    digest: u128,
}

impl Contents {
    fn add(&mut self, row: &[Value]) {
        let mut hash = Sha256::new();
        for value in row {
            // With the length in front two rows of other values have other bytes.
            let (is, bytes): (u8, &[u8]) = match value {
                Value::Integer(Some(number)) => (1, &number.to_be_bytes()),
                Value::Text(Some(text)) => (2, text.as_bytes()),
                Value::Bytes(Some(bytes)) => (3, bytes),
                Value::Integer(None) | Value::Text(None) | Value::Bytes(None) => (0, &[]),
            };
            hash.update([is]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
        let digest: [u8; 32] = hash.finalize().into();
        let (half, _) = digest.split_at(16);
        self.digest = self
            .digest
            .wrapping_add(u128::from_be_bytes(half.try_into().unwrap_or_default()));
        self.rows += 1;
    }
}

macro_rules! read {
    ($name:ident, $row:ty) => {
        fn $name(table: &Table, row: &$row) -> Result<Vec<Value>, sqlx::Error> {
            let columns = table.columns.iter().enumerate();
            columns
                .map(|(place, (_, kind))| {
                    Ok(match kind {
                        Kind::Integer => Value::Integer(row.try_get(place)?),
                        Kind::Text => Value::Text(row.try_get(place)?),
                        Kind::Bytes => Value::Bytes(row.try_get(place)?),
                    })
                })
                .collect()
        }
    };
}
read!(of_sqlite, SqliteRow);
read!(of_postgres, PgRow);

/// The tables of a PostgreSQL database.
async fn tables(connection: &mut PgConnection) -> Result<Vec<Table>, CopyError> {
    let rows = sqlx::query(TABLES).fetch_all(connection).await;
    let mut tables: Vec<Table> = Vec::new();
    for row in rows.during(|| "The tables cannot be listed".to_owned())? {
        let (table, column): (String, String) = (row.get("table_name"), row.get("column_name"));
        if tables.last().is_none_or(|last| last.name != table) {
            tables.push(Table {
                name: table,
                columns: Vec::new(),
                counted: None,
            });
        }
        let Some(last) = tables.last_mut() else {
            continue;
        };
        if row.get("counted") {
            last.counted = Some(column.clone());
        }
        let kind = match row.get("data_type") {
            "bigint" => Kind::Integer,
            "bytea" => Kind::Bytes,
            _ => Kind::Text,
        };
        last.columns.push((column, kind));
    }
    Ok(tables)
}

/// Copies a SQLite file, which no program has open, into an empty PostgreSQL database. Both are brought up to date first.
pub async fn to_postgres(from: &Path, to: &Address) -> Result<Copied, CopyError> {
    // Nobody else writes as long as it is open.
    let held = SqliteStore::open(from).await?;
    let indexed = held.index_all().await.map_err(|error| CopyError::Failed {
        what: format!("The file {} cannot be written", from.display()),
        reason: error.to_string(),
    });
    let copied = match indexed {
        Ok(()) => fill_postgres(from, to).await,
        Err(error) => Err(error),
    };
    held.close().await;
    copied
}

async fn fill_postgres(from: &Path, to: &Address) -> Result<Copied, CopyError> {
    let mut source = reading(from).await?;
    let (mut connection, _) = to.connect_alone().await?;
    let beginning = || format!("The database {to} cannot be written");
    sqlx::raw_sql("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        .execute(&mut connection)
        .await
        .during(beginning)?;
    let mut target = Connection::begin(&mut connection).await.during(beginning)?;
    let used = "SELECT EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM workitems) AS used";
    let used = sqlx::query(used).fetch_one(&mut *target).await;
    if used.during(beginning)?.get("used") {
        return Err(CopyError::NotEmpty(to.to_string()));
    }
    let references = sqlx::query(REFERENCES).fetch_all(&mut *target).await;
    let references = references.during(beginning)?;
    for row in &references {
        let (of, name): (String, String) = (row.get("of"), row.get("name"));
        run(
            &mut target,
            format!("ALTER TABLE {of} DROP CONSTRAINT {name}"),
        )
        .await
        .during(beginning)?;
    }
    let tables = tables(&mut target).await?;
    let mut copied = Copied::default();
    for table in &tables {
        copied.rows += copy_table(&mut source, &mut target, table).await?;
    }
    for row in &references {
        let (of, name, is): (String, String, String) =
            (row.get("of"), row.get("name"), row.get("is"));
        run(
            &mut target,
            format!("ALTER TABLE {of} ADD CONSTRAINT {name} {is}"),
        )
        .await
        .during(|| format!("A reference of {of} has no target"))?;
    }
    target.commit().await.during(beginning)?;
    copied.tables = tables.len();
    Ok(copied)
}

/// Copies one table and compares what was written. Answers how many rows it has.
async fn copy_table(
    source: &mut SqliteConnection,
    target: &mut PgConnection,
    table: &Table,
) -> Result<u64, CopyError> {
    let during = || format!("The table {} cannot be copied", table.name);
    run(target, format!("DELETE FROM \"{}\"", table.name))
        .await
        .during(during)?;
    let mut contents = Contents::default();
    let mut rows = sqlx::query(AssertSqlSafe(table.select())).fetch(source);
    let (mut batch, mut size) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await.during(during)? {
        let row = of_sqlite(table, &row).during(during)?;
        contents.add(&row);
        size += row.iter().map(Value::size).sum::<usize>();
        batch.push(row);
        if batch.len() == ROWS || size > BYTES {
            write_postgres(target, table, std::mem::take(&mut batch))
                .await
                .during(during)?;
            size = 0;
        }
    }
    drop(rows);
    write_postgres(target, table, batch).await.during(during)?;
    if contents != contents_of_postgres(target, table).await.during(during)? {
        return Err(CopyError::Differs(table.name.clone()));
    }
    if let Some(counted) = &table.counted {
        let name = &table.name;
        run(
            target,
            format!(
                "SELECT setval(pg_get_serial_sequence('{name}', '{counted}'), MAX(\"{counted}\"))
                 FROM \"{name}\" HAVING COUNT(*) > 0"
            ),
        )
        .await
        .during(during)?;
    }
    Ok(contents.rows)
}

async fn run(connection: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    let done = sqlx::query(AssertSqlSafe(statement)).execute(connection);
    done.await.map(drop)
}

async fn write_postgres(
    target: &mut PgConnection,
    table: &Table,
    rows: Vec<Vec<Value>>,
) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut lists: Vec<Vec<Value>> = table.columns.iter().map(|_| Vec::new()).collect();
    for row in rows {
        for (list, value) in lists.iter_mut().zip(row) {
            list.push(value);
        }
    }
    let mut insert = sqlx::query::<_>(AssertSqlSafe(table.to_postgres()));
    for (list, (_, kind)) in lists.into_iter().zip(&table.columns) {
        insert = bound_list(insert, list, *kind);
    }
    insert.execute(target).await.map(drop)
}

fn bound_list(
    insert: sqlx::query::Query<'_, sqlx::Postgres, PgArguments>,
    list: Vec<Value>,
    kind: Kind,
) -> sqlx::query::Query<'_, sqlx::Postgres, PgArguments> {
    let list = list.into_iter();
    match kind {
        Kind::Integer => insert.bind(
            list.map(|value| match value {
                Value::Integer(number) => number,
                _ => None,
            })
            .collect::<Vec<_>>(),
        ),
        Kind::Text => insert.bind(
            list.map(|value| match value {
                Value::Text(text) => text,
                _ => None,
            })
            .collect::<Vec<_>>(),
        ),
        Kind::Bytes => insert.bind(
            list.map(|value| match value {
                Value::Bytes(bytes) => bytes,
                _ => None,
            })
            .collect::<Vec<_>>(),
        ),
    }
}

async fn contents_of_postgres(
    connection: &mut PgConnection,
    table: &Table,
) -> Result<Contents, sqlx::Error> {
    let mut contents = Contents::default();
    let mut rows = sqlx::query(AssertSqlSafe(table.select())).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        contents.add(&of_postgres(table, &row)?);
    }
    Ok(contents)
}

/// Copies one state of a PostgreSQL database, which programs may use, into a new SQLite file.
pub async fn to_sqlite(from: &Address, to: &Path) -> Result<Copied, CopyError> {
    if to.exists() {
        return Err(CopyError::Exists(to.to_owned()));
    }
    let mut connection = from.connect_to_read().await?;
    SqliteStore::open(to).await?.close().await;
    let reading = || format!("The database {from} cannot be read");
    let writing = || format!("The file {} cannot be written", to.display());
    sqlx::raw_sql("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        .execute(&mut connection)
        .await
        .during(reading)?;
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    let mut source = connection.begin_with(begin).await.during(reading)?;
    let mut file = SqliteConnectOptions::new()
        .filename(to)
        .foreign_keys(false)
        .connect()
        .await
        .during(writing)?;
    let mut target = Connection::begin(&mut file).await.during(writing)?;
    let tables = tables(&mut source).await?;
    let mut copied = Copied::default();
    // The file has an epoch since it was made, which no browser knows.
    for table in &tables {
        let during = || format!("The table {} cannot be copied", table.name);
        let clear = format!("DELETE FROM \"{}\"", table.name);
        let cleared = sqlx::query(AssertSqlSafe(clear)).execute(&mut *target);
        cleared.await.during(during)?;
        let mut contents = Contents::default();
        let mut rows = sqlx::query(AssertSqlSafe(table.select())).fetch(&mut *source);
        while let Some(row) = rows.try_next().await.during(during)? {
            let row = of_postgres(table, &row).during(during)?;
            contents.add(&row);
            write_sqlite(&mut target, table, row).await.during(during)?;
        }
        drop(rows);
        if contents
            != contents_of_sqlite(&mut target, table)
                .await
                .during(during)?
        {
            return Err(CopyError::Differs(table.name.clone()));
        }
        copied.rows += contents.rows;
    }
    target.commit().await.during(writing)?;
    file.close().await.during(writing)?;
    copied.tables = tables.len();
    Ok(copied)
}

async fn write_sqlite(
    target: &mut SqliteConnection,
    table: &Table,
    row: Vec<Value>,
) -> Result<(), sqlx::Error> {
    let mut insert = sqlx::query::<_>(AssertSqlSafe(table.to_sqlite()));
    for value in row {
        insert = bound(insert, value);
    }
    insert.execute(target).await.map(drop)
}

fn bound(
    insert: sqlx::query::Query<'_, sqlx::Sqlite, SqliteArguments>,
    value: Value,
) -> sqlx::query::Query<'_, sqlx::Sqlite, SqliteArguments> {
    match value {
        Value::Integer(number) => insert.bind(number),
        Value::Text(text) => insert.bind(text),
        Value::Bytes(bytes) => insert.bind(bytes),
    }
}

async fn contents_of_sqlite(
    connection: &mut SqliteConnection,
    table: &Table,
) -> Result<Contents, sqlx::Error> {
    let mut contents = Contents::default();
    let mut rows = sqlx::query(AssertSqlSafe(table.select())).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        contents.add(&of_sqlite(table, &row)?);
    }
    Ok(contents)
}
