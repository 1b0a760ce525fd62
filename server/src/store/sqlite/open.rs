//! Opening the database file: its folder, the lock against a second Sideline, migrations, the epoch.
//!
//! Each thing that can be wrong with a file has its own sentence, for the person who started the program.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::OpenFlags;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row};

use super::migrations::{self, newest};

/// How long to wait for a lock of SQLite's: only another program, such as a backup, ever holds one.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// How much the writer keeps of the file, in KiB, as SQLite writes it: negative. It is the one connection whose pages stay
/// good from commit to commit.
const WRITER_CACHE: i64 = -16_000;
/// How many plans of statements a connection keeps; there are fewer statements.
const PLANS: usize = 256;
/// SQLite's code for a file that is not a database (SQLITE_NOTADB).
const NOT_A_DATABASE: &str = "26";

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or written.
    #[error("The data folder {folder} cannot be written: {reason}.")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A newer program was here before.
    #[error(
        "The database {path} has version {found}, made by a newer Sideline; this one knows versions up to {known}."
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// An older program was the last one here, and this command changes nothing.
    #[error(
        "The database {path} has version {found}, this Sideline uses {known}; start it or run `sideline migrate` first."
    )]
    Older {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version that this program uses.
        known: i64,
    },
    /// There is no such file.
    #[error("There is no database {path}.")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("The file {path} is not a Sideline database.")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// Another process has it open.
    #[error("The data folder {folder} is in use by another Sideline process.")]
    Locked {
        /// Which.
        folder: PathBuf,
    },
    /// Anything else that the database reports.
    #[error("The database {path} cannot be opened: {reason}.")]
    Database {
        /// The file.
        path: PathBuf,
        /// What it reports.
        reason: String,
    },
}

/// An open database, before anything runs on it.
pub(super) struct Opened {
    pub(super) lock: File,
    pub(super) connection: SqliteConnection,
    /// The version found and the version that it has now.
    pub(super) versions: (i64, i64),
}

/// Locks the folder, opens the file (making both where they are missing) and brings the schema up to date.
pub(super) async fn open(path: &Path) -> Result<Opened, OpenError> {
    let folder = folder(path);
    let lock = lock(folder)?;
    private(OpenOptions::new().append(true).create(true), path)
        .map_err(|reason| unwritable(folder, reason))?;
    let mut connection = base_options(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .map_err(|error| database(path, &error))?;
    match migrate(&mut connection, path).await {
        Ok(versions) => Ok(Opened {
            lock,
            connection,
            versions,
        }),
        Err(error) => {
            // The error that is on its way says more than one from closing.
            let _ = connection.close().await;
            Err(error)
        }
    }
}

/// A connection to a database that is there, of this program's version, and that another process may be using.
/// Changes nothing that is stored and takes no lock that a writer would wait for. (`query_only` and not a read-only
/// file: on such a one, SQLite's integrity check leaves out the CHECK constraints.)
pub(in crate::store) async fn reading(path: &Path) -> Result<SqliteConnection, OpenError> {
    if !path.exists() {
        return Err(OpenError::Missing {
            path: path.to_owned(),
        });
    }
    let mut connection = base_options(path)
        .pragma("query_only", "ON")
        .connect()
        .await
        .map_err(|error| database(path, &error))?;
    let found = version(&mut connection, path).await?;
    match (found, newest()) {
        (0, _) => Err(OpenError::NotADatabase {
            path: path.to_owned(),
        }),
        (found, known) if found > known => Err(newer(path, found)),
        (found, known) if found < known => Err(OpenError::Older {
            path: path.to_owned(),
            found,
            known,
        }),
        _ => Ok(connection),
    }
}

/// The folder of a file.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The file whose name is the database's with something behind it: SQLite's side files.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The connection that writes: what it has committed is on disk. It never checkpoints automatically.
pub(super) fn writer(path: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let connection = connection(path)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", WRITER_CACHE)?;
    // What is deleted or written over is wiped from the file, and not only given free: words that leave an index with the commit
    // and parts of it that are merged some day as well. It answers with what was set.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    Ok(connection)
}

/// A connection that cannot write.
pub(super) fn reader(path: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let connection = connection(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// To a file that was opened, and made, before.
fn connection(path: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What a savepoint may have to undo is kept in memory, and not in a file for each large group.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(PLANS);
    Ok(connection)
}

/// The store's epoch; random, made at the first opening.
pub(super) async fn epoch(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<String, OpenError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| OpenError::Database {
        path: path.to_owned(),
        reason: format!("the system gives no random numbers ({error})"),
    })?;
    let fresh: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let stored = async {
        sqlx::query("INSERT INTO store (one, epoch) VALUES (1, $1) ON CONFLICT (one) DO NOTHING")
            .bind(fresh)
            .execute(&mut *connection)
            .await?;
        sqlx::query("SELECT epoch FROM store")
            .fetch_one(&mut *connection)
            .await?
            .try_get("epoch")
    };
    stored.await.map_err(|error| database(path, &error))
}

fn base_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .disable_statement_logging()
}

/// The lock is let go when the file is dropped, and by the system when the process ends, however it ends.
fn lock(folder: &Path) -> Result<File, OpenError> {
    let lock = fs::create_dir_all(folder)
        .and_then(|()| {
            private(
                OpenOptions::new().write(true).create(true),
                &folder.join("sideline.lock"),
            )
        })
        .map_err(|reason| unwritable(folder, reason))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked {
            folder: folder.to_owned(),
        }),
        Err(TryLockError::Error(reason)) => Err(unwritable(folder, reason)),
    }
}

/// Opens a file that, when it is made here, only its owner can read; SQLite gives its side files the same mode.
pub(super) fn private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}

fn unwritable(folder: &Path, reason: io::Error) -> OpenError {
    OpenError::Folder {
        folder: folder.to_owned(),
        reason,
    }
}

pub(super) fn database(path: &Path, error: &sqlx::Error) -> OpenError {
    let code = error.as_database_error().and_then(|error| error.code());
    if code.as_deref() == Some(NOT_A_DATABASE) {
        OpenError::NotADatabase {
            path: path.to_owned(),
        }
    } else {
        OpenError::Database {
            path: path.to_owned(),
            reason: error.to_string(),
        }
    }
}

async fn version(connection: &mut SqliteConnection, path: &Path) -> Result<i64, OpenError> {
    migrations::version(connection)
        .await
        .map_err(|error| database(path, &error))?
        .ok_or_else(|| OpenError::NotADatabase {
            path: path.to_owned(),
        })
}

/// Brings the schema up to date. Answers the version found and the version that it has now.
async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(i64, i64), OpenError> {
    let known = newest();
    let found = version(connection, path).await?;
    if found > known {
        return Err(newer(path, found));
    }
    migrations::apply(connection, found)
        .await
        .map_err(|error| database(path, &error))?;
    Ok((found, known))
}

fn newer(path: &Path, found: i64) -> OpenError {
    OpenError::Newer {
        path: path.to_owned(),
        found,
        known: newest(),
    }
}
