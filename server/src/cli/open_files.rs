//! The limit of open files: each connection takes one, and the system's soft limit is often far below what it allows.

/// Files that the program itself keeps open, generously counted: the database files of each reader, the log, a backup.
const OWN: usize = 128;

/// Raises the soft limit to the hard one. Returns how many connections the host may have.
#[cfg(unix)]
pub(super) fn raise() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let before = getrlimit(Resource::Nofile);
    let mut raised = before;
    raised.current = raised.maximum;
    let now = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => raised,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            before
        }
    };
    let (from, to) = (before.current, now.current);
    if from != to {
        tracing::info!(?from, ?to, "raised the limit of open files");
    }
    let limit = to.map_or(usize::MAX, |files| {
        usize::try_from(files).unwrap_or(usize::MAX)
    });
    // With a very low limit, half is for connections.
    let connections = limit.saturating_sub(OWN).max(limit / 2);
    tracing::info!(connections, "so many connections may be open");
    connections
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub(super) fn raise() -> usize {
    usize::MAX - OWN
}
