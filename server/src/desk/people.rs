//! The Company Directory as everybody sees it, kept in memory: read once, then changed row by row.
//!
//! Presences change one by one and, when the program starts again, all at once. What changes within a pause becomes one
//! patch, encoded once for all who follow; the whole list is encoded once for each version.

use std::collections::HashSet;
use std::sync::{Arc, Mutex as Lock, OnceLock, PoisonError};
use std::time::Duration;

use app::backend::ApiResult;
use axum::extract::ws::Utf8Bytes;
use shared::ids::UserId;
use shared::live::{PeoplePatch, ServerFrame};
use shared::people::Person;
use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;

use super::{Desk, to_app_error};
use crate::store::Change;

/// The shortest time between two frames of one projection.
pub(crate) const PROJECTION_PAUSE: Duration = Duration::from_millis(250);
/// After an error of the database.
const AGAIN: Duration = Duration::from_secs(2);

/// Everybody at one moment.
#[derive(Debug)]
pub(crate) struct PeopleSnapshot {
    /// How often the list changed since the program started.
    pub(crate) version: i64,
    people: Vec<Person>,
    encoded: OnceLock<Option<Utf8Bytes>>,
}

impl PeopleSnapshot {
    fn new(version: i64, people: Vec<Person>) -> Arc<Self> {
        Arc::new(Self {
            version,
            people,
            encoded: OnceLock::new(),
        })
    }

    /// The frame with the whole list, encoded by the first who needs it.
    pub(crate) fn frame(&self) -> Option<Utf8Bytes> {
        let encode = || {
            let frame = ServerFrame::People(self.people.clone());
            let text = serde_json::to_string(&frame).ok()?;
            Some(Utf8Bytes::from(text))
        };
        self.encoded.get_or_init(encode).clone()
    }
}

/// Whose rows may differ from the last version.
#[derive(Debug, Default)]
struct Touched {
    users: HashSet<UserId>,
    /// Names, roles, teams, or who there is.
    everybody: bool,
}

/// The list, and what has to be read again.
#[derive(Debug, Default)]
pub(crate) struct PeopleList {
    /// `None` until somebody wants it. Held while the list is read or changed, so that nothing falls in between.
    snapshot: Mutex<Option<Arc<PeopleSnapshot>>>,
    touched: Lock<Touched>,
    wake: Notify,
}

impl PeopleList {
    fn touched(&self) -> std::sync::MutexGuard<'_, Touched> {
        // Nothing under this lock can panic half-way through a change.
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody's presence may have changed.
    pub(super) fn touch(&self, user: &UserId) {
        self.touched().users.insert(user.clone());
        self.wake.notify_one();
    }

    /// Anything may have changed.
    pub(super) fn touch_all(&self) {
        self.touched().everybody = true;
        self.wake.notify_one();
    }
}

/// Takes up what was touched, as long as the process lives.
pub(super) async fn run(desk: Desk) {
    loop {
        desk.0.people.wake.notified().await;
        let pause = match desk.people_renew().await {
            Ok(()) => PROJECTION_PAUSE,
            Err(_) => {
                desk.0.people.touch_all();
                AGAIN
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// The first end of a pause after so much time.
fn next_pause(since: Duration) -> Duration {
    let pauses = since.as_millis() / PROJECTION_PAUSE.as_millis() + 1;
    PROJECTION_PAUSE * u32::try_from(pauses).unwrap_or(u32::MAX)
}

impl Desk {
    /// When the projections of this node are sent next, where they are read in rounds: all at the same time, so that they share what
    /// is read.
    pub(crate) fn projections_due(&self) -> Instant {
        self.0.begun + next_pause(self.0.begun.elapsed())
    }

    /// Everybody as they stand, at most one pause ago. What comes later is published with the versions that follow.
    pub(crate) async fn people_snapshot(&self) -> ApiResult<Arc<PeopleSnapshot>> {
        let mut kept = self.0.people.snapshot.lock().await;
        if let Some(snapshot) = &*kept {
            return Ok(Arc::clone(snapshot));
        }
        let snapshot = PeopleSnapshot::new(1, self.people_seen().await?);
        *kept = Some(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// Makes the next version of what was touched, if anything differs, and publishes the difference.
    async fn people_renew(&self) -> ApiResult<()> {
        let mut kept = self.0.people.snapshot.lock().await;
        let touched = std::mem::take(&mut *self.0.people.touched());
        let Some(before) = &*kept else {
            return Ok(());
        };
        let people = if touched.everybody {
            self.people_seen().await?
        } else {
            let mut people = before.people.clone();
            let known = people.iter_mut();
            for person in known.filter(|person| touched.users.contains(&person.id)) {
                let settings = self.reads().settings_load(&person.id).await;
                let chosen = settings.map_err(to_app_error)?.presence;
                person.presence = self.presence_seen(&person.id, chosen);
            }
            people
        };
        let patch = PeoplePatch::between(&before.people, &people);
        if patch.is_empty() {
            return Ok(());
        }
        let version = before.version + 1;
        *kept = Some(PeopleSnapshot::new(version, people));
        self.bus()
            .publish_here(Change::PeopleRows { version, patch });
        Ok(())
    }

    /// For the sweep: where the list stands, and a comparison of all of it.
    pub(super) async fn people_sweep(&self) {
        self.0.people.touch_all();
        let kept = self.0.people.snapshot.lock().await;
        if let Some(snapshot) = &*kept {
            self.bus()
                .publish_here(Change::PeopleHead(snapshot.version));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_wait_in_the_same_pause_wait_for_its_end() {
        for (since, next) in [(0, 250), (1, 250), (249, 250), (250, 500), (1_999, 2_000)] {
            let next = Duration::from_millis(next);
            assert_eq!(next_pause(Duration::from_millis(since)), next, "{since}");
        }
    }
}
