//! Who is connected to this process. In memory: after a restart everybody is offline until their browser is back. Who is connected to
//! another node comes from there (`nodes`). Since when somebody is not connected is stored as well (see `absence`).

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::ids::UserId;
use shared::people::Presence;
use shared::time::Timestamp;

use super::Desk;
use crate::store::Change;

/// How many live connections each user has; a user whose last one was lost keeps a place for the grace time.
#[derive(Debug, Default)]
pub struct Presences(Mutex<HashMap<UserId, UserConnections>>);

#[derive(Debug, Default)]
struct UserConnections {
    open: usize,
    /// Counts openings and closings, so that an old grace timer can tell that it is out of date.
    turn: u64,
    /// When something last came from one of their browsers. What was sent later may have reached nobody.
    heard: Timestamp,
}

impl Presences {
    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, UserConnections>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
