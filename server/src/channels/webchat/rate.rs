//! A limit on acts in a window of time. In memory, bounded, and empty after a restart.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::time::Timestamp;

/// How many who act are remembered. Beyond it all are forgotten, which gives some of them a new window.
const REMEMBERED: usize = 10_000;

/// Counts for each actor.
#[derive(Debug)]
pub(super) struct Rate {
    most: u32,
    window_us: i64,
    windows: Mutex<HashMap<String, (Timestamp, u32)>>,
}

impl Rate {
    /// `most` acts in a window of so many seconds.
    pub(super) fn new(most: u32, window_s: i64) -> Self {
        Self {
            most,
            window_us: window_s * 1_000_000,
            windows: Mutex::default(),
        }
    }

    /// Counts one act, or answers how many seconds to wait.
    pub(super) fn count(&self, who: &str, now: Timestamp) -> Result<(), i64> {
        self.count_by(1, who, now)
    }

    /// Counts an act that weighs so much, or answers how many seconds to wait.
    pub(super) fn count_by(&self, weight: u32, who: &str, now: Timestamp) -> Result<(), i64> {
        let mut windows = self.lock();
        if windows.len() >= REMEMBERED && !windows.contains_key(who) {
            windows.retain(|_, (since, _)| !self.is_over(*since, now));
            if windows.len() >= REMEMBERED {
                windows.clear();
            }
        }
        let (since, count) = windows.entry(who.to_owned()).or_insert((now, 0));
        if self.is_over(*since, now) {
            (*since, *count) = (now, 0);
        }
        if self.most.saturating_sub(*count) < weight {
            let left = since.0 + self.window_us - now.0;
            return Err((left + 999_999) / 1_000_000);
        }
        *count += weight;
        Ok(())
    }

    /// One act that was counted did not happen.
    pub(super) fn give_back(&self, who: &str) {
        if let Some((_, count)) = self.lock().get_mut(who) {
            *count = count.saturating_sub(1);
        }
    }

    /// A clock that was set back ends the window as well.
    fn is_over(&self, since: Timestamp, now: Timestamp) -> bool {
        !(0..self.window_us).contains(&(now.0 - since.0))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, u32)>> {
        // Nothing under this lock can panic half-way through a change.
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_pauses_and_goes_on() {
        let rate = Rate::new(20, 10);
        for _ in 0..20 {
            rate.count("a", Timestamp(0)).unwrap();
        }
        assert_eq!(rate.count("a", Timestamp(1)), Err(10));
        assert_eq!(rate.count("a", Timestamp(9_999_999)), Err(1));
        rate.count("b", Timestamp(1)).unwrap();
        rate.count("a", Timestamp(10_000_000)).unwrap();
    }

    #[test]
    fn e42_what_is_given_back_can_be_done_again() {
        let rate = Rate::new(1, 10);
        rate.count("a", Timestamp(0)).unwrap();
        rate.give_back("a");
        rate.give_back("a");
        rate.count("a", Timestamp(1)).unwrap();
        assert_eq!(rate.count("a", Timestamp(2)), Err(10), "once only");
    }

    #[test]
    fn what_weighs_more_counts_for_more() {
        let rate = Rate::new(10, 60);
        rate.count_by(6, "a", Timestamp(0)).unwrap();
        assert_eq!(rate.count_by(5, "a", Timestamp(0)), Err(60));
        rate.count_by(4, "a", Timestamp(0)).unwrap();
        assert_eq!(rate.count("a", Timestamp(0)), Err(60));
        rate.count_by(10, "a", Timestamp(60_000_000)).unwrap();
    }

    #[test]
    fn memory_is_bounded() {
        let rate = Rate::new(1, 10);
        for who in 0..=REMEMBERED {
            rate.count(&who.to_string(), Timestamp(0)).unwrap();
        }
        assert!(rate.lock().len() <= REMEMBERED);
    }
}
