//! What was said is added to the indexes of the history together with what was said beside it, where that takes less.

use async_trait::async_trait;

use crate::store::{Command, Stored, Transaction, Written};

/// Adds some of what waits. Answers whether more may wait.
#[derive(Clone, Copy, Debug)]
pub struct HistoryIndex;

#[async_trait]
impl Command for HistoryIndex {
    type Answer = bool;
    const NAME: &'static str = "history_index";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        Ok(Written::unchanged(rows.history_index().await?))
    }
}
