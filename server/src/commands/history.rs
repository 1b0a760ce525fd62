//! Reading what is over, which is recorded where it is another's.

use async_trait::async_trait;
use shared::ids::{UserId, WorkitemId};
use shared::policy::WorkitemAct;
use shared::time::Timestamp;

use super::{audit, rights};
use crate::store::{Command, StoreError, Stored, Transaction, Written};

/// Somebody is about to read a workitem that no agent has, or that none has any more; whether it is one. Nobody is told, so it is
/// recorded of everybody but its own agent.
#[derive(Clone, Debug)]
pub struct HistoryRead {
    /// Which.
    pub workitem: WorkitemId,
    /// Who.
    pub reader: UserId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for HistoryRead {
    type Answer = bool;
    const NAME: &'static str = "history_read";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let row = rows.workitem_find(&self.workitem).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        rights::ask_in(rows, &self.reader, WorkitemAct::Read, &row).await?;
        if row.workitem.state.is_at_agent() {
            return Ok(Written::unchanged(false));
        }
        let agent = row.workitem.agent.as_ref().map(|agent| &agent.id);
        if agent != Some(&self.reader) {
            let act = (Self::NAME, self.workitem.as_str());
            audit::done(rows, Some(&self.reader), act, &[], self.at).await?;
        }
        Ok(Written::unchanged(true))
    }
}
