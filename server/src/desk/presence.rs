//! Who is connected to this process. In memory: after a restart everybody is offline until their browser is back. Who is connected to
//! another node comes from there (`nodes`). Since when somebody is or is not connected is stored as well (see `absence`), so that a
//! restart does not forget it.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use shared::ids::UserId;
use shared::people::Presence;
use shared::time::Timestamp;

use super::Desk;
use crate::store::rows::PresenceTimes;
use crate::store::{Change, Stored};

/// Who comes within two minutes after the start of the program has been here all the time: their browser was only waiting for it.
const BACK_WITHIN_US: i64 = 120_000_000;

/// Who is connected, and since when their presence is what it is.
#[derive(Debug, Default)]
pub struct Presences {
    /// How many live connections each user has; a user whose last one was lost keeps a place for the grace time.
    connections: Mutex<HashMap<UserId, UserConnections>>,
    since: Mutex<HashMap<UserId, Since>>,
    /// When this process read what the one before had stored.
    started: OnceLock<Timestamp>,
}

#[derive(Debug, Default)]
struct UserConnections {
    open: usize,
    /// Counts openings and closings, so that an old grace timer can tell that it is out of date.
    turn: u64,
    /// When something last came from one of their browsers. What was sent later may have reached nobody.
    heard: Timestamp,
}

/// What this process has seen of a user's presence, and what was stored before it looked.
#[derive(Clone, Copy, Debug, Default)]
struct Since {
    /// When they came to the first node, or went from the last one.
    moved: Option<Timestamp>,
    /// When they chose the presence that they have chosen.
    chosen: Option<Timestamp>,
    /// Since when they had been here when this process began; nothing once it has seen them come or go.
    before: Option<Timestamp>,
}

impl Since {
    /// Since when they are here.
    fn here(self) -> Option<Timestamp> {
        self.moved.or(self.before)
    }

    /// The user comes to the first node, in a process that began at `started`.
    fn come(&mut self, at: Timestamp, started: Timestamp) {
        let soon = at.0.saturating_sub(started.0) <= BACK_WITHIN_US;
        let before = self.before.take().filter(|_| soon);
        self.moved = Some(before.unwrap_or(at));
    }

    /// The user goes from the last node.
    fn go(&mut self, at: Timestamp) {
        self.before = None;
        self.moved = Some(at);
    }

    /// Since when the presence is seen that follows from what was chosen. `absent`: since when a user who is not connected has been
    /// away, where that was noted. `started`: when this process began.
    fn seen(
        self,
        chosen: Presence,
        connected: bool,
        absent: Option<Timestamp>,
        started: Timestamp,
    ) -> Option<Timestamp> {
        match (chosen, connected) {
            // Offline by choice they are the same whether or not they are connected.
            (Presence::Offline, _) => self.chosen,
            (_, true) => match self.here() {
                Some(here) => Some(here).max(self.chosen),
                // A choice before this process began may be older than their coming.
                None => self.chosen.filter(|chosen| *chosen >= started),
            },
            (_, false) => absent.or(self.moved),
        }
    }
}

impl Presences {
    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, UserConnections>> {
        // Nothing under these locks can panic half-way through a change.
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn since(&self) -> MutexGuard<'_, HashMap<UserId, Since>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn started(&self) -> Timestamp {
        self.started.get().copied().unwrap_or_default()
    }

    /// What the process before stored, when this one begins.
    fn know(&self, started: Timestamp, stored: Vec<PresenceTimes>) {
        // A second start of one desk is none.
        let _ = self.started.set(started);
        let mut all = self.since();
        for times in stored {
            let since = all.entry(times.user).or_default();
            since.chosen = times.chosen;
            since.before = times.present;
        }
    }

    /// The user came to the first node.
    fn came(&self, user: &UserId, at: Timestamp) {
        let started = self.started();
        let mut all = self.since();
        all.entry(user.clone()).or_default().come(at, started);
    }

    /// The user went from the last node.
    fn went(&self, user: &UserId, at: Timestamp) {
        self.since().entry(user.clone()).or_default().go(at);
    }

