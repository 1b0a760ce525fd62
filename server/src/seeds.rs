//! Where times and ids come from. Injected, so that a test can run the same conversation twice and compare the
//! customer's bytes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use shared::time::Timestamp;
use uuid::Uuid;

/// The host's clock.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Makes ids and secrets.
pub trait Ids: Send + Sync + 'static {
    /// A new id: 32 hex digits (26 lower-case letters and digits in databases of releases before). Ids of one host
    /// rise with time, which keeps indexes dense; nobody may read anything into them.
    fn next(&self) -> String;

    /// 256 bits that nobody can guess, as 64 hex digits.
    fn secret(&self) -> String;
}

/// The clock of the machine.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// UUIDs of version 7: time, then a counter, then randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn next(&self) -> String {
        Uuid::now_v7().simple().to_string()
    }

    fn secret(&self) -> String {
        let mut bytes = [0; 32];
        // Without randomness there are no secrets; going on would be worse than stopping.
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        hex::encode(bytes)
    }
}

/// A clock and ids that repeat themselves, for tests.
#[derive(Debug, Default)]
pub struct Rehearsed {
    ticks: AtomicU64,
    ids: AtomicU64,
    /// A row of its own: how many ids staff use up must not show in what a visitor is given.
    secrets: AtomicU64,
}

impl Clock for Rehearsed {
    fn now(&self) -> Timestamp {
        let tick = self.ticks.load(Ordering::Relaxed);
        Timestamp(1_700_000_000_000_000 + i64::try_from(tick).unwrap_or_default() * 1_000_000)
    }
}

impl Rehearsed {
    /// Lets `seconds` pass.
    pub fn pass(&self, seconds: u64) {
        self.ticks.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Ids for Rehearsed {
    fn next(&self) -> String {
        format!("{:032x}", self.ids.fetch_add(1, Ordering::Relaxed))
    }

    fn secret(&self) -> String {
        format!("{:064x}", self.secrets.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_different_and_rise() {
        let ids = RandomIds;
        let made: Vec<_> = (0..1_000).map(|_| ids.next()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(made.iter().all(|id| id.len() == 32));
        let of_a_release_before = "000s68wz0h5tkcq0m6nbk4rsy1";
        assert!(made.iter().all(|id| of_a_release_before < id.as_str()));
        assert_ne!(ids.secret(), ids.secret());
    }
}
