//! What an operator does with a database: bring it up to date, copy it, verify it.

use std::path::Path;

use super::{CliError, cli_error, database};
use crate::store::sqlite::{SqliteStore, backup as copy, verify};

/// Brings the database to this program's version.
pub(super) async fn migrate(data: &Path) -> Result<(), CliError> {
    let (from, to) = SqliteStore::migrate(&database(data))
        .await
        .map_err(cli_error)?;
    if from == to {
        println!("The database is at version {to} already.");
    } else {
        println!("The database went from version {from} to {to}.");
    }
    Ok(())
}

/// Copies the database to a new file.
pub(super) async fn backup(data: &Path, file: &Path) -> Result<(), CliError> {
    let bytes = copy(&database(data), file).await.map_err(cli_error)?;
    println!("Copied the database to {} ({bytes} bytes).", file.display());
    Ok(())
}

/// Verifies a database; every finding is a line on standard output.
pub(super) async fn check(file: &Path) -> Result<(), CliError> {
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
