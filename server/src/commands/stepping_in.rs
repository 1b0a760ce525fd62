//! A supervisor steps in: writes to the customer beside the agent, takes the work over and gives it back, ends the
//! conversation, closes what the agent left in wrap-up, or peeks at its last lines.
//!
//! The customer reads ordinary messages under a name, and an ordinary end. Every line about stepping in is for staff.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::directory::Notification;
use shared::error::ConflictCause;
use shared::ids::{CommandKey, EntryId, UserId, WorkitemId};
use shared::notice::{HandedTo, Notice};
use shared::people::PersonRef;
use shared::policy::WorkitemAct;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::transcript::{Author, EndReason, Sent};
use shared::workitem::{Workitem, WorkitemState};

use super::assignment::{Assignment, assign, taken};
use super::keys::IdempotencyKey;
use super::message_content::MessageContent;
use super::messages::{self, OutgoingMessage};
use super::namesakes::shown;
use super::states::{self, derived};
use super::{audit, entries, monitoring, notifications, rights, workitems};
use crate::store::rows::NewEntry;
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// Appends a supervisor's message to the customer, under the supervisor's name. The agent keeps the workitem and what they
/// have not read; the customer waits no longer. `NotMonitoring` unless its author monitors the workitem.
#[derive(Clone, Debug)]
pub struct BargeAppend {
    /// In which workitem; it must be active.
    pub workitem: WorkitemId,
    /// Who writes.
    pub supervisor: PersonRef,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// What is said.
    pub text: MessageText,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for BargeAppend {
    type Answer = Sent;
    const NAME: &'static str = "barge_append";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Sent>> {
        let supervisor = &self.supervisor;
        let content = (&self.workitem, self.text.as_str());
        let key = IdempotencyKey::of_user(&supervisor.id, &self.key, Self::NAME, &content)?;
        if let Some(first) = key.first_sent(rows, &self.workitem).await? {
            return Ok(Written::unchanged(first));
        }
        let workitem = allowed(rows, &self.workitem, &supervisor.id, WorkitemAct::Barge).await?;
        messages::answerable(&workitem)?;
        let mut changes = Vec::new();
        // The agent knows who is there before somebody speaks beside them.
        let line = (derived(&self.entry, 2)?, self.at);
        monitoring::announce(rows, &workitem, &supervisor.id, line, &mut changes).await?;
        if !rows.barged(&workitem.id, &supervisor.id).await? {
            self.join(rows, &workitem, &mut changes).await?;
        }
        let message = OutgoingMessage {
            author: Author::Supervisor,
            entry: self.entry.clone(),
            at: self.at,
            content: MessageContent::text(self.text.clone()),
        };
        // Behind the lines that were written above.
        let row = rows.workitem_find(&workitem.id).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let sent = messages::append(rows, &row, supervisor, message, &mut changes).await?;
        changes.push(workitems::list_change(&workitem));
        key.keep_sent(rows, self.at, &sent).await?;
        Ok(Written {
            value: sent,
            changes,
        })
    }
}

impl BargeAppend {
    /// The first message of this supervisor here: staff see a line, and the audit log names them.
    async fn join(
        &self,
        rows: &mut dyn Transaction,
        workitem: &Workitem,
        changes: &mut Vec<Change>,
    ) -> Stored<()> {
        let by = shown(rows, &self.supervisor).await?;
        let line = NewEntry::notice(derived(&self.entry, 1)?, self.at, Notice::Joined { by });
        entries::append(rows, &workitem.id, line, changes).await?;
        let act = ("workitem_barge", workitem.id.as_str());
        let agent = audit::of_agent(workitem.agent.as_ref());
        audit::done(rows, Some(&self.supervisor.id), act, &agent, self.at).await
    }
}

/// A workitem in which somebody may do this. `NotFound` or `Refused` for anybody else.
async fn allowed(
    rows: &mut dyn Snapshot,
    workitem: &WorkitemId,
    who: &UserId,
    act: WorkitemAct,
) -> Stored<Workitem> {
    let row = rows.workitem_find(workitem).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    rights::ask_in(rows, who, act, &row).await?;
    Ok(row.workitem)
}

