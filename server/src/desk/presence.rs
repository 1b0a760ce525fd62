//! Who is connected to this process. In memory: after a restart everybody is offline until their browser is back. Who is connected to
//! another node comes from there (`nodes`). Since when somebody is not connected is stored as well (see `absence`).

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::ids::UserId;
use shared::people::Presence;
use shared::time::Timestamp;

use super::Desk;
use crate::store::Change;

/// Who is connected, and since when their presence is what it is.
#[derive(Debug, Default)]
pub struct Presences {
    /// How many live connections each user has; a user whose last one was lost keeps a place for the grace time.
    connections: Mutex<HashMap<UserId, UserConnections>>,
    since: Mutex<HashMap<UserId, Since>>,
}

#[derive(Debug, Default)]
struct UserConnections {
    open: usize,
    /// Counts openings and closings, so that an old grace timer can tell that it is out of date.
    turn: u64,
    /// When something last came from one of their browsers. What was sent later may have reached nobody.
    heard: Timestamp,
}

/// What this process has seen of a user's presence; nothing of what was so before it looked.
#[derive(Clone, Copy, Debug, Default)]
struct Since {
    /// When they came to the first node, or went from the last one.
    moved: Option<Timestamp>,
    /// When they chose the presence that they have chosen.
    chosen: Option<Timestamp>,
}

impl Since {
    /// Since when the presence is seen that follows from what was chosen. `absent`: since when a user who is not connected has been
    /// away, where that was noted.
    fn seen(
        self,
        chosen: Presence,
        connected: bool,
        absent: Option<Timestamp>,
    ) -> Option<Timestamp> {
        match (chosen, connected) {
            // Offline by choice they are the same whether or not they are connected.
            (Presence::Offline, _) => self.chosen,
            (_, true) => self.moved.max(self.chosen),
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

    /// The user came to the first node, or went from the last one.
    fn moved(&self, user: &UserId, at: Timestamp) {
        self.since().entry(user.clone()).or_default().moved = Some(at);
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
                self.0.presences.moved(user, now);
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

    /// Since when others see that, as far as this process knows: it remembers nothing of an earlier run but who was absent.
    pub(super) fn presence_since(&self, user: &UserId, chosen: Presence) -> Option<Timestamp> {
        let connected = self.0.presences.lock().contains_key(user) || self.0.nodes.elsewhere(user);
        let since = self.0.presences.since().get(user).copied();
        since
            .unwrap_or_default()
            .seen(chosen, connected, self.absent_since(user))
    }

    /// The user came to another node, or went from there.
    pub(super) fn presence_moved_elsewhere(&self, user: &UserId) {
        if !self.0.presences.lock().contains_key(user) {
            self.0.presences.moved(user, self.now());
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
            self.0.presences.moved(user, connections.heard);
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

    #[test]
    fn a_presence_is_as_old_as_what_made_it() {
        let at = |second| Some(Timestamp(second));
        let since = Since {
            moved: at(100),
            chosen: at(50),
        };
        assert_eq!(since.seen(Presence::Away, true, None), at(100));
        assert_eq!(since.seen(Presence::Offline, true, None), at(50));
        assert_eq!(since.seen(Presence::Offline, false, at(90)), at(50));
        assert_eq!(since.seen(Presence::Away, false, at(90)), at(90));
        assert_eq!(since.seen(Presence::Away, false, None), at(100));
        let later = Since {
            chosen: at(150),
            ..since
        };
        assert_eq!(later.seen(Presence::Busy, true, None), at(150));
    }

    #[test]
    fn what_was_before_this_process_is_not_made_up() {
        let unknown = Since::default();
        assert_eq!(unknown.seen(Presence::Available, true, None), None);
        assert_eq!(unknown.seen(Presence::Offline, true, None), None);
        let stored = Some(Timestamp(7));
        assert_eq!(unknown.seen(Presence::Available, false, stored), stored);
    }
}
