//! Flags for review of workitems, between supervisors. Nothing here takes a number of a conversation, and no change goes to the
//! customer's topic: neither the agent nor the customer can tell that there is a flag.

use async_trait::async_trait;
use shared::error::ConflictCause;
use shared::ids::{CommandKey, UserId, WorkitemId};
use shared::policy::WorkitemAct;
use shared::text::ReviewComment;
use shared::time::Timestamp;

use super::events::{self, Event};
use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::{Change, Command, StoreError, Stored, Transaction, Written};

/// Flags a workitem for review, open or closed. `Conflict` while it is flagged.
#[derive(Clone, Debug)]
pub struct ReviewFlag {
    /// Which workitem.
    pub workitem: WorkitemId,
    /// Why.
    pub comment: ReviewComment,
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for ReviewFlag {
    type Answer = ();
    const NAME: &'static str = "review_flag";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let content = (&self.workitem, self.comment.as_str());
        let key = IdempotencyKey::of_user(&self.by, &self.key, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        ask(rows, &self.workitem, &self.by).await?;
        let latest = rows.review_latest(&self.workitem).await?;
        let number = match latest {
            Some(open) if open.done.is_none() => {
                let by = open.by.name;
                return Err(StoreError::Conflict(ConflictCause::ReviewOpen { by }));
            }
            Some(latest) => latest.number + 1,
            None => 1,
        };
        rows.review_insert(&self.workitem, number, &self.comment, &self.by, self.at)
            .await?;
        // The comment stays out of the log: it is erased with the customer's words.
        let act = (Self::NAME, self.workitem.as_str());
        audit::done(rows, Some(&self.by), act, &[], self.at).await?;
        let mut written = changed(&self.workitem);
        let event = Event::flagged(&self.workitem, number);
        events::report(rows, &event, self.at, &mut written.changes).await?;
        key.keep(rows, self.at, &()).await?;
        Ok(written)
    }
}

/// Marks a flag as reviewed. `Conflict` when somebody has done so.
#[derive(Clone, Debug)]
pub struct ReviewFinish {
    /// Which workitem.
    pub workitem: WorkitemId,
    /// The number of the flag that was seen: a later one is left alone.
    pub number: i64,
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for ReviewFinish {
    type Answer = ();
    const NAME: &'static str = "review_finish";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let content = (&self.workitem, self.number);
        let key = IdempotencyKey::of_user(&self.by, &self.key, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        ask(rows, &self.workitem, &self.by).await?;
        let review = rows.review_find(&self.workitem, self.number).await?;
        let review = review.ok_or(StoreError::NotFound)?;
        if let Some(done) = review.done {
            let by = done.by.name;
            return Err(StoreError::Conflict(ConflictCause::ReviewDone { by }));
        }
        rows.review_finish(&self.workitem, self.number, &self.by, self.at)
            .await?;
        let act = (Self::NAME, self.workitem.as_str());
        audit::done(rows, Some(&self.by), act, &[], self.at).await?;
        let mut written = changed(&self.workitem);
        let event = Event::reviewed(&self.workitem, self.number);
        events::report(rows, &event, self.at, &mut written.changes).await?;
        key.keep(rows, self.at, &()).await?;
        Ok(written)
    }
}

/// Whether the user may review the workitem now.
async fn ask(rows: &mut dyn Transaction, workitem: &WorkitemId, user: &UserId) -> Stored<()> {
    let row = rows.workitem_find(workitem).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    rights::ask_in(rows, user, WorkitemAct::Review, &row).await?;
    Ok(())
}

fn changed(workitem: &WorkitemId) -> Written<()> {
    Written {
        value: (),
        changes: vec![Change::Review(workitem.clone())],
    }
}