/// A supervisor takes an active workitem over from its agent, who is notified. It stays with its team. The supervisor's
/// monitoring of it ends: it is their own work.
#[derive(Clone, Debug)]
pub struct WorkitemTakeOver {
    /// Which.
    pub workitem: WorkitemId,
    /// The supervisor.
    pub by: PersonRef,
    /// Who has it, as the supervisor saw it: another one may have been quicker.
    pub from: UserId,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for WorkitemTakeOver {
    type Answer = ();
    const NAME: &'static str = "workitem_take_over";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (by, at) = (&self.by, self.at);
        let content = (&self.workitem, &self.from);
        let key = IdempotencyKey::of_user(&by.id, &self.key, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let workitem = allowed(rows, &self.workitem, &by.id, WorkitemAct::TakeOver).await?;
        let from = match &workitem.agent {
            Some(agent) if workitem.state == WorkitemState::Active => agent,
            Some(_) => return Err(StoreError::Conflict(ConflictCause::ConversationOver)),
            None => return Err(StoreError::Conflict(ConflictCause::HandedOnMeanwhile)),
        };
        if from.id != self.from {
            return Err(StoreError::Conflict(ConflictCause::HandedOnMeanwhile));
        }
        let mut changes = Vec::new();
        if let Some(me) = workitem.monitor(&by.id) {
            let line = (derived(&self.entry, 1)?, at);
            let reason = EndReason::Left;
            monitoring::leave(rows, &workitem, me, reason, line, &mut changes).await?;
        }
        let mine = Assignment {
            agent: Some(&by.id),
            team: &workitem.team,
        };
        assign(rows, &workitem, mine, at, &mut changes).await?;
        rows.workitem_set_taken_from(&workitem.id, &from.id).await?;
        let notice = Notice::TakenOver {
            by: shown(rows, by).await?,
            from: from.name.clone(),
        };
        let notice = NewEntry::notice(self.entry.clone(), at, notice);
        entries::append(rows, &workitem.id, notice, &mut changes).await?;
        entries::touch_workitem(rows, &workitem.id, &mut changes).await?;
        let event = taken(&workitem, Some(by.clone()), Some(by.clone()));
        notifications::append(rows, &from.id, event, &mut changes).await?;
        changes.push(Change::Agent(from.id.clone()));
        changes.push(Change::Agent(by.id.clone()));
        let act = (Self::NAME, workitem.id.as_str());
        audit::done(rows, Some(&by.id), act, &moved(&from.id, &by.id), at).await?;
        key.keep(rows, at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// The agents who had it and who have it, for the audit log.
fn moved(from: &UserId, to: &UserId) -> Vec<AuditChange> {
    audit::differences(["agent"], Some([from.to_string()]), Some([to.to_string()]))
}

/// Who took a workitem over gives it back: to the agent who had it if they can take it at once, else to its team's queue.
#[derive(Clone, Debug)]
pub struct WorkitemGiveBack {
    /// Which, and by whom.
    pub change: super::StateChange,
    /// Whether the agent who had it has a live connection.
    pub connected: bool,
}

#[async_trait]
impl Command for WorkitemGiveBack {
    type Answer = ();
    const NAME: &'static str = "workitem_give_back";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let change = &self.change;
        let (by, at) = (&change.by, change.at);
        let key = IdempotencyKey::of_user(&by.id, &change.key, Self::NAME, &change.workitem)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let workitem = allowed(rows, &change.workitem, &by.id, WorkitemAct::GiveBack).await?;
        if workitem.state != WorkitemState::Active {
            return Err(StoreError::Conflict(ConflictCause::NotActive));
        }
        let from = workitem.taken_from.as_ref();
        let from = from.ok_or(StoreError::Conflict(ConflictCause::NotTakenOver))?;
        let to = super::handover::back_to(rows, &workitem, from, self.connected).await?;
        let line = (change.entry.clone(), at);
        let mut changes = super::handover::give_back(rows, &workitem, by, line, from, &to).await?;
        changes.push(workitems::list_change(&workitem));
        let back = match &to {
            HandedTo::Agent(_) => moved(&by.id, &from.id),
            HandedTo::Team(_) => {
                let (was, is) = ([by.id.to_string()], [String::new()]);
                audit::differences(["agent"], Some(was), Some(is))
            }
        };
        let act = (Self::NAME, workitem.id.as_str());
        audit::done(rows, Some(&by.id), act, &back, at).await?;
        key.keep(rows, at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// A supervisor ends a conversation that its agent has. The workitem goes to its agent's wrap-up.
#[derive(Clone, Debug)]
pub struct ConversationEnd(pub super::StateChange);

#[async_trait]
impl Command for ConversationEnd {
    type Answer = ();
    const NAME: &'static str = "conversation_end";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self(change) = self;
        let (by, at) = (&change.by, change.at);
        let key = IdempotencyKey::of_user(&by.id, &change.key, Self::NAME, &change.workitem)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let workitem = allowed(rows, &change.workitem, &by.id, WorkitemAct::End).await?;
        messages::answerable(&workitem)?;
        let mut changes = Vec::new();
        let notice = Notice::Ended {
            by: shown(rows, by).await?,
        };
        let line = (change.entry.clone(), at);
        states::end(rows, &workitem, notice, line, &mut changes).await?;
        let act = (Self::NAME, workitem.id.as_str());
        let agent = audit::of_agent(workitem.agent.as_ref());
        audit::done(rows, Some(&by.id), act, &agent, at).await?;
        key.keep(rows, at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// A supervisor closes what an agent left in wrap-up, as the agent would. It rests on the right to reassign the agent's work, and the
/// agent is notified.
#[derive(Clone, Debug)]
pub struct WrapUpClose(pub super::StateChange);

#[async_trait]
impl Command for WrapUpClose {
    type Answer = ();
    const NAME: &'static str = "wrap_up_close";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self(change) = self;
        let (by, at) = (&change.by, change.at);
        let key = IdempotencyKey::of_user(&by.id, &change.key, Self::NAME, &change.workitem)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let workitem = allowed(rows, &change.workitem, &by.id, WorkitemAct::Assign).await?;
        states::closable(rows, &workitem).await?;
        let agent = workitem.agent.as_ref().ok_or(StoreError::NotFound)?;
        let mut changes = Vec::new();
        let notice = Notice::Closed {
            by: shown(rows, by).await?,
        };
        let line = (change.entry.clone(), at);
        states::shut(rows, &workitem, line, notice, &mut changes).await?;
        let event = Notification::WorkTaken {
            workitem: workitem.id.clone(),
            subject: workitem.subject.clone(),
            customer: workitem.customer.clone(),
            to: None,
            by: Some(by.clone()),
            closed: true,
        };
        notifications::append(rows, &agent.id, event, &mut changes).await?;
        changes.push(Change::Agent(agent.id.clone()));
        let act = (Self::NAME, workitem.id.as_str());
        let concerned = audit::of_agent(Some(agent));
        audit::done(rows, Some(&by.id), act, &concerned, at).await?;
        key.keep(rows, at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// A supervisor is about to peek at the last lines of a workitem. Nobody is notified, so it is recorded.
#[derive(Clone, Debug)]
pub struct WorkitemPeek {
    /// Which.
    pub workitem: WorkitemId,
    /// Who.
    pub reader: UserId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for WorkitemPeek {
    type Answer = ();
    const NAME: &'static str = "workitem_peek";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let workitem = allowed(rows, &self.workitem, &self.reader, WorkitemAct::Peek).await?;
        if workitem.state == WorkitemState::Closed {
            // What is closed is read in the history.
            return Err(StoreError::Conflict(ConflictCause::WorkitemClosed));
        }
        let act = (Self::NAME, workitem.id.as_str());
        let agent = audit::of_agent(workitem.agent.as_ref());
        audit::done(rows, Some(&self.reader), act, &agent, self.at).await?;
        Ok(Written::unchanged(()))
    }
}
