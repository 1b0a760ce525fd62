//! How many texts one user may send over time, and how much else they may change, so that a script in somebody's name fills no
//! conversation and no disk. In memory, a moment of each for each user.
//!
//! A bucket that leaks at the given rate, kept as the moment at which it will be empty: the clock is the process's own, so
//! nobody waits because the system's was set back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use shared::error::AppError;
use shared::ids::UserId;

/// So much time's worth of texts may be sent at once.
const TEXTS_AT_ONCE: Duration = Duration::from_secs(6);
/// The same of other commands, which pages send by themselves too.
const COMMANDS_AT_ONCE: Duration = Duration::from_secs(10);

/// The server functions that send a text to somebody, or call them. A message with a file is counted where it comes (`file_send.rs`).
const SENDING: [&str; 13] = [
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

/// The server functions that read and leave nothing behind, which are not counted: a tab that comes back asks for many at once. One
/// that is in no list changes something, or is recorded although it only reads, such as a search of the history. Somebody who types
/// into the command palette causes at most four of those in a second.
const READING: [&str; 27] = [
    "app/api/account/session_list",
    "app/api/administration/team_list",
    "app/api/administration/user_list",
    "app/api/assistance/assistance_options_load",
    "app/api/audit/audit_list",
    "app/api/channels/provider_channel_list",
    "app/api/coaching/agent_workitems_beside",
    "app/api/coaching/agent_workitems_load",
    "app/api/coaching/dashboard_load",
    "app/api/coaching/queue_load",
    "app/api/customers/customer_find",
    "app/api/customers/erasure_preview",
    "app/api/deletions/deletion_preview",
    "app/api/directory/desk_load",
    "app/api/directory/directory_conversation",
    "app/api/directory/people_list",
    "app/api/history/conversations_before",
    "app/api/labels/label_list",
    "app/api/organisation/organisation_load",
    "app/api/organisation/retention_preview",
    "app/api/saved_texts/saved_text_list",
    "app/api/templates/template_list",
    "app/api/views/view_list",
    "app/api/workitems/closed_list",
    "app/api/workitems/reassign_options_load",
    "app/api/workitems/transfer_options_load",
    "app/api/workitems/worklist_load",
];

/// What is counted of each user.
#[derive(Debug)]
pub struct SendRates {
    /// Texts.
    pub texts: SendRate,
    /// Everything else that changes something or is recorded.
    pub commands: SendRate,
}

impl SendRates {
    /// So many texts, and so many other commands, in a second, over time.
    pub fn new(texts: u32, commands: u32) -> Self {
        Self {
            texts: SendRate::new(texts, TEXTS_AT_ONCE),
            commands: SendRate::new(commands, COMMANDS_AT_ONCE),
        }
    }

    /// By what a server function is counted; nothing for one that only reads.
    pub fn of(&self, function: &str) -> Option<&SendRate> {
        if SENDING.contains(&function) {
            return Some(&self.texts);
        }
        (!READING.contains(&function)).then_some(&self.commands)
    }
}

/// What each user has sent of one kind.
#[derive(Debug)]
pub struct SendRate {
    /// For how long one counts.
    each: Duration,
    /// So much time's worth may be sent at once.
    at_once: Duration,
    /// When everything of a user has ceased to count.
    empty_at: Mutex<HashMap<UserId, Instant>>,
}

impl SendRate {
    fn new(per_second: u32, at_once: Duration) -> Self {
        Self {
            each: Duration::from_secs(1) / per_second,
            at_once,
            empty_at: Mutex::default(),
        }
    }

    /// Counts one, or answers `RateLimited`.
    pub fn count(&self, user: &UserId, now: Instant) -> Result<(), AppError> {
        // Nothing under this lock can panic half-way through a change.
        let mut all = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        let empty_at = all.entry(user.clone()).or_insert(now);
        let next = (*empty_at).max(now) + self.each;
        let over = (next - now).saturating_sub(self.at_once);
        if !over.is_zero() {
            return Err(AppError::rate_limited(whole_seconds(over)));
        }
        *empty_at = next;
        Ok(())
    }
}

/// At least one.
fn whole_seconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis().div_ceil(1_000).max(1)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> UserId {
        UserId::parse(id).expect("an id")
    }

    #[test]
    fn s30_a_flood_is_refused_and_goes_on_at_its_pace() {
        let (rate, begin) = (SendRate::new(5, TEXTS_AT_ONCE), Instant::now());
        let (amy, ben) = (user("amy"), user("ben"));
        for _ in 0..30 {
            rate.count(&amy, begin).expect("so many at once");
        }
        let refused = rate.count(&amy, begin).expect_err("one more");
        assert_eq!(refused, AppError::rate_limited(1));
        let hardly = begin + Duration::from_micros(199_900);
        let refused = rate.count(&amy, hardly).expect_err("a moment too soon");
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
        let (rate, begin) = (SendRate::new(5, TEXTS_AT_ONCE), Instant::now());
        let amy = user("amy");
        for number in 0..1_000 {
            let now = begin + Duration::from_millis(250) * number;
            rate.count(&amy, now).expect("four in a second");
        }
    }

    #[test]
    fn s30_searches_are_counted_and_nobody_types_too_fast_for_them() {
        let rates = SendRates::new(20, 20);
        assert!(rates.of("app/api/history/conversations_before").is_none());
        let searches = rates.of("app/api/history/history_search");
        let searches = searches.expect("what is recorded counts");
        let (sam, begin) = (user("sam"), Instant::now());
        for number in 0..1_000 {
            let now = begin + Duration::from_millis(250) * number;
            searches.count(&sam, now).expect("the palette's pace");
        }
    }

    #[test]
    fn s30_without_a_limit_nothing_is_counted() {
        let (rate, now) = (SendRate::new(u32::MAX, TEXTS_AT_ONCE), Instant::now());
        for _ in 0..10_000 {
            rate.count(&user("amy"), now).expect("no limit");
        }
    }
}
