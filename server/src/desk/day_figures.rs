//! Counts the conversations of days that are over, once a minute, in small steps: each reads a snapshot and keeps what it has counted
//! in a short transaction, so that no write waits for it. It remembers nothing: what a run before did not reach is still marked.

use std::time::Duration;

use super::Desk;
use super::in_steps::{self, Pace};
use crate::commands::DayKeep;
use crate::store::Stored;

const PACE: Pace = Pace {
    every: Duration::from_secs(60),
    pause: Duration::from_millis(20),
};
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

/// Counts as long as the process lives.
pub(super) async fn run(desk: Desk) {
    let failed = "the conversations of a day could not be counted";
    in_steps::run(&desk, PACE, failed, || desk.day_figures_step()).await;
}

impl Desk {
    /// One step. Answers whether something was done; nothing is when every day that is over is counted, or when the one that was to
    /// be counted changed meanwhile.
    pub async fn day_figures_step(&self) -> Stored<bool> {
        // Conversations of today are closed all the time: they are counted from the workitems.
        let today = self.now().0.div_euclid(DAY_US);
        let mut rows = self.store().snapshot().await?;
        let changed = rows.changed_day(today).await?;
        drop(rows);
        let Some(changed) = changed else {
            return Ok(false);
        };
        let written = self.store().execute(DayKeep { changed }).await?;
        Ok(self.publish(written))
    }
}
