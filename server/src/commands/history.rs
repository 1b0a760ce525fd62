//! Reading what is over, which is recorded where it is another's, and taking it out as a file, which is recorded always.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::error::ConflictCause;
use shared::ids::{UserId, WorkitemId};
use shared::policy::{Action, WorkitemAct};
use shared::time::Timestamp;
use shared::workitem::Workitem;

use super::{audit, rights};
use crate::store::{Command, StoreError, Stored, Transaction, Written};

/// Somebody is about to read a workitem that no agent has, or that none has any more; whether it is one. Nobody is notified, so it is
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

/// Somebody is about to save a conversation as a file; its heading, and the number of its last entry, where the file ends. `Conflict`
/// while another agent has it: then it is read where that agent sees who reads.
#[derive(Clone, Debug)]
pub struct TranscriptExport {
    /// Which.
    pub workitem: WorkitemId,
    /// Who.
    pub reader: UserId,
    /// In which format, and whether with coaching.
    pub asked: Vec<AuditChange>,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for TranscriptExport {
    type Answer = (Workitem, i64);
    const NAME: &'static str = "transcript_export";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<(Workitem, i64)>> {
        let row = rows.workitem_find(&self.workitem).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        rights::ask_in(rows, &self.reader, WorkitemAct::Read, &row).await?;
        rights::ask(rows, &self.reader, Action::TranscriptExport).await?;
        let agent = row.workitem.agent.as_ref().map(|agent| &agent.id);
        if row.workitem.state.is_at_agent() && agent != Some(&self.reader) {
            return Err(StoreError::Conflict(ConflictCause::HandedOnMeanwhile));
        }
        let act = (Self::NAME, self.workitem.as_str());
        audit::done(rows, Some(&self.reader), act, &self.asked, self.at).await?;
        Ok(Written::unchanged((row.workitem, row.last_entry)))
    }
}

/// Somebody is about to save what they find in the history as a file.
#[derive(Clone, Debug)]
pub struct HistoryExport {
    /// Who.
    pub reader: UserId,
    /// What it was asked for, by the names in the address. No words and no names: an erased customer's would stay here.
    pub asked: Vec<AuditChange>,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for HistoryExport {
    type Answer = ();
    const NAME: &'static str = "history_export";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        rights::ask(rows, &self.reader, Action::HistoryUse).await?;
        rights::ask(rows, &self.reader, Action::TranscriptExport).await?;
        let act = (Self::NAME, "");
        audit::done(rows, Some(&self.reader), act, &self.asked, self.at).await?;
        Ok(Written::unchanged(()))
    }
}
