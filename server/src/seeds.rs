//! Where times and ids come from. Injected, so that a test can run the same conversation twice and compare the
//! customer's bytes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use shared::time::Timestamp;

/// The host's clock.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Makes ids and secrets.
pub trait Ids: Send + Sync + 'static {
    /// A new id: 26 lower-case letters and digits. Ids of one host rise with time, which keeps indexes dense;
    /// nobody may read anything into them.
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

/// Ids from time, a counter and randomness.
#[derive(Debug, Default)]
pub struct RandomIds {
    last: AtomicU64,
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn base32(mut value: u128) -> String {
    let mut digits = [0_u8; 26];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(value & 31) as usize];
        value >>= 5;
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness there are no secrets; going on would be worse than stopping.
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

impl Ids for RandomIds {
    fn next(&self) -> String {
        let now = u64::try_from(SystemClock.now().0).unwrap_or_default();
        let before = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
                Some(now.max(last + 1))
            })
            .unwrap_or_default();
        let stamp = now.max(before + 1);
        base32(u128::from(stamp) << 64 | u128::from(u64::from_le_bytes(random())))
    }

    fn secret(&self) -> String {
        random::<32>()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
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
        base32(u128::from(self.ids.fetch_add(1, Ordering::Relaxed)))
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
        let ids = RandomIds::default();
        let made: Vec<_> = (0..1_000).map(|_| ids.next()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(made.iter().all(|id| id.len() == 26));
        assert_ne!(ids.secret(), ids.secret());
    }
}