    /// The user chose another presence.
    pub(super) fn chosen(&self, user: &UserId, at: Timestamp) {
        self.since().entry(user.clone()).or_default().chosen = Some(at);
    }
}

/// How a live connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// The browser closed it, or the host did: a page that is loaded again is back in a moment.
    Closed,
    /// Nothing came from the browser any more.
    Silent,
    /// The session is over: nobody is coming back.
    SignedOut,
}

/// One live connection of a user; dropping it is the end of the connection.
pub struct Connected {
    desk: Desk,
    user: UserId,
    /// How it ended.
    pub farewell: Farewell,
}

impl Connected {
    /// Something came from the browser: what was sent to it before has arrived.
    pub fn heard(&self) {
        self.desk.presence_heard(&self.user);
    }
}

impl Desk {
    /// Notes a live connection.
    pub fn presence_connect(&self, user: &UserId) -> Connected {
        let now = self.now();
        let (first, alone) = {
            let mut all = self.0.presences.lock();
            let first = !all.contains_key(user);
            let connections = all.entry(user.clone()).or_default();
            connections.open += 1;
            connections.turn += 1;
            connections.heard = now;
            (first, connections.open == 1)
        };
        if first {
            if !self.0.nodes.elsewhere(user) {
                self.0.presences.came(user, now);
            }
            self.absence_end(user);
            self.0.nodes.changed();
            self.presence_changed(user);
        } else if alone {
            // Back within the grace time: they can be given work again.
            self.0.queue.notify_one();
        }
        Connected {
            desk: self.clone(),
            user: user.clone(),
            farewell: Farewell::Closed,
        }
    }

    /// Something came from one of the user's browsers.
    pub(super) fn presence_heard(&self, user: &UserId) {
        let now = self.now();
        if let Some(connections) = self.0.presences.lock().get_mut(user) {
            connections.heard = now;
        }
    }

    /// What others see: what the user chose, and offline while no live connection remains.
    pub fn presence_seen(&self, user: &UserId, chosen: Presence) -> Presence {
        if self.0.presences.lock().contains_key(user) || self.0.nodes.elsewhere(user) {
            chosen
        } else {
            Presence::Offline
        }
    }

    /// Reads since when everybody's presence is what it is, as the process before left it.
    pub(super) async fn presences_read(&self) -> Stored<()> {
        let stored = self.store().snapshot().await?.presence_times().await?;
        self.0.presences.know(self.now(), stored);
        Ok(())
    }

    /// Since when a user who is connected has been here, as far as it is known.
    pub(super) fn here_since(&self, user: &UserId) -> Option<Timestamp> {
        let since = self.0.presences.since().get(user).copied();
        since.unwrap_or_default().here()
    }

    /// Since when others see that, as far as it is known.
    pub(super) fn presence_since(&self, user: &UserId, chosen: Presence) -> Option<Timestamp> {
        let connected = self.0.presences.lock().contains_key(user) || self.0.nodes.elsewhere(user);
        let since = self.0.presences.since().get(user).copied();
        since.unwrap_or_default().seen(
            chosen,
            connected,
            self.absent_since(user),
            self.0.presences.started(),
        )
    }

    /// The user came to another node, or went from there.
    pub(super) fn presence_moved_elsewhere(&self, user: &UserId) {
        if self.0.presences.lock().contains_key(user) {
            return;
        }
        let now = self.now();
        match self.0.nodes.elsewhere(user) {
            true => self.0.presences.came(user, now),
            false => self.0.presences.went(user, now),
        }
    }

    /// Whether the user has a live connection right now: work that is assigned to them is seen.
    pub(super) fn presence_connected(&self, user: &UserId) -> bool {
        let here = {
            let all = self.0.presences.lock();
            all.get(user).is_some_and(|here| here.open > 0)
        };
        here || self.0.nodes.elsewhere(user)
    }

    /// Who has live connections of this process, or has just lost them.
    pub(super) fn presences_here(&self) -> HashSet<UserId> {
        self.0.presences.lock().keys().cloned().collect()
    }

    /// Publishes it to all who show it, and assigns work that waited for somebody to be there.
    pub(super) fn presence_changed(&self, user: &UserId) {
        self.0.people.touch(user);
        self.0.bus.publish(Change::Agent(user.clone()));
        self.0.queue.notify_one();
    }

