//! Deletes what is too old, as the organisation wants it: once an hour, in small steps with pauses, so that writes of people
//! go in between. It remembers nothing: what a run before did not reach is still too old.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Desk;
use super::in_steps::{self, Pace};
use crate::commands::{Deleted, RetentionStep};
use crate::store::Stored;

const PACE: Pace = Pace {
    every: Duration::from_secs(3_600),
    pause: Duration::from_millis(50),
};

/// How much was deleted since the program began.
#[derive(Debug, Default)]
pub struct RetentionMeasures([AtomicU64; 5]);

impl RetentionMeasures {
    fn add(&self, deleted: &Deleted) {
        for (total, (_, count)) in self.0.iter().zip(deleted.counts()) {
            total.fetch_add(u64::try_from(count).unwrap_or(0), Ordering::Relaxed);
        }
    }

    /// Each number with its name.
    pub fn counts(&self) -> [(&'static str, u64); 5] {
        let mut totals = self.0.iter().map(|total| total.load(Ordering::Relaxed));
        let names = Deleted::default().counts();
        names.map(|(name, _)| (name, totals.next().unwrap_or_default()))
    }
}

/// Deletes as long as the process lives.
pub(super) async fn run(desk: Desk) {
    let step = || async {
        let deleted = desk.retention_step().await?;
        Ok(deleted != Deleted::default())
    };
    in_steps::run(&desk, PACE, "what is too old could not be deleted", step).await;
}

impl Desk {
    /// One step. Answers what was deleted; nothing when nothing is too old.
    pub async fn retention_step(&self) -> Stored<Deleted> {
        let step = RetentionStep { at: self.now() };
        let written = self.store().execute(step).await?;
        let deleted = self.publish(written);
        self.0.retention.add(&deleted);
        Ok(deleted)
    }

    /// How much was deleted since the program began.
    pub fn retention_measures(&self) -> [(&'static str, u64); 5] {
        self.0.retention.counts()
    }
}
