//! Whether the files that the writer writes are still the ones that stand under their names, as it left them.
//!
//! A file that was deleted or replaced goes on taking writes that nobody will ever read; one that somebody else wrote
//! into is no longer what SQLite believes it to be. Neither is an error of any write, so the files are checked.

use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::log_frames::{Header, Log};
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
    /// What was in the log after the last commit; `None`: nothing yet.
    frames: Option<Log>,
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
        let mut files = Self {
            database: known(database.to_owned()),
            log: known(beside(database, "-wal")),
            frames: None,
        };
        files.frames = files.log_now();
        files
    }

    /// Before a transaction: nobody else has touched the database, and all that was in the log is still there.
    pub(super) fn check(&self) -> Result<(), Changed> {
        self.database.untouched()?;
        self.log.grown(|| {
            let now = self.log_now();
            now.is_some_and(|now| self.frames.is_none_or(|before| now.holds(&before)))
        })
    }

    /// After a commit, before it is acknowledged: it went into the log that will be found there, and nobody else has
    /// touched the database, which a commit does not. With this commit the log has `frames`; 0 when it wrote nothing.
    pub(super) fn committed(&mut self, frames: u64) -> Result<(), Changed> {
        self.database.untouched()?;
        // Its frames were read before the transaction, if there was a reason to.
        let header = Header::read(&self.log.path).ok().flatten();
        self.log.grown(|| {
            header.is_some_and(|now| {
                self.frames
                    .is_none_or(|before| now == before.header || now.follows(&before.header))
            })
        })?;
        match &mut self.frames {
            Some(before) if Some(before.header) == header => {
                before.frames = before.frames.max(frames);
            }
            // The log was begun again: there is little in it yet.
            before => *before = Log::read(&self.log.path).ok().flatten().or(*before),
        }
        self.log.leave();
        Ok(())
    }

    /// The log was written back into the database, which writes nothing into the log. Another file under the same name
    /// is never taken for the one that was there.
    pub(super) fn written_back(&mut self) {
        self.database.leave();
    }

    /// The log was written back into the database, and cut to nothing.
    pub(super) fn emptied(&mut self) {
        self.database.leave();
        self.log.leave();
        self.frames = self.log_now();
    }

    /// The writer's connection was closed or opened. Closing the last one writes the log back and deletes it.
    pub(super) fn reconnected(&mut self) {
        self.database.leave();
        let now = state(&self.log.path).ok();
        let empty = now.as_ref().is_none_or(|now| now.bytes == 0);
        let log = self.log_now();
        // What is no log, or has lost what was in it, is not taken for good.
        let same_file = now.as_ref().map(|now| now.identity)
            == self.log.left.as_ref().map(|left| left.identity);
        let good = match (&log, &self.frames) {
            (Some(log), Some(before)) => !same_file || log.holds(before),
            (Some(_), None) => true,
            (None, _) => empty,
        };
        if good {
            self.log.left = now;
            self.frames = log;
        }
    }

    fn log_now(&self) -> Option<Log> {
        Log::read(&self.log.path).ok().flatten()
    }
}

impl Known {
    /// It is the same file, and as it was left.
    fn untouched(&self) -> Result<(), Changed> {
        self.compare(|left, now| (left != now).then_some("was written by somebody else"))
    }

    /// It is the same file and as long as it was left, or longer, and `whole` if it is not as it was left. Who writes
    /// through SQLite, as an operator's tools do, writes into the log in a way that harms nothing.
    fn grown(&self, whole: impl FnOnce() -> bool) -> Result<(), Changed> {
        self.compare(|left, now| {
            if now.bytes < left.bytes {
                return Some("was cut short");
            }
            (left != now && now.bytes > 0 && !whole()).then_some("was overwritten")
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
