//! Adds what was said to the indexes of the history, once a second, in small steps, so that a message does not wait for it. A search does not
//! wait for that second: it has the rest added first. It remembers nothing: what a run before did not reach still waits. Where nothing
//! waits nothing is written, and on PostgreSQL, where nothing ever does, its server is not even asked.

use std::time::Duration;

use app::backend::ApiResult;

use super::in_steps::{self, Pace};
use super::{Desk, to_app_error};
use crate::commands::HistoryIndex;
use crate::store::Stored;

const PACE: Pace = Pace {
    every: Duration::from_secs(1),
    pause: Duration::from_millis(20),
};

/// Adds as long as the process lives.
pub(super) async fn run(desk: Desk) {
    let failed = "what was said could not be added to the index";
    in_steps::run(&desk, PACE, failed, || desk.history_index_step()).await;
}

impl Desk {
    /// One step. Answers whether more may wait.
    pub async fn history_index_step(&self) -> Stored<bool> {
        if !self.store().history_waits().await? {
            return Ok(false);
        }
        let written = self.store().execute(HistoryIndex).await?;
        Ok(self.publish(written))
    }

    /// Adds all that was acknowledged so far, so that a search that begins now finds it.
    pub(super) async fn history_indexed(&self) -> ApiResult<()> {
        while self.history_index_step().await.map_err(to_app_error)? {}
        Ok(())
    }
}
