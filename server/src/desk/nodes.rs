//! This process as one of several on a database. One that is alone has no link, is always on duty and never beats.
//!
//! Each node raises its beat every second and says of whom it has live connections. It learns the others' the same way, so a
//! lost hint costs a second. One node is on duty: it assigns queued work, looks after who is absent, raises alerts that are due
//! and deletes what is too old. What it does rests on transactions that ask again, so two nodes that both take themselves for
//! that one, in the moment of a change, do nothing twice.

#[cfg(test)]
mod simulation;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::ids::{NodeId, UserId};
use shared::time::Timestamp;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use self::state::{DEAD_AFTER, DUTY, Learned, State};
use super::Desk;
use crate::bus::hint::Hint;
use crate::bus::link::{Heard, Link, LinkState};
use crate::commands::NodeLeave;
use crate::store::{Change, StoreError, Stored};
use crate::traces::traced;

/// How often a node beats.
const EVERY: Duration = Duration::from_secs(1);
/// The shortest time between two beats.
const PAUSE: Duration = Duration::from_millis(50);
/// Each time after so many beats it reads who is absent.
const ABSENCES_EVERY: u64 = 5;

/// What a node needs to be one of several.
#[derive(Clone, Debug)]
pub struct NodeConfig {
    /// Its id, of this run of the process alone.
    pub id: NodeId,
    /// The way to the others.
    pub link: Arc<dyn Link>,
}

/// What this process knows of other nodes.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    config: Option<NodeConfig>,
    state: Mutex<State>,
    /// Held from a beat's beginning to its end, so that the last one is over before the node leaves.
    beating: tokio::sync::Mutex<()>,
    wake: Notify,
}

impl Nodes {
    pub(super) fn new(config: Option<NodeConfig>) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its id, for one of several.
    pub(super) fn id(&self) -> Option<NodeId> {
        self.config.as_ref().map(|config| config.id.clone())
    }

    /// Whether this node does what is done once.
    pub(super) fn on_duty(&self) -> bool {
        self.config.is_none() || self.state().is_on_duty(Instant::now())
    }

    /// How many nodes there are as far as this one knows, itself included: one for a process that is alone.
    pub(super) fn count(&self) -> u32 {
        self.state().count()
    }

    /// Whether another node has a live connection of the user, or had one until it went a moment ago.
    pub(super) fn elsewhere(&self, user: &UserId) -> bool {
        let state = self.state();
        state.elsewhere.contains(user) || state.lingering.contains_key(user)
    }

    /// Somebody's first live connection of this node came, or the last one went.
    pub(super) fn changed(&self) {
        self.wake.notify_one();
    }
}

impl Desk {
    /// How the way to the other nodes stands; nothing for a process that is alone.
    pub fn link_state(&self) -> Option<LinkState> {
        let config = self.0.nodes.config.as_ref()?;
        Some(config.link.state())
    }

    /// Whether this process does what is done once: it is alone, or the others leave it to this one.
    pub fn on_duty(&self) -> bool {
        self.0.nodes.on_duty()
    }

    /// Becomes one of the nodes, before anything else is done.
    pub(super) async fn nodes_join(&self) -> Stored<()> {
        let Some(config) = self.0.nodes.config.clone() else {
            return Ok(());
        };
        let learned = self.node_beat(&config).await?;
        if learned.takes_over {
            self.absences_adopt().await?;
        }
        if let Some(heard) = config.link.listen() {
            tokio::spawn(listen(self.clone(), heard));
        }
        tokio::spawn(run(self.clone(), config));
        Ok(())
    }

    /// Ends being one of the nodes. The others need not wait until this one counts as dead.
    pub async fn nodes_leave(&self) {
        if let Some(node) = self.0.nodes.id() {
            self.0.nodes.state().left = true;
            // A beat that is still on its way would bring the node back.
            let _beating = self.0.nodes.beating.lock().await;
            // If this fails, the node counts as dead soon.
            let _ = self.store().execute(NodeLeave { node }).await;
            self.hint(&Hint::Nodes);
        }
    }

    fn hint(&self, hint: &Hint) {
        if let Some(config) = &self.0.nodes.config {
            config.link.send(hint);
        }
    }

