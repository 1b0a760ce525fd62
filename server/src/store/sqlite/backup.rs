//! Copying a database that may be in use: one consistent state, in a new file, from a process of its own.
//!
//! The copy has no epoch. A program that opens it makes a new one, so that browsers which know numbers of the time
//! after the copy start over instead of going on with numbers that mean something else. Nor has it sessions: one that was
//! ended after the copy would be good again. Tokens of the HTTP API are revoked in it for the same reason, and receivers of webhooks are
//! off: one that was deleted after the copy would be told of everything again. What waits to be handed to a provider has failed in
//! it: the original has sent it since. *Retry* asks the provider first whether it has it, where a provider can be asked. The
//! customers that are known stay known.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use super::open::{self, OpenError};

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database cannot be read.
    #[error(transparent)]
    Source(#[from] OpenError),
    /// A file of this name exists, or another copy is on its way there.
    #[error("{0} exists already; a backup never overwrites anything. Choose another name.")]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("The backup {file} cannot be written: {reason}.")]
    Unwritable {
        /// Which.
        file: PathBuf,
        /// What the system says.
        reason: String,
    },
}

/// Copies the database at `from` to the new file `to` and answers its size in bytes. The copy is on disk before
/// this answers; after an error there is no file.
pub async fn backup(from: &Path, to: &Path) -> Result<u64, BackupError> {
    let connection = open::reading(from).await?;
    // The name is taken by an empty file, and the copy grows beside it: a file that has the name and is not empty
    // is whole, whatever interrupts this.
    let growing = open::beside(to, ".part");
    claim(to)?;
    let copied = match claim(&growing) {
        Ok(_) => {
            let copied = fill(connection, &growing, to).await;
            if copied.is_err() {
                let _ = fs::remove_file(&growing);
            }
            copied
        }
        Err(error) => Err(error),
    };
    if copied.is_err() {
        let _ = fs::remove_file(to);
    }
    copied
}

fn claim(file: &Path) -> Result<File, BackupError> {
    open::private(OpenOptions::new().write(true).create_new(true), file).map_err(|reason| {
        match reason.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(file.to_owned()),
            _ => unwritable(file, reason),
        }
    })
}

async fn fill(mut source: SqliteConnection, growing: &Path, to: &Path) -> Result<u64, BackupError> {
    let failed = |reason: sqlx::Error| unwritable(to, reason);
    let target = growing
        .to_str()
        .ok_or_else(|| unwritable(to, "its name has characters that the database cannot take"))?;
    // Writing another file counts as writing, too.
    sqlx::query("PRAGMA query_only = OFF")
        .execute(&mut source)
        .await
        .map_err(failed)?;
    sqlx::query("VACUUM INTO $1")
        .bind(target.to_owned())
        .execute(&mut source)
        .await
        .map_err(failed)?;
    // Nothing depends on how the source is closed: it was only read.
    let _ = source.close().await;
    without_sessions(growing).await.map_err(failed)?;
    settle(growing, to).map_err(|reason| unwritable(to, reason))
}

/// Takes out of a copy what would be wrong in it: see the module's head.
pub async fn without_sessions(copy: &Path) -> Result<(), sqlx::Error> {
    let mut copy = SqliteConnectOptions::new().filename(copy).connect().await?;
    // Without traces in the free pages of the file.
    sqlx::raw_sql(
        "PRAGMA secure_delete = ON; DELETE FROM store; DELETE FROM sessions; DELETE FROM sign_ins;
         DELETE FROM passkey_challenges;
         UPDATE api_tokens SET revoked_at = created_at WHERE revoked_at IS NULL;
         UPDATE webhook_receivers SET active = 0;
         UPDATE deliveries SET unsettled_since = COALESCE(unsettled_since, (SELECT e.at FROM entries e WHERE e.id = entry_id))
            WHERE entry_id IN (SELECT e.id FROM entries e WHERE e.delivery = 'queued');
         UPDATE entries SET delivery = 'failed', delivery_reason = 'restored', delivery_code = NULL WHERE delivery = 'queued';
         DELETE FROM jobs WHERE kind = 'message_deliver'; DELETE FROM job_pauses;",
    )
    .execute(&mut copy)
    .await?;
    copy.close().await
}

/// Gives the finished copy its name, and is done when both are on disk.
fn settle(growing: &Path, to: &Path) -> io::Result<u64> {
    let file = File::open(growing)?;
    file.sync_all()?;
    fs::rename(growing, to)?;
    #[cfg(unix)]
    File::open(open::folder(to))?.sync_all()?;
    Ok(file.metadata()?.len())
}

fn unwritable(file: &Path, reason: impl ToString) -> BackupError {
    BackupError::Unwritable {
        file: file.to_owned(),
        reason: reason.to_string(),
    }
}
