//! Who is connected. In memory only: after a restart everybody is offline until their browser is back.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::ids::UserId;
use shared::people::Presence;

use super::Desk;
use crate::store::Change;

/// How many live connections each user has; a user whose last one was lost keeps a place for the grace time.
#[derive(Debug, Default)]
pub struct Presences(Mutex<HashMap<UserId, Connections>>);

#[derive(Debug, Default)]
struct Connections {
    open: usize,
    /// Counts openings and closings, so that an old grace timer can tell that it is out of date.
    turn: u64,
}

impl Presences {
    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, Connections>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One live connection of a user; dropping it is the end of the connection.
pub struct Connected {
    desk: Desk,
    user: UserId,
    /// Signing out needs no grace: nobody is coming back.
    pub final_word: bool,
}

impl Desk {
    /// Notes a live connection.
    pub fn presence_connect(&self, user: &UserId) -> Connected {
        let first = {
            let mut all = self.0.presences.lock();
            let first = !all.contains_key(user);
            let connections = all.entry(user.clone()).or_default();
            connections.open += 1;
            connections.turn += 1;
            first
        };
        if first {
            self.presence_changed(user);
        }
        Connected {
            desk: self.clone(),
            user: user.clone(),
            final_word: false,
        }
    }

    /// What others see: what the user chose, and offline while no live connection remains.
    pub fn presence_seen(&self, user: &UserId, chosen: Presence) -> Presence {
        if self.0.presences.lock().contains_key(user) {
            chosen
        } else {
            Presence::Offline
        }
    }

    /// Tells everybody who shows it, and gives out work that waited for somebody to be there.
    pub(super) fn presence_changed(&self, user: &UserId) {
        self.0.people.touch(user);
        self.0.bus.publish(Change::Agent(user.clone()));
        self.0.queue.notify_one();
    }

    fn presence_leave(&self, user: &UserId, turn: u64) {
        let gone = {
            let mut all = self.0.presences.lock();
            let gone = all
                .get(user)
                .is_some_and(|connections| connections.open == 0 && connections.turn == turn);
            if gone {
                all.remove(user);
            }
            gone
        };
        if gone {
            self.presence_changed(user);
        }
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let turn = {
            let mut all = self.desk.0.presences.lock();
            let Some(connections) = all.get_mut(&self.user) else {
                return;
            };
            connections.open = connections.open.saturating_sub(1);
            connections.turn += 1;
            if connections.open > 0 {
                return;
            }
            connections.turn
        };
        if self.final_word {
            self.desk.presence_leave(&self.user, turn);
            return;
        }
        let (desk, user) = (self.desk.clone(), self.user.clone());
        // Outside a runtime the process is ending, and presence with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                tokio::time::sleep(desk.0.config.grace).await;
                desk.presence_leave(&user, turn);
            });
        }
    }
}
