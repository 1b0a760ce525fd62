//! How far the write-ahead log of the writer's connection has grown. SQLite says so after each commit, on the thread
//! that commits.

use std::cell::Cell;

use rusqlite::Connection;

/// How long the log grows until it is written back, in pages of 4 KiB: the pages that are written most are written back
/// once instead of again and again.
const LOG_PAGES: i32 = 4_000;

thread_local! {
    static PAGES: Cell<i32> = const { Cell::new(0) };
}

/// Counts the pages of this connection's commits from now on.
pub(super) fn count(connection: &Connection) {
    connection.wal_hook(Some(|_, pages| {
        PAGES.set(pages);
        Ok(())
    }));
}

/// Forgets the commits so far, at the beginning of a transaction: one that writes nothing is not counted.
pub(super) fn begin() {
    PAGES.set(0);
}

/// How many pages the log has with the last commit; 0 when it wrote nothing.
pub(super) fn committed() -> u64 {
    u64::try_from(PAGES.get()).unwrap_or_default()
}

/// Whether the log should be written back, on the thread whose commits are counted.
pub(super) fn due() -> bool {
    PAGES.get() >= LOG_PAGES
}
