//! What an operator does with a database: bring it up to date, copy it, verify it.

use std::path::Path;

use super::database::Database;
use super::{CliError, cli_error};
use crate::store::copying::{self, Copied};
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::{SqliteStore, backup as copy, verify, without_sessions};

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

/// Copies everything from a file into PostgreSQL.
pub(super) async fn migrate_database(from: &Database, to: &Database) -> Result<(), CliError> {
    let (Database::Sqlite(from), Database::Postgres(to)) = (from, to) else {
        return Err(cli_error(
            "expected --from sqlite:FILE and --to postgres://…; `sideline backup` copies the other way",
        ));
    };
    if !from.exists() {
        let from = from.display();
        return Err(cli_error(format!("There is no file {from}.")));
    }
    SqliteStore::migrate(from).await.map_err(cli_error)?;
    // What is wrong is found here, and not by people on the new database.
    in_order(from, &from.display().to_string()).await?;
    let Copied { tables, rows } = copying::to_postgres(from, to).await.map_err(cli_error)?;
    println!("Copied {rows} rows of {tables} tables to {to}; each was read back and compared.");
    println!("The secrets' key is no part of it: keep the data folder, or pass --secret-key-file.");
    Ok(())
}

/// Copies the database to a new file.
pub(super) async fn backup(database: &Database, to: &Path) -> Result<(), CliError> {
    let bytes = match database {
        Database::Sqlite(from) => copy(from, to).await.map_err(cli_error)?,
        Database::Postgres(from) => {
            copying::to_sqlite(from, to).await.map_err(cli_error)?;
            without_sessions(to).await.map_err(cli_error)?;
            std::fs::metadata(to).map_err(cli_error)?.len()
        }
    };
    println!("Copied the database to {} ({bytes} bytes).", to.display());
    Ok(())
}

/// Verifies a database; every finding is a line on standard output. One of PostgreSQL is verified in a copy, which is in `folder`
/// meanwhile.
pub(super) async fn check(database: &Database, folder: &Path) -> Result<(), CliError> {
    let address = match database {
        Database::Sqlite(file) => return said_in_order(file, &file.display().to_string()).await,
        Database::Postgres(address) => address,
    };
    std::fs::create_dir_all(folder).map_err(cli_error)?;
    let file = folder.join(format!("check-{}.db", std::process::id()));
    let checked = match copying::to_sqlite(address, &file).await {
        Ok(_) => said_in_order(&file, &address.to_string()).await,
        Err(error) => Err(cli_error(error)),
    };
    for ending in ["", "-wal", "-shm", ".lock"] {
        let mut name = file.clone().into_os_string();
        name.push(ending);
        let _ = std::fs::remove_file(name);
    }
    checked
}

async fn said_in_order(file: &Path, name: &str) -> Result<(), CliError> {
    in_order(file, name).await?;
    println!("{name} is in order.");
    Ok(())
}

/// Says each finding; one is an error.
async fn in_order(file: &Path, name: &str) -> Result<(), CliError> {
    let findings = verify(file).await.map_err(cli_error)?;
    for finding in &findings {
        println!("{}: {}", finding.rule, finding.what);
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err(cli_error(format!("{name}: 1 finding"))),
        count => Err(cli_error(format!("{name}: {count} findings"))),
    }
}
