//! A clock that stands still and ids that count, so that a story runs the same way each time. The unit tests of the crate
//! use them too.

use std::sync::atomic::{AtomicU64, Ordering};

use server::clock_and_ids::{Clock, Ids};
use shared::time::Timestamp;

/// A clock that moves only when a test advances it.
#[derive(Debug, Default)]
pub struct FixedClock(AtomicU64);

impl FixedClock {
    /// Moves the clock forward.
    pub fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        let seconds = i64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or_default();
        Timestamp(1_700_000_000_000_000 + seconds * 1_000_000)
    }
}

/// Ids in a fixed order.
#[derive(Debug, Default)]
pub struct DeterministicIds {
    ids: AtomicU64,
    /// Counted apart from the ids: what a visitor gets must not depend on how many ids staff use.
    secrets: AtomicU64,
}

impl Ids for DeterministicIds {
    fn next(&self) -> String {
        format!("{:032x}", self.ids.fetch_add(1, Ordering::Relaxed))
    }

    fn secret(&self) -> String {
        format!("{:064x}", self.secrets.fetch_add(1, Ordering::Relaxed))
    }
}
