//! Figures of conversations that are over, kept by day, so that a year is not counted row by row each time.

use async_trait::async_trait;

use crate::store::rows::ChangedDay;
use crate::store::{Command, Stored, Transaction, Written};

/// Keeps a day as it was counted outside of the transaction, or makes less of what says that it has changed. Answers whether
/// something was done; nothing is when the day has changed meanwhile.
#[derive(Clone, Debug)]
pub struct DayKeep {
    /// The day, as it was read.
    pub changed: ChangedDay,
}

#[async_trait]
impl Command for DayKeep {
    type Answer = bool;
    const NAME: &'static str = "day_keep";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let done = match &self.changed {
            ChangedDay::Crowded(day) => {
                rows.marks_fold(day).await?;
                true
            }
            ChangedDay::Counted(counted) => rows.day_keep(counted).await?,
        };
        Ok(Written::unchanged(done))
    }
}
