//! What an operator does with a database: bring it up to date, copy it, verify it.

use std::path::Path;

use super::database::{Database, file};
use super::{CliError, cli_error};
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::{SqliteStore, backup as copy, verify};

/// Brings the database to this program's version.
pub(super) async fn migrate(database: &Database) -> Result<(), CliError> {
    let (from, to) = match database {
        Database::Sqlite(file) => SqliteStore::migrate(file).await.map_err(cli_error)?,
        Database::Postgres(address) => PostgresStore::migrate(address).await.map_err(cli_error)?,
    };
    if from == to {
        println!("The database is at version {to} already.");
    } else {
        println!("The database went from version {from} to {to}.");
    }
    Ok(())
}

/// Copies the database to a new file.
pub(super) async fn backup(database: &Database, to: &Path) -> Result<(), CliError> {
    let from = file(database, "use pg_dump, see docs/POSTGRESQL.md")?;
    let bytes = copy(from, to).await.map_err(cli_error)?;
    println!("Copied the database to {} ({bytes} bytes).", to.display());
    Ok(())
}

/// Verifies a database; every finding is a line on standard output.
pub(super) async fn check(database: &Database) -> Result<(), CliError> {
    let file = file(
        database,
        "`sideline check` does not know PostgreSQL yet; pg_amcheck verifies its tables",
    )?;
    let findings = verify(file).await.map_err(cli_error)?;
    for finding in &findings {
        println!("{}: {}", finding.rule, finding.what);
    }
    match findings.len() {
        0 => {
            println!("{} is in order.", file.display());
            Ok(())
        }
        1 => Err(cli_error(format!("{}: 1 finding", file.display()))),
        count => Err(cli_error(format!("{}: {count} findings", file.display()))),
    }
}
