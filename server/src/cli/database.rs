//! Where the data are: in a file of the data folder, in another file, or in PostgreSQL.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use super::{CliError, DataArgs, cli_error};
use crate::store::OwnedStore;
use crate::store::postgres::{Address, PostgresStore, Sharing};
use crate::store::sqlite::SqliteStore;

/// A database.
#[derive(Clone, Debug)]
pub(super) enum Database {
    /// In a file.
    Sqlite(PathBuf),
    /// On a server.
    Postgres(Box<Address>),
}

impl FromStr for Database {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        match url.split_once(':') {
            Some(("sqlite", file)) if !file.trim_start_matches('/').is_empty() => {
                let file = file.strip_prefix("//").unwrap_or(file);
                Ok(Self::Sqlite(PathBuf::from(file)))
            }
            Some(("postgres" | "postgresql", _)) => url.parse().map(Box::new).map(Self::Postgres),
            // Nothing of it is said again: it may hold a password.
            _ => Err(
                "expected postgres://user:password@host:port/database, or sqlite:FILE".to_owned(),
            ),
        }
    }
}

/// The database that is meant.
pub(super) fn database(data: &DataArgs) -> Database {
    let in_folder = || Database::Sqlite(data.data.join("sideline.db"));
    data.database.clone().unwrap_or_else(in_folder)
}

/// Opens the database, which no other process has open.
pub(super) async fn open(data: &DataArgs) -> Result<Arc<dyn OwnedStore>, CliError> {
    open_shared(data, Sharing::Alone).await
}

/// Opens the database, which only such processes have open.
pub(super) async fn open_shared(
    data: &DataArgs,
    sharing: Sharing,
) -> Result<Arc<dyn OwnedStore>, CliError> {
    Ok(match database(data) {
        Database::Sqlite(file) if sharing == Sharing::Nodes => {
            let file = file.display();
            return Err(cli_error(format!(
                "{file} is a SQLite file, which one process has alone; several nodes (--bus) need PostgreSQL: --database postgres://…"
            )));
        }
        Database::Sqlite(file) => Arc::new(SqliteStore::open(&file).await.map_err(cli_error)?),
        Database::Postgres(address) => {
            // What the data folder holds besides the database, the secrets' key, is there all the same.
            std::fs::create_dir_all(&data.data).map_err(|error| {
                let folder = data.data.display();
                cli_error(format!(
                    "The data folder {folder} cannot be written: {error}."
                ))
            })?;
            Arc::new(
                PostgresStore::open(&address, sharing)
                    .await
                    .map_err(cli_error)?,
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_database_is_a_file_or_a_server() {
        let read = |url: &str| url.parse::<Database>();
        let file = |url: &str| match read(url) {
            Ok(Database::Sqlite(file)) => file,
            other => panic!("{url}: {other:?}"),
        };
        assert_eq!(file("sqlite:desk.db"), Path::new("desk.db"));
        assert_eq!(file("sqlite:/srv/desk.db"), Path::new("/srv/desk.db"));
        assert_eq!(file("sqlite:///srv/desk.db"), Path::new("/srv/desk.db"));
        for refused in [
            "",
            "desk.db",
            "sqlite:",
            "sqlite://",
            "mysql://root:pw@host/desk",
        ] {
            let error = read(refused).unwrap_err();
            assert!(
                error.starts_with("expected") && !error.contains("pw"),
                "{error}"
            );
        }
    }

    #[test]
    fn no_password_is_shown() {
        let database: Database = "postgres://desk:hush@db.example.com:5433/desk"
            .parse()
            .unwrap();
        let shown = format!("{database:?}");
        assert_eq!(shown, "Postgres(postgres://desk@db.example.com:5433/desk)");
        let wrong = "postgres://desk:hush@db.example.com:port/desk".parse::<Database>();
        assert!(!wrong.unwrap_err().contains("hush"));
    }
}
