//! Keeps one visitor from flooding a team: so many messages in a window, then a pause. Lives in memory, forgets
//! everything at a restart, and is bounded.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use shared::error::AppError;
use shared::time::Timestamp;

/// Messages in one window.
const MESSAGES: u32 = 20;
/// The length of a window in microseconds.
const WINDOW_US: i64 = 10_000_000;
/// How many senders are remembered. Beyond it all are forgotten, which gives some of them a new window.
const SENDERS: usize = 10_000;

/// Counts by sender.
#[derive(Debug, Default)]
pub(super) struct Rate(Mutex<HashMap<String, (Timestamp, u32)>>);

impl Rate {
    /// Counts one message of the sender.
    pub(super) fn count(&self, sender: &str, now: Timestamp) -> Result<(), AppError> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= SENDERS && !windows.contains_key(sender) {
            windows.retain(|_, (since, _)| !is_over(*since, now));
            if windows.len() >= SENDERS {
                windows.clear();
            }
        }
        let (since, count) = windows.entry(sender.to_owned()).or_insert((now, 0));
        if is_over(*since, now) {
            (*since, *count) = (now, 0);
        }
        if *count >= MESSAGES {
            let left = since.0 + WINDOW_US - now.0;
            return Err(AppError::RateLimited {
                retry_after_s: (left + 999_999) / 1_000_000,
            });
        }
        *count += 1;
        Ok(())
    }
}

/// A clock that was set back ends the window as well.
fn is_over(since: Timestamp, now: Timestamp) -> bool {
    !(0..WINDOW_US).contains(&(now.0 - since.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_pauses_and_goes_on() {
        let rate = Rate::default();
        for _ in 0..MESSAGES {
            rate.count("a", Timestamp(0)).unwrap();
        }
        assert_eq!(
            rate.count("a", Timestamp(1)),
            Err(AppError::RateLimited { retry_after_s: 10 })
        );
        assert_eq!(
            rate.count("a", Timestamp(WINDOW_US - 1)),
            Err(AppError::RateLimited { retry_after_s: 1 })
        );
        rate.count("b", Timestamp(1)).unwrap();
        rate.count("a", Timestamp(WINDOW_US)).unwrap();
    }

    #[test]
    fn memory_is_bounded() {
        let rate = Rate::default();
        for sender in 0..=SENDERS {
            rate.count(&sender.to_string(), Timestamp(0)).unwrap();
        }
        assert!(rate.0.lock().unwrap().len() <= SENDERS);
    }
}
