//! Whether the files that the writer writes are still the ones that stand under their names, as it left them.
//!
//! A file that was deleted or replaced goes on taking writes that nobody will ever read; one that somebody else wrote
//! into is no longer what SQLite believes it to be. Neither is an error of any write, so the files are looked at.

use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::open::beside;

/// What tells one state of a file from another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    identity: Identity,
    bytes: u64,
    written: Option<SystemTime>,
}

/// What tells one file from another of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity(u64, u64);

#[cfg(unix)]
fn identity(file: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Identity(file.dev(), file.ino())
}

/// Elsewhere a file is known by its size and the time of its last change alone.
#[cfg(not(unix))]
fn identity(_file: &Metadata) -> Identity {
    Identity(0, 0)
}

fn state(path: &Path) -> io::Result<State> {
    let file = fs::metadata(path)?;
    Ok(State {
        identity: identity(&file),
        bytes: file.len(),
        written: file.modified().ok(),
    })
}

/// A file is not the one, or not in the state, in which it was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    file: PathBuf,
    how: &'static str,
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.file.display(), self.how)
    }
}

/// The database and its write-ahead log.
#[derive(Debug)]
pub(super) struct Files {
    database: Known,
    log: Known,
}

#[derive(Debug)]
struct Known {
    path: PathBuf,
    /// `None`: there was none yet.
    left: Option<State>,
}

impl Files {
    /// The files as they are now.
    pub(super) fn of(database: &Path) -> Self {
        let known = |path: PathBuf| Known {
            left: state(&path).ok(),
            path,
        };
        Self {
            database: known(database.to_owned()),
            log: known(beside(database, "-wal")),
        }
    }

    /// Before a transaction: nobody else has touched them.
    pub(super) fn check(&self) -> Result<(), Changed> {
        self.database.check(false)?;
        self.log.check(false)
    }

    /// After a commit, before it is acknowledged: it went into the log that will be found there, and nobody else has
    /// touched the database, which a commit does not.
    pub(super) fn committed(&mut self) -> Result<(), Changed> {
        self.database.check(false)?;
        self.log.check(true)?;
        self.log.leave();
        Ok(())
    }

    /// The log was written back into the database. Another file under the same name is never taken for the one that was
    /// there.
    pub(super) fn written_back(&mut self) {
        self.database.leave();
        self.log.leave();
    }

    /// The writer's connection was closed or opened. Closing the last one writes the log back and deletes it.
    pub(super) fn reconnected(&mut self) {
        self.database.leave();
        self.log.left = state(&self.log.path).ok();
    }
}

impl Known {
    fn check(&self, written_by_us: bool) -> Result<(), Changed> {
        let Some(left) = &self.left else {
            return Ok(());
        };
        let changed = |how| {
            Err(Changed {
                file: self.path.clone(),
                how,
            })
        };
        match state(&self.path) {
            Ok(now) if now.identity != left.identity => changed("was replaced by another file"),
            Ok(now) if written_by_us && now.bytes < left.bytes => changed("was cut short"),
            Ok(now) if !written_by_us && now != *left => changed("was written by somebody else"),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => changed("is gone"),
            Err(_) => changed("cannot be looked at"),
        }
    }

    fn leave(&mut self) {
        let Ok(now) = state(&self.path) else { return };
        let same = |left: &State| left.identity == now.identity;
        if self.left.as_ref().is_none_or(same) {
            self.left = Some(now);
        }
    }
}
