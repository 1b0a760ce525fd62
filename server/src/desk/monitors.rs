//! The monitorings of this process: which live connections hold them, each behind a lock of its own.
//!
//! A monitoring is known by its workitem and its supervisor. Its lock is held across the store's commit,
//! so that the lines about one supervisor are in order. Monitorings do not wait for each other.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::ids::{UserId, WorkitemId};
use tokio::sync::{Notify, OwnedMutexGuard};

use crate::bus::hint::Holder;

/// One supervisor at one workitem.
pub(super) type MonitorKey = (WorkitemId, UserId);

/// What is known of one monitoring.
#[derive(Debug, Default)]
pub(super) struct MonitorState {
    /// Whether the store may hold a monitoring.
    pub(super) present: bool,
    /// The live connections that hold it.
    pub(super) held_by: HashSet<u64>,
    /// Counts changes, so that an old timer can tell that it is out of date.
    pub(super) turn: u64,
}

/// The monitorings of one workitem.
#[derive(Debug, Default)]
struct WorkitemMonitors {
    /// Whose it was when that was last heard of; `None` before the first time.
    holder: Option<Holder>,
    states: HashMap<UserId, Arc<tokio::sync::Mutex<MonitorState>>>,
}

/// Every monitoring of this process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Monitors(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    workitems: Mutex<HashMap<WorkitemId, WorkitemMonitors>>,
    arrivals: Notify,
}

/// The lock of one monitoring. When it is dropped, an entry without a monitoring is removed.
pub(super) struct MonitorGuard {
    pub(super) state: OwnedMutexGuard<MonitorState>,
    key: MonitorKey,
    monitors: Monitors,
}

impl Drop for MonitorGuard {
    fn drop(&mut self) {
        if self.state.present {
            return;
        }
        let mut workitems = self.monitors.workitems();
        let Some(monitored) = workitems.get_mut(&self.key.0) else {
            return;
        };
        // The map's and this one; more means that somebody waits for it.
        let last = monitored
            .states
            .get(&self.key.1)
            .is_some_and(|state| Arc::strong_count(state) == 2);
        if last {
            monitored.states.remove(&self.key.1);
        }
        if monitored.states.is_empty() {
            workitems.remove(&self.key.0);
        }
    }
}

impl Monitors {
    fn workitems(&self) -> MutexGuard<'_, HashMap<WorkitemId, WorkitemMonitors>> {
        // Nothing under this lock can panic half-way through a change.
        self.0
            .workitems
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells when somebody, somewhere, has begun to monitor.
    pub(super) fn arrivals(&self) -> &Notify {
        &self.0.arrivals
    }

    /// Waits until nothing else changes this monitoring.
    pub(super) async fn lock(&self, key: &MonitorKey) -> MonitorGuard {
        let (workitem, user) = key;
        let state = {
            let mut workitems = self.workitems();
            let monitored = workitems.entry(workitem.clone()).or_default();
            Arc::clone(monitored.states.entry(user.clone()).or_default())
        };
        MonitorGuard {
            state: state.lock_owned().await,
            key: key.clone(),
            monitors: self.clone(),
        }
    }

    /// The monitorings that a change of this user's rights concerns: theirs, and those of their workitems.
    pub(super) fn concerned(&self, user: &UserId) -> Vec<MonitorKey> {
        let workitems = self.workitems();
        let mut keys = Vec::new();
        for (workitem, monitored) in workitems.iter() {
            let theirs = match &monitored.holder {
                Some(holder) => holder.agent.as_ref() == Some(user),
                None => true,
            };
            let here = monitored.states.keys().filter(|who| theirs || *who == user);
            keys.extend(here.map(|who| (workitem.clone(), who.clone())));
        }
        keys
    }

    /// Notes whose a workitem is now. Returns its monitorings if that has changed.
    pub(super) fn moved(&self, workitem: &WorkitemId, holder: Holder) -> Vec<MonitorKey> {
        let mut workitems = self.workitems();
        let Some(monitored) = workitems.get_mut(workitem) else {
            return Vec::new();
        };
        let holder = Some(holder);
        if monitored.holder == holder {
            return Vec::new();
        }
        monitored.holder = holder;
        let here = monitored.states.keys();
        here.map(|who| (workitem.clone(), who.clone())).collect()
    }

    /// The monitorings that this process knows.
    pub(super) fn all(&self) -> Vec<MonitorKey> {
        let workitems = self.workitems();
        let each = workitems.iter().flat_map(|(workitem, monitored)| {
            let here = monitored.states.keys();
            here.map(|who| (workitem.clone(), who.clone()))
        });
        each.collect()
    }

    /// How many entries there are.
    #[cfg(test)]
    fn count(&self) -> usize {
        self.workitems()
            .values()
            .map(|monitored| monitored.states.len())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use shared::ids::TeamId;

    use super::*;

    fn user(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    fn workitem(id: &str) -> WorkitemId {
        WorkitemId::parse(id).unwrap()
    }

    fn key(id: &str, who: &str) -> MonitorKey {
        (workitem(id), user(who))
    }

    fn of(agent: &str, team: &str) -> Holder {
        Holder {
            agent: Some(user(agent)),
            team: TeamId::parse(team).unwrap(),
        }
    }

    async fn begin(monitors: &Monitors, key: &MonitorKey) {
        monitors.lock(key).await.state.present = true;
    }

    #[tokio::test]
    async fn f62_a_change_of_rights_concerns_those_who_stand_there_and_no_others() {
        let monitors = Monitors::default();
        let (a, b, c) = (key("a", "sam"), key("b", "sue"), key("c", "sam"));
        for key in [&a, &b, &c] {
            begin(&monitors, key).await;
        }
        for (id, agent) in [("a", "amy"), ("b", "amy"), ("c", "ben")] {
            let first = monitors.moved(&workitem(id), of(agent, "care"));
            assert_eq!(first.len(), 1, "whose it is was not known");
            assert!(monitors.moved(&workitem(id), of(agent, "care")).is_empty());
        }
        let concerned = |who: &str| {
            let mut keys = monitors.concerned(&user(who));
            keys.sort();
            keys
        };
        assert_eq!(concerned("sam"), [a.clone(), c.clone()]);
        assert_eq!(concerned("amy"), [a.clone(), b]);
        assert_eq!(concerned("ben"), [c]);
        assert!(concerned("cleo").is_empty());
        assert_eq!(monitors.moved(&workitem("a"), of("amy", "sales")), [a]);
        assert!(
            monitors
                .moved(&workitem("d"), of("amy", "sales"))
                .is_empty()
        );
    }

    #[tokio::test]
    async fn f62_a_key_without_a_monitoring_is_forgotten_unless_somebody_waits_for_it() {
        let monitors = Monitors::default();
        let here = key("a", "sam");
        drop(monitors.lock(&here).await);
        assert_eq!(monitors.count(), 0);
        let guard = monitors.lock(&here).await;
        // Another monitoring is free.
        begin(&monitors, &key("a", "sue")).await;
        let waiting = monitors.lock(&here);
        let mut waiting = std::pin::pin!(waiting);
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(guard);
        waiting.await.state.present = true;
        assert_eq!(monitors.count(), 2);
    }
}
