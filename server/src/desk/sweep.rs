//! The sweep repairs lost events: it publishes the heads of the logs in the database, and subscribers read what they missed.

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
        tick.tick().await;
        desk.refusals_skipped().await;
        if round == 1 || round.is_multiple_of(THOROUGH) {
            desk.waited_note().await;
        }
        if let Err(error) = desk.sweep(round.is_multiple_of(THOROUGH)).await {
            tracing::warn!(%error, "the sweep could not read the heads");
        }
    }
}

impl Desk {
    /// One round: publishes the heads that are newer than what was published, or all heads with `everybody`.
    pub async fn sweep(&self, everybody: bool) -> Stored<()> {
        let publish = |head| match everybody {
            true => self.bus().publish(head),
            false => self.bus().publish_head_if_newer(head),
        };
        let (mut workitems, mut users) = (Vec::new(), Vec::new());
        for topic in self.bus().topics() {
            match topic {
                BusTopic::Workitem(id) => workitems.push(id),
                BusTopic::Notifications(user) => users.push(user),
                _ => {}
            }
        }
        for some in workitems.chunks(CHUNK) {
            let mut rows = self.store().snapshot().await?;
            let heads = rows.workitem_heads(some).await?;
            drop(rows);
            for (id, rev) in heads {
                publish(Change::WorkitemHead { id, rev });
            }
        }
        for some in users.chunks(CHUNK) {
            let heads = self
                .store()
                .snapshot()
                .await?
                .notification_heads(some)
                .await?;
            for (user, seq) in heads {
                publish(Change::NotificationHead { user, seq });
            }
        }
        if everybody {
            self.people_sweep().await;
        }
        Ok(())
    }
}
