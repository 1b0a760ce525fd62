//! Slows down guessing: counts failed attempts by account and by address, in memory and bounded.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use shared::time::Timestamp;

/// The span in which attempts count.
const WINDOW_S: i64 = 300;
/// How many places are remembered before the oldest windows are thrown away.
const PLACES_MAX: usize = 10_000;

#[derive(Debug)]
struct Failures {
    since: Timestamp,
    count: u32,
}

/// Failed attempts by place. A place is an account's name or an address.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<String, Failures>>);

impl Attempts {
    /// Seconds to wait before the next attempt from `place`; `None` when it may be made now.
    pub fn wait(&self, place: &str, allowed: u32, now: Timestamp) -> Option<i64> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = all.get(place)?;
        let left = WINDOW_S - now.seconds_since(failures.since);
        (failures.count >= allowed && left > 0).then_some(left)
    }

    /// Counts a failure.
    pub fn failed(&self, place: &str, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= PLACES_MAX {
            all.retain(|_, failures| now.seconds_since(failures.since) < WINDOW_S);
            if all.len() >= PLACES_MAX {
                all.clear();
            }
        }
        let failures = all.entry(place.to_owned()).or_insert(Failures {
            since: now,
            count: 0,
        });
        if now.seconds_since(failures.since) >= WINDOW_S {
            *failures = Failures {
                since: now,
                count: 0,
            };
        }
        failures.count += 1;
    }

    /// Forgets the failures of a place: the right person is there.
    pub fn succeeded(&self, place: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_count_for_a_while_and_success_forgets_them() {
        let attempts = Attempts::default();
        let at = |second: i64| Timestamp(second * 1_000_000);
        attempts.failed("amy", at(0));
        attempts.failed("amy", at(10));
        assert_eq!(attempts.wait("amy", 2, at(20)), Some(280));
        assert_eq!(attempts.wait("amy", 3, at(20)), None);
        assert_eq!(attempts.wait("ben", 2, at(20)), None);
        assert_eq!(attempts.wait("amy", 2, at(300)), None, "the window is over");
        attempts.succeeded("amy");
        assert_eq!(attempts.wait("amy", 1, at(20)), None);
    }
}
