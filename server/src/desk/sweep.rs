//! The sweep repairs lost events: it publishes the heads of the logs in the database, and subscribers read what they missed. What
//! has no number, and what another node changed, is published from time to time in case its hint was lost.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::Desk;
use crate::bus::BusTopic;
use crate::store::{Change, Stored};

const EVERY: Duration = Duration::from_secs(5);
/// After this many rounds all heads are published, whatever was published before. This repairs a connection that lost its
/// place in any other way. It wakes every subscriber, which would be most of the work of an idle desk if done each round.
const THOROUGH: u64 = 12;
/// How many topics are looked up at once.
const CHUNK: usize = 200;

/// Sweeps as long as the process lives.
pub(super) async fn run(desk: Desk) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 1_u64.. {
        let gap = tokio::select! {
            _ = tick.tick() => false,
            () = desk.0.gap.notified() => true,
        };
        desk.refusals_skipped().await;
        if round == 1 || round.is_multiple_of(THOROUGH) {
            desk.waited_note().await;
        }
        desk.sweep_round(gap || round.is_multiple_of(THOROUGH))
            .await;
    }
}

impl Desk {
    /// One round of the sweep; `thorough` repairs what has no number as well.
    pub(crate) async fn sweep_round(&self, thorough: bool) {
        if let Err(error) = self.sweep(thorough).await {
            tracing::warn!(%error, "the sweep could not read the heads");
        }
        // Nothing is heard of the other nodes.
        let deaf = self.link_state().is_some_and(|link| !link.connected);
        let several = self.0.nodes.id().is_some();
        if deaf || (thorough && several) {
            self.sweep_unnumbered();
        } else if several {
            self.sweep_rights();
        }
    }

    /// Publishes the heads that are newer than what was published, or all heads with `everybody`.
    pub async fn sweep(&self, everybody: bool) -> Stored<()> {
        let publish = |head| match everybody {
            true => self.bus().publish_here(head),
            false => self.bus().repair(head),
        };
        let (mut workitems, mut customers, mut users) = (Vec::new(), Vec::new(), Vec::new());
        for topic in self.bus().topics() {
            match topic {
                BusTopic::Workitem(id) => workitems.push(id),
                BusTopic::Customer(id) => customers.push(id),
                BusTopic::Notifications(user) => users.push(user),
                _ => {}
            }
        }
        for some in workitems.chunks(CHUNK) {
            let heads = self.store().look().await?.workitem_heads(some).await?;
            for (id, rev) in heads {
                publish(Change::WorkitemHead { id, rev });
            }
        }
        for some in users.chunks(CHUNK) {
            let heads = self.store().look().await?.notification_heads(some).await?;
            for (user, seq) in heads {
                publish(Change::NotificationHead { user, seq });
            }
        }
        // In one process a customer's stream loses nothing but by a full queue, of which it knows.
        if self.0.nodes.id().is_some() {
            for some in customers.chunks(CHUNK) {
                let mut rows = self.store().customer_look().await?;
                let heads = rows.customer_heads(some).await?;
                drop(rows);
                for (id, seq) in heads {
                    publish(Change::CustomerHead { id, seq });
                }
            }
        }
        if everybody {
            self.people_sweep().await;
        }
        Ok(())
    }

    /// Asks once more for everybody who is connected whether they may be: what was taken away must not stay on screen for long.
    fn sweep_rights(&self) {
        for topic in self.bus().topics() {
            if let BusTopic::Control(user) = topic {
                self.bus().publish_here(Change::Authority(user));
            }
        }
    }

    /// Publishes a change of every topic that has no number, as if another node had said so.
    fn sweep_unnumbered(&self) {
        for topic in self.bus().topics() {
            let change = match topic {
                BusTopic::Agent(user) => Change::Agent(user),
                BusTopic::Queue(team) => Change::Queue(team),
                BusTopic::People => Change::People,
                BusTopic::Assistance => Change::Assistance,
                BusTopic::Alerts(team) => Change::Alerts(team),
                BusTopic::Control(user) => Change::Authority(user),
                BusTopic::Workitem(id) => Change::Review(id),
                // Their readers ask again by their own schedule.
                BusTopic::Customer(_)
                | BusTopic::ChatChannel(_)
                | BusTopic::Notifications(_)
                | BusTopic::Directory
                | BusTopic::AlertRules
                | BusTopic::Events => continue,
            };
            self.follow_up(&change);
            self.bus().publish_here(change);
        }
        self.0.people.touch_all();
        self.0.alerts.on_change(&Change::AlertRules);
    }
}
