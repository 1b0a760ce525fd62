//! Whether the files that the writer writes are still the ones that stand under their names, as it left them.
//!
//! A file that was deleted or replaced goes on taking writes that nobody will ever read; one that somebody else wrote
//! into is no longer what SQLite believes it to be. Neither is an error of any write, so the files are looked at.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
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

/// Whether a file begins as SQLite's write-ahead logs do (its file format, section 4.1).
fn is_log(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && matches!(u32::from_be_bytes(magic), 0x377f_0682 | 0x377f_0683)
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

    /// Before a transaction: nobody else has touched the database, and the log is still a log.
    pub(super) fn check(&self) -> Result<(), Changed> {
        self.database.untouched()?;
        self.log.grown()
    }

    /// After a commit, before it is acknowledged: it went into the log that will be found there, and nobody else has
    /// touched the database, which a commit does not.
    pub(super) fn committed(&mut self) -> Result<(), Changed> {
        self.check()?;
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
    /// It is the same file, and as it was left.
    fn untouched(&self) -> Result<(), Changed> {
        self.compare(|left, now| (left != now).then_some("was written by somebody else"))
    }

    /// It is the same file and as long as it was left, or longer. Who writes through SQLite, as an operator's tools do,
    /// writes into the log in a way that harms nothing.
    fn grown(&self) -> Result<(), Changed> {
        self.compare(|left, now| {
            if now.bytes < left.bytes {
                return Some("was cut short");
            }
            (left != now && now.bytes > 0 && !is_log(&self.path)).then_some("was overwritten")
        })
    }

    fn compare(
        &self,
        find: impl FnOnce(&State, &State) -> Option<&'static str>,
    ) -> Result<(), Changed> {
        let Some(left) = &self.left else {
            return Ok(());
        };
        let how = match state(&self.path) {
            Ok(now) if now.identity != left.identity => Some("was replaced by another file"),
            Ok(now) => find(left, &now),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some("is gone"),
            Err(_) => Some("cannot be looked at"),
        };
        how.map_or(Ok(()), |how| {
            Err(Changed {
                file: self.path.clone(),
                how,
            })
        })
    }

    fn leave(&mut self) {
        let Ok(now) = state(&self.path) else { return };
        let same = |left: &State| left.identity == now.identity;
        if self.left.as_ref().is_none_or(same) {
            self.left = Some(now);
        }
    }
}