    fn presence_leave(&self, user: &UserId, turn: u64, signed_out: bool) {
        let gone = {
            let mut all = self.0.presences.lock();
            let gone = all
                .get(user)
                .is_some_and(|connections| connections.open == 0 && connections.turn == turn);
            if gone { all.remove(user) } else { None }
        };
        if let Some(connections) = gone {
            self.0.nodes.changed();
            if self.0.nodes.elsewhere(user) {
                return;
            }
            self.0.presences.went(user, connections.heard);
            self.absence_begin(user, connections.heard, signed_out);
            self.presence_changed(user);
        }
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let (turn, heard) = {
            let mut all = self.desk.0.presences.lock();
            let Some(connections) = all.get_mut(&self.user) else {
                return;
            };
            connections.open = connections.open.saturating_sub(1);
            connections.turn += 1;
            if connections.open > 0 {
                return;
            }
            (connections.turn, connections.heard)
        };
        let (desk, user) = (self.desk.clone(), self.user.clone());
        // Outside a runtime the process is ending, and presence with it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        match self.farewell {
            Farewell::SignedOut => return desk.presence_leave(&user, turn, true),
            Farewell::Silent if !desk.0.nodes.elsewhere(&user) => {
                desk.unseen_reclaim(&user, heard);
            }
            Farewell::Silent | Farewell::Closed => {}
        }
        runtime.spawn(async move {
            tokio::time::sleep(desk.0.config.grace).await;
            desk.presence_leave(&user, turn, false);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTED: Timestamp = Timestamp(40);

    fn at(second: i64) -> Option<Timestamp> {
        Some(Timestamp(second))
    }

    #[test]
    fn a_presence_is_as_old_as_what_made_it() {
        let since = Since {
            moved: at(100),
            chosen: at(50),
            before: None,
        };
        let seen = |chosen, connected, absent| since.seen(chosen, connected, absent, STARTED);
        assert_eq!(seen(Presence::Away, true, None), at(100));
        assert_eq!(seen(Presence::Offline, true, None), at(50));
        assert_eq!(seen(Presence::Offline, false, at(90)), at(50));
        assert_eq!(seen(Presence::Away, false, at(90)), at(90));
        assert_eq!(seen(Presence::Away, false, None), at(100));
        let later = Since {
            chosen: at(150),
            ..since
        };
        assert_eq!(later.seen(Presence::Busy, true, None, STARTED), at(150));
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        let unknown = Since::default();
        let seen = |chosen, connected, absent| unknown.seen(chosen, connected, absent, STARTED);
        assert_eq!(seen(Presence::Available, true, None), None);
        assert_eq!(seen(Presence::Offline, true, None), None);
        assert_eq!(seen(Presence::Available, false, at(7)), at(7));
        // Of somebody on a node that has not stored when they came.
        let chosen = |second| Since {
            chosen: at(second),
            ..unknown
        };
        let busy = |since: Since| since.seen(Presence::Busy, true, None, STARTED);
        assert_eq!(busy(chosen(39)), None, "they may have come since");
        assert_eq!(busy(chosen(41)), at(41));
    }

    #[test]
    fn who_is_back_soon_after_a_start_was_never_away() {
        let before = Since {
            chosen: at(20),
            before: at(10),
            ..Since::default()
        };
        let busy = |since: Since| since.seen(Presence::Busy, true, None, STARTED);
        assert_eq!(busy(before), at(20), "on another node all the time");
        let (mut soon, mut late) = (before, before);
        soon.come(Timestamp(STARTED.0 + BACK_WITHIN_US), STARTED);
        assert_eq!((soon.here(), busy(soon)), (at(10), at(20)));
        let after = Timestamp(STARTED.0 + BACK_WITHIN_US + 1);
        late.come(after, STARTED);
        assert_eq!((late.here(), busy(late)), (Some(after), Some(after)));
        // Going is going, whenever it is.
        soon.go(after);
        soon.come(after, STARTED);
        assert_eq!(busy(soon), Some(after));
    }
}
