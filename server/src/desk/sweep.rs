//! The sweep replays what a lost hint left behind: it tells followers where the database stands, and they fetch what they
//! miss.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::Desk;
use crate::store::{Change, Stored};

const EVERY: Duration = Duration::from_secs(5);
/// Once in so many rounds everybody is told, whatever was published before: then a connection heals that lost its place in
/// a way that nobody thought of. Telling costs a wake-up for each follower, which would be most of what an idle desk does.
const THOROUGH: u64 = 12;
/// How many topics are looked up at once.
const CHUNK: usize = 200;

/// Sweeps as long as the process lives.
pub(super) async fn run(desk: Desk) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 1_u64.. {
        tick.tick().await;
        if let Err(error) = desk.sweep(round.is_multiple_of(THOROUGH)).await {
            tracing::warn!(%error, "the sweep could not read the heads");
        }
    }
}

impl Desk {
    /// One round: tells those who follow a log in which something newer stands than was ever published, or everybody.
    pub async fn sweep(&self, everybody: bool) -> Stored<()> {
        let tell = |head| match everybody {
            true => self.bus().publish(head),
            false => self.bus().remind(head),
        };
        let (workitems, users) = self.bus().followed();
        for some in workitems.chunks(CHUNK) {
            let mut rows = self.store().snapshot().await?;
            let heads = rows.workitem_heads(some).await?;
            drop(rows);
            for (id, rev) in heads {
                tell(Change::WorkitemHead { id, rev });
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
                tell(Change::OwnHead { user, seq });
            }
        }
        if everybody {
            self.people_sweep().await;
        }
        Ok(())
    }
}
