//! How many texts one user may send over time, so that a script in somebody's name fills no conversation and no disk. In
//! memory, one moment for each user.
//!
//! A bucket that leaks at the given rate, kept as the moment at which it will be empty: the clock is the process's own, so
//! nobody waits because the system's was set back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use shared::error::AppError;
use shared::ids::UserId;

/// So much time's worth of texts may be sent at once.
const AT_ONCE: Duration = Duration::from_secs(6);

/// The server functions that send a text to somebody, or call them. A message with a file is counted where it comes (`file_send.rs`).
pub const SENDING: [&str; 13] = [
    "app/api/workitems/message_send",
    "app/api/workitems/delivery_retry",
    "app/api/workitems/call_place",
    "app/api/channels/channel_test",
    "app/api/coaching/coaching_send",
    "app/api/coaching/coaching_forward",
    "app/api/coaching/coaching_reply",
    "app/api/stepping_in/barge_send",
    "app/api/notes/note_add",
    "app/api/reviews/review_flag",
    "app/api/directory/directory_send",
    "app/api/directory/team_message_send",
    "app/api/assistance/assistance_request",
];

/// The texts of each user.
#[derive(Debug)]
pub struct SendRate {
    /// For how long one text counts.
    each: Duration,
    /// When all texts of a user have ceased to count.
    empty_at: Mutex<HashMap<UserId, Instant>>,
}

impl SendRate {
    /// So many texts in a second, over time.
    pub fn new(per_second: u32) -> Self {
        Self {
            each: Duration::from_secs(1) / per_second,
            empty_at: Mutex::default(),
        }
    }

    /// Counts one text, or answers `RateLimited`.
    pub fn count(&self, user: &UserId, now: Instant) -> Result<(), AppError> {
        // Nothing under this lock can panic half-way through a change.
        let mut all = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        let empty_at = all.entry(user.clone()).or_insert(now);
        let next = (*empty_at).max(now) + self.each;
        let over = (next - now).saturating_sub(AT_ONCE);
        if !over.is_zero() {
            return Err(AppError::rate_limited(whole_seconds(over)));
        }
        *empty_at = next;
        Ok(())
    }
}

/// At least one.
fn whole_seconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis().div_ceil(1_000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> UserId {
        UserId::parse(id).expect("an id")
    }

    #[test]
    fn s30_a_flood_is_refused_and_goes_on_at_its_pace() {
        let (rate, begin) = (SendRate::new(5), Instant::now());
        let (amy, ben) = (user("amy"), user("ben"));
        for _ in 0..30 {
            rate.count(&amy, begin).expect("so many at once");
        }
        let refused = rate.count(&amy, begin).expect_err("one more");
        assert_eq!(refused, AppError::rate_limited(1));
        rate.count(&ben, begin).expect("his own");
        let later = begin + Duration::from_millis(200);
        rate.count(&amy, later).expect("one has ceased to count");
        rate.count(&amy, later).expect_err("one only");
        let rested = begin + Duration::from_secs(60);
        for _ in 0..30 {
            rate.count(&amy, rested).expect("as at the beginning");
        }
        rate.count(&amy, rested).expect_err("one more");
    }

    #[test]
    fn s30_a_person_who_types_is_never_held_up() {
        let (rate, begin) = (SendRate::new(5), Instant::now());
        let amy = user("amy");
        for number in 0..1_000 {
            let now = begin + Duration::from_millis(250) * number;
            rate.count(&amy, now).expect("four in a second");
        }
    }

    #[test]
    fn s30_without_a_limit_nothing_is_counted() {
        let (rate, now) = (SendRate::new(u32::MAX), Instant::now());
        for _ in 0..10_000 {
            rate.count(&user("amy"), now).expect("no limit");
        }
    }
}
