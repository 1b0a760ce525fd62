//! What the node on duty does from time to time, in small steps with pauses, so that writes of people go in between.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, sleep};

use super::Desk;
use crate::store::Stored;

/// When something is done.
pub(super) struct Pace {
    pub(super) every: Duration,
    /// Between two steps.
    pub(super) pause: Duration,
}

/// Takes steps as long as the process lives, at each time until one answers that it did nothing. `failed` says in the log what could not be
/// done; the next time tries it again.
pub(super) async fn run<F>(desk: &Desk, pace: Pace, failed: &'static str, step: impl Fn() -> F)
where
    F: Future<Output = Stored<bool>>,
{
    let mut tick = interval(pace.every);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if !desk.0.nodes.on_duty() {
            continue;
        }
        while match step().await {
            Ok(more) => more,
            Err(error) => {
                tracing::warn!(%error, "{failed}");
                false
            }
        } {
            sleep(pace.pause).await;
        }
    }
}
