//! What other systems say of a workitem's state: who took a call, and that it is over.

use async_trait::async_trait;
use serde::Serialize;
use shared::error::{ConflictCause, Problem};
use shared::ids::{EntryId, UserId, WorkitemId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::text::Username;
use shared::time::Timestamp;
use shared::tokens::ApiToken;
use shared::workitem::{Workitem, WorkitemState};

use super::{ReportContext, WorkitemSummary, agent_named, hand_to};
use crate::commands::{states, workitems};
use crate::store::{Change, Command, StoreError, Stored, Transaction, Written};

/// Into which state a workitem came elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum ReportedState {
    /// This agent has taken the call.
    Active(Username),
    /// The conversation is over, and its agent finishes the paperwork.
    WrapUp,
    /// Done.
    Closed,
}

/// A workitem came into another state elsewhere.
#[derive(Clone, Debug)]
pub struct ReportState {
    /// Which.
    pub workitem: WorkitemId,
    /// Into which.
    pub state: ReportedState,
    /// Id of the line for staff; others are derived from it.
    pub entry: EntryId,
    /// By which token, when and under which key.
    pub context: ReportContext,
}

#[async_trait]
impl Command for ReportState {
    type Answer = (WorkitemSummary, Option<UserId>);
    const NAME: &'static str = "report_state";

    /// Answers the workitem as it is then, and to whom it was given, if it was.
    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Self::Answer>> {
        let context = &self.context;
        let key = context.key(Self::NAME, &(&self.workitem, &self.state))?;
        let about = Some(&self.workitem);
        if let Some(first) = context.first_answer(rows, &key, about).await? {
            return Ok(Written::unchanged((first, None)));
        }
        let (row, token) = context.workitem(rows, &self.workitem).await?;
        let workitem = row.workitem;
        let by = token.name.clone();
        let line = (self.entry.clone(), context.at);
        let mut changes = Vec::new();
        let given_to = match &self.state {
            ReportedState::Active(agent) => {
                let agent = taker(rows, &token, &workitem, agent).await?;
                taken_by(rows, &workitem, agent, line, &mut changes).await?
            }
            ReportedState::WrapUp => {
                wrapped_up(rows, &workitem, by, line, &mut changes).await?;
                None
            }
            ReportedState::Closed => {
                closed(rows, &workitem, by, line, &mut changes).await?;
                None
            }
        };
        let answer = context.answer(rows, &key, &self.workitem).await?;
        Ok(Written {
            value: (answer, given_to),
            changes,
        })
    }
}

/// Who has taken it, if they may: an agent of its team, or who has it already.
async fn taker(
    rows: &mut dyn Transaction,
    token: &ApiToken,
    workitem: &Workitem,
    username: &Username,
) -> Stored<PersonRef> {
    let (agent, teams) = agent_named(rows, token, username).await?;
    if holds(workitem, &agent) || teams.contains(&workitem.team) {
        return Ok(agent);
    }
    Err(StoreError::Invalid {
        field: "agent",
        problem: Problem::NotInTeam,
    })
}

fn holds(workitem: &Workitem, agent: &PersonRef) -> bool {
    let there = workitem.agent.as_ref();
    there.is_some_and(|there| there.id == agent.id)
}

/// An agent has taken a queued workitem. The agent who has it already goes on with it.
async fn taken_by(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    agent: PersonRef,
    line: (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<Option<UserId>> {
    let refusal = match workitem.state {
        WorkitemState::Queued => None,
        WorkitemState::Active if holds(workitem, &agent) => return Ok(None),
        WorkitemState::Active => Some(ConflictCause::TakenMeanwhile),
        WorkitemState::WrapUp | WorkitemState::Closed => Some(ConflictCause::ConversationOver),
    };
    if let Some(cause) = refusal {
        return Err(StoreError::Conflict(cause));
    }
    hand_to(rows, workitem, &agent, line, changes).await?;
    changes.push(Change::Agent(agent.id.clone()));
    changes.push(Change::Queue(workitem.team.clone()));
    Ok(Some(agent.id))
}

async fn wrapped_up(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    by: String,
    line: (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let cause = match workitem.state {
        WorkitemState::Active => None,
        WorkitemState::Queued => Some(ConflictCause::NobodyHasIt),
        WorkitemState::WrapUp | WorkitemState::Closed => Some(ConflictCause::ConversationEnded),
    };
    match cause {
        None => states::end(rows, workitem, Notice::Ended { by }, line, changes).await,
        Some(cause) => Err(StoreError::Conflict(cause)),
    }
}

async fn closed(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    by: String,
    line: (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let cause = match workitem.state {
        WorkitemState::WrapUp => None,
        WorkitemState::Closed => Some(ConflictCause::WorkitemClosed),
        WorkitemState::Active | WorkitemState::Queued => Some(ConflictCause::NotWrappedUp),
    };
    if let Some(cause) = cause {
        return Err(StoreError::Conflict(cause));
    }
    states::shut(rows, workitem, line, Notice::Closed { by }, changes).await?;
    changes.push(workitems::list_change(workitem));
    Ok(())
}

/// The call or mail conversation is over: its agent wraps it up, and one that nobody has is closed.
#[derive(Clone, Debug)]
pub struct ReportEnd {
    /// Which.
    pub workitem: WorkitemId,
    /// Id of the line for staff; others are derived from it.
    pub entry: EntryId,
    /// By which token, when and under which key.
    pub context: ReportContext,
}

#[async_trait]
impl Command for ReportEnd {
    type Answer = WorkitemSummary;
    const NAME: &'static str = "report_end";

    /// Answers the workitem as it is then.
    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<WorkitemSummary>> {
        let context = &self.context;
        let key = context.key(Self::NAME, &self.workitem)?;
        let about = Some(&self.workitem);
        if let Some(first) = context.first_answer(rows, &key, about).await? {
            return Ok(Written::unchanged(first));
        }
        let (row, token) = context.workitem(rows, &self.workitem).await?;
        let workitem = row.workitem;
        let by = token.name;
        if rows.customer_view_ended(&workitem.id).await? != Some(false) {
            return Err(StoreError::Conflict(ConflictCause::ConversationEnded));
        }
        let line = (self.entry.clone(), context.at);
        let mut changes = Vec::new();
        states::end(rows, &workitem, Notice::Ended { by }, line, &mut changes).await?;
        let value = context.answer(rows, &key, &self.workitem).await?;
        Ok(Written { value, changes })
    }
}
