//! Refusals in the audit log. Somebody who is refused again and again would fill the disk, so only so many have a row in a
//! minute; of the others there is a row with their number.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use shared::ids::UserId;

use super::Desk;
use crate::commands::AuditRecord;

/// The span in which rows are counted.
const WINDOW: Duration = Duration::from_secs(60);
/// How many rows one user has in a window; all who are not signed in count as one.
const OF_ONE: u32 = 60;
/// How many rows there are in a window.
const OF_ALL: u32 = 600;
/// What the row about the others is called.
const SKIPPED: &str = "refusals_skipped";

/// The rows of the present window, and the refusals that have none yet.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    since: Option<Instant>,
    all: u32,
    of: HashMap<Option<UserId>, u32>,
    skipped: i64,
}

impl Refusals {
    /// Whether this refusal gets a row. Counts it in any case.
    fn admit(&self, whose: Option<&UserId>, now: Instant) -> bool {
        let mut counts = self.counts();
        let over = |since: Instant| now.saturating_duration_since(since) >= WINDOW;
        if counts.since.is_none_or(over) {
            counts.since = Some(now);
            counts.all = 0;
            counts.of.clear();
        }
        // No more users are counted than there are rows.
        let admitted = counts.all < OF_ALL && {
            let own = counts.of.entry(whose.cloned()).or_default();
            *own += 1;
            *own <= OF_ONE
        };
        match admitted {
            true => counts.all += 1,
            false => counts.skipped += 1,
        }
        admitted
    }

    /// How many have no row; they are counted from zero again.
    fn take_skipped(&self) -> i64 {
        std::mem::take(&mut self.counts().skipped)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Nothing under this lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    /// Somebody was refused something: a user, or nobody who is signed in. That it cannot be written is logged, not
    /// answered: the refusal stands.
    pub(crate) async fn refused(&self, user: Option<&UserId>, what: &str, about: &str) {
        if self.0.refusals.admit(user, Instant::now()) {
            self.record(user, what, about, 0).await;
        }
    }

    /// Records how many refusals have no row of their own.
    pub(super) async fn refusals_skipped(&self) {
        let skipped = self.0.refusals.take_skipped();
        if skipped > 0 {
            self.record(None, SKIPPED, "", skipped).await;
        }
    }

    async fn record(&self, user: Option<&UserId>, what: &str, about: &str, skipped: i64) {
        let record = AuditRecord {
            actor: user.cloned(),
            what: what.to_owned(),
            about: about.to_owned(),
            skipped,
            at: self.now(),
        };
        if let Err(error) = self.store().execute(record).await {
            tracing::error!(%error, what, "the audit log could not be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> Option<UserId> {
        Some(UserId::parse(id).expect("an id"))
    }

    #[test]
    fn e51_one_who_is_refused_again_and_again_leaves_rows_to_others() {
        let (refusals, now) = (Refusals::default(), Instant::now());
        let rows = |whose: &Option<UserId>, now| refusals.admit(whose.as_ref(), now);
        let (amy, ben) = (user("amy"), user("ben"));
        let of_amy = (0..1_000).filter(|_| rows(&amy, now)).count();
        assert_eq!(of_amy, 60);
        assert!(rows(&ben, now));
        assert!(rows(&None, now));
        assert_eq!(refusals.take_skipped(), 940);
        assert_eq!(refusals.take_skipped(), 0);
        assert!(rows(&amy, now + WINDOW), "the next minute");
    }

    #[test]
    fn e51_many_who_are_refused_fill_no_disk() {
        let (refusals, now) = (Refusals::default(), Instant::now());
        let users = (0..10_000).map(|number| user(&format!("u{number}")));
        let rows = users.filter(|user| refusals.admit(user.as_ref(), now));
        assert_eq!(rows.count(), 600);
        assert_eq!(refusals.counts().of.len(), 600);
        assert_eq!(refusals.take_skipped(), 9_400);
    }
}