    /// One beat.
    async fn node_beat(&self, config: &NodeConfig) -> Stored<Learned> {
        let begun = Instant::now();
        let here = self.presences_here();
        let beat = self.0.nodes.state().beat(&config.id, &here, begun);
        let said = beat.present.is_some();
        let view = self.store().execute(beat).await?.value;
        let learned = {
            let mut state = self.0.nodes.state();
            let learned = state.learn(&config.id, &view, begun, self.0.config.grace);
            state.announce(here, said, &view);
            learned
        };
        if view.changed || !view.known {
            self.hint(&Hint::Nodes);
        }
        Ok(learned)
    }

    /// What another node changed.
    pub(crate) fn on_hint(&self, hint: Hint) {
        match &hint {
            Hint::Nodes => self.0.nodes.changed(),
            Hint::Workitem {
                id,
                holder: Some(holder),
                ..
            } => self.monitoring_review(self.0.monitors.moved(id, holder.clone())),
            _ => {}
        }
        if let Some(change) = hint.change() {
            self.follow_up(&change);
            self.bus().publish_here(change);
        }
    }
}

/// Hears what other nodes say, as long as the process lives.
async fn listen(desk: Desk, mut heard: mpsc::Receiver<Heard>) {
    while let Some(heard) = heard.recv().await {
        match heard {
            Heard::Hint(hint, origin) => {
                let span = traced!("hint");
                origin.continue_in(&span);
                span.in_scope(|| desk.on_hint(hint));
            }
            Heard::Gap => {
                desk.0.nodes.changed();
                desk.0.gap.notify_one();
            }
        }
    }
}

/// Beats as long as the process lives.
async fn run(desk: Desk, config: NodeConfig) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for beats in 1_u64.. {
        tokio::select! {
            _ = tick.tick() => {}
            () = desk.0.nodes.wake.notified() => {}
        }
        let beaten = {
            let _beating = desk.0.nodes.beating.lock().await;
            if desk.0.nodes.state().left {
                return;
            }
            desk.node_beat(&config).await
        };
        match beaten {
            Ok(learned) => {
                desk.node_learned(learned).await;
                if beats.is_multiple_of(ABSENCES_EVERY)
                    && let Err(error) = desk.absences_read().await
                {
                    tracing::warn!(%error, "who is absent could not be read");
                }
            }
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(%error, "this node could not say that it lives"),
        }
        sleep(PAUSE).await;
    }
}

impl Desk {
    async fn node_learned(&self, learned: Learned) {
        for user in &learned.differ {
            self.presence_moved_elsewhere(user);
            self.0.people.touch(user);
            self.bus().publish_here(Change::Agent(user.clone()));
        }
        if !learned.differ.is_empty() || learned.takes_over {
            self.0.queue.notify_one();
        }
        if learned.again {
            tracing::warn!("the other nodes took this one for dead, or may have");
            self.0.nodes.changed();
            let desk = self.clone();
            tokio::spawn(async move { desk.monitoring_hold_again().await });
        }
        if learned.takes_over {
            tracing::info!("this node is on duty");
        }
        if learned.takes_over || (learned.fewer && learned.on_duty) {
            let desk = self.clone();
            tokio::spawn(async move { desk.node_inherit(learned.takes_over).await });
        }
    }

    /// After a node is gone: its monitorings and its agents, unless they come to another one.
    async fn node_inherit(&self, takes_over: bool) {
        let heard =
            Timestamp(self.now().0 - i64::try_from((DEAD_AFTER + DUTY).as_micros()).unwrap_or(0));
        if let Err(error) = self.monitoring_adopt().await {
            tracing::error!(%error, "monitorings of a node that is gone could not be taken over");
        }
        sleep(self.0.config.grace).await;
        let adopted = match takes_over {
            true => self.absences_adopt().await,
            false => self.absences_inherit().await,
        };
        match adopted {
            Ok(gone) => gone
                .iter()
                .for_each(|user| self.unseen_reclaim(user, heard)),
            Err(error) => {
                tracing::error!(%error, "agents of a node that is gone could not be marked")
            }
        }
    }
}
