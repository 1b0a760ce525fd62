//! The monitorings of this process: which live connections hold them, each behind a lock of its own.
//!
//! A place is one supervisor at one workitem. Its lock is held across the store's commit, so that the lines about one
//! supervisor come in the order in which they came and went. Nobody waits for somebody else's place.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::ids::{TeamId, UserId, WorkitemId};
use shared::workitem::Workitem;
use tokio::sync::{Notify, OwnedMutexGuard};

/// One supervisor at one workitem.
pub(super) type Place = (WorkitemId, UserId);

/// Whose a workitem is: authority over it rests on its agent and on its team.
type Holder = (Option<UserId>, TeamId);

/// What is known of one place.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Whether the store may hold a monitoring.
    pub(super) present: bool,
    /// The live connections that hold it.
    pub(super) held_by: HashSet<u64>,
    /// Counts changes, so that an old timer can tell that it is out of date.
    pub(super) turn: u64,
}

/// The places at one workitem.
#[derive(Debug, Default)]
struct Stage {
    /// Whose it was when that was last heard of; `None` before the first time.
    holder: Option<Holder>,
    watches: HashMap<UserId, Arc<tokio::sync::Mutex<Watch>>>,
}

/// Every monitoring of this process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Monitors(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    stages: Mutex<HashMap<WorkitemId, Stage>>,
    arrivals: Notify,
}

/// A place that is held by the owner of this. A place without a monitoring is forgotten when it is dropped.
pub(super) struct Held {
    pub(super) watch: OwnedMutexGuard<Watch>,
    place: Place,
    monitors: Monitors,
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.watch.present {
            return;
        }
        let mut stages = self.monitors.stages();
        let Some(stage) = stages.get_mut(&self.place.0) else {
            return;
        };
        // The map's and this one; more means that somebody waits for it.
        let last = stage
            .watches
            .get(&self.place.1)
            .is_some_and(|watch| Arc::strong_count(watch) == 2);
        if last {
            stage.watches.remove(&self.place.1);
        }
        if stage.watches.is_empty() {
            stages.remove(&self.place.0);
        }
    }
}

impl Monitors {
    fn stages(&self) -> MutexGuard<'_, HashMap<WorkitemId, Stage>> {
        // Nothing under this lock can panic half-way through a change.
        self.0.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells when somebody, somewhere, has begun to monitor.
    pub(super) fn arrivals(&self) -> &Notify {
        &self.0.arrivals
    }

    /// Waits for others who are busy with this very place.
    pub(super) async fn hold(&self, place: &Place) -> Held {
        let (workitem, user) = place;
        let watch = {
            let mut stages = self.stages();
            let stage = stages.entry(workitem.clone()).or_default();
            Arc::clone(stage.watches.entry(user.clone()).or_default())
        };
        Held {
            watch: watch.lock_owned().await,
            place: place.clone(),
            monitors: self.clone(),
        }
    }

    /// The places that a change of this user's rights concerns: where they stand, and who stands beside their work.
    pub(super) fn concerned(&self, user: &UserId) -> Vec<Place> {
        let stages = self.stages();
        let mut places = Vec::new();
        for (workitem, stage) in stages.iter() {
            let theirs = match &stage.holder {
                Some((agent, _)) => agent.as_ref() == Some(user),
                None => true,
            };
            let here = stage.watches.keys().filter(|who| theirs || *who == user);
            places.extend(here.map(|who| (workitem.clone(), who.clone())));
        }
        places
    }

    /// Notes whose a workitem is now. Answers the places there, if that is another one's than before.
    pub(super) fn moved(&self, workitem: &Workitem) -> Vec<Place> {
        let mut stages = self.stages();
        let Some(stage) = stages.get_mut(&workitem.id) else {
            return Vec::new();
        };
        let agent = workitem.agent.as_ref().map(|agent| agent.id.clone());
        let holder = Some((agent, workitem.team.clone()));
        if stage.holder == holder {
            return Vec::new();
        }
        stage.holder = holder;
        let here = stage.watches.keys();
        here.map(|who| (workitem.id.clone(), who.clone())).collect()
    }

    /// How many places there are.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.stages()
            .values()
            .map(|stage| stage.watches.len())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use shared::people::PersonRef;
    use shared::time::Timestamp;
    use shared::workitem::{Channel, WorkitemState};

    use super::*;

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    fn place(workitem: &str, who: &str) -> Place {
        (WorkitemId::parse(workitem).unwrap(), user(who))
    }

    fn chat_of(workitem: &str, agent: &str, team: &str) -> Workitem {
        Workitem {
            id: WorkitemId::parse(workitem).unwrap(),
            channel: Channel::Chat,
            customer: "Kim".to_owned(),
            subject: String::new(),
            state: WorkitemState::Active,
            agent: Some(PersonRef {
                id: user(agent),
                name: agent.to_owned(),
            }),
            team: TeamId::parse(team).unwrap(),
            team_name: team.to_owned(),
            started_at: Timestamp(1),
            last_activity_at: Timestamp(1),
            waiting_since: None,
            preview: String::new(),
            unread: 0,
            monitors: Vec::new(),
            coaching_unseen: 0,
            coaching_latest: None,
        }
    }

    async fn begin(monitors: &Monitors, place: &Place) {
        monitors.hold(place).await.watch.present = true;
    }

    #[tokio::test]
    async fn f62_a_change_of_rights_concerns_those_who_stand_there_and_no_others() {
        let monitors = Monitors::default();
        let (a, b, c) = (place("a", "sam"), place("b", "sue"), place("c", "sam"));
        for place in [&a, &b, &c] {
            begin(&monitors, place).await;
        }
        for (workitem, agent) in [("a", "amy"), ("b", "amy"), ("c", "ben")] {
            let first = monitors.moved(&chat_of(workitem, agent, "care"));
            assert_eq!(first.len(), 1, "whose it is was not known");
            assert!(monitors.moved(&chat_of(workitem, agent, "care")).is_empty());
        }
        let concerned = |who: &str| {
            let mut places = monitors.concerned(&user(who));
            places.sort();
            places
        };
        assert_eq!(concerned("sam"), [a.clone(), c.clone()]);
        assert_eq!(concerned("amy"), [a.clone(), b]);
        assert_eq!(concerned("ben"), [c]);
        assert!(concerned("cleo").is_empty());
        assert_eq!(monitors.moved(&chat_of("a", "amy", "sales")), [a]);
        assert!(monitors.moved(&chat_of("d", "amy", "sales")).is_empty());
    }

    #[tokio::test]
    async fn f62_a_place_without_a_monitoring_is_forgotten_unless_somebody_waits_for_it() {
        let monitors = Monitors::default();
        let here = place("a", "sam");
        drop(monitors.hold(&here).await);
        assert_eq!(monitors.count(), 0);
        let held = monitors.hold(&here).await;
        // A stranger's place is free.
        begin(&monitors, &place("a", "sue")).await;
        let waiting = monitors.hold(&here);
        let mut waiting = std::pin::pin!(waiting);
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(held);
        waiting.await.watch.present = true;
        assert_eq!(monitors.count(), 2);
    }
}
