//! The source of times and ids. It is injected, so that a test can run the same conversation twice and compare the
//! customer's bytes.

use std::time::{SystemTime, UNIX_EPOCH};

use shared::time::Timestamp;
use uuid::Uuid;

/// The host's clock.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The source of ids and secrets.
pub trait Ids: Send + Sync + 'static {
    /// A new id: 32 hex digits (26 lower-case letters and digits in databases of earlier releases). Ids of one host rise
    /// with time, which keeps indexes dense. Nothing else may depend on their order.
    fn next(&self) -> String;

    /// 256 random bits as 64 hex digits.
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
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the place that may make ids that count"
    )]
    fn next(&self) -> String {
        Uuid::now_v7().simple().to_string()
    }

    fn secret(&self) -> String {
        let mut bytes = [0; 32];
        // Without randomness there are no secrets, so the process must not continue.
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        hex::encode(bytes)
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
