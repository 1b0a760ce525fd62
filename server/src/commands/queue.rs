//! Assigns queued work.

use async_trait::async_trait;
use shared::directory::Notification;
use shared::error::ConflictCause;
use shared::ids::{EntryId, UserId, WorkitemId};
use shared::notice::Notice;
use shared::people::{PersonRef, Presence};
use shared::time::Timestamp;
use shared::workitem::{Workitem, WorkitemState};

use super::assignment::{Assignment, assign};
use super::{capacity, entries, notifications};
use crate::store::rows::NewEntry;
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// Gives a queued workitem to an agent of its team. `Conflict` when somebody else was quicker, or the agent cannot take
/// it: deactivated, not available, no longer in the team, or as much work as they may have.
#[derive(Clone, Debug)]
pub struct WorkitemAssign {
    /// Which.
    pub workitem: WorkitemId,
    /// To whom.
    pub agent: UserId,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for WorkitemAssign {
    type Answer = ();
    const NAME: &'static str = "workitem_assign";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let row = rows.workitem_find(&self.workitem).await?;
        let workitem = row.ok_or(StoreError::NotFound)?.workitem;
        let agent = self.taker(rows, &workitem).await?;
        let mut changes = Vec::new();
        let to = Assignment {
            agent: Some(&agent.id),
            team: &workitem.team,
        };
        assign(rows, &workitem, to, self.at, &mut changes).await?;
        let notice = Notice::Assigned {
            agent: agent.name.clone(),
        };
        let notice = NewEntry::notice(self.entry.clone(), self.at, notice);
        entries::append(rows, &workitem.id, notice, &mut changes).await?;
        entries::touch_workitem(rows, &workitem.id, &mut changes).await?;
        let event = Notification::WorkAssigned {
            workitem: workitem.id,
            subject: workitem.subject,
            customer: workitem.customer,
            from: None,
        };
        notifications::append(rows, &agent.id, event, &mut changes).await?;
        changes.push(Change::Agent(agent.id));
        changes.push(Change::Queue(workitem.team));
        Ok(Written { value: (), changes })
    }
}

impl WorkitemAssign {
    /// The agent, if the workitem still waits and they can take it.
    async fn taker(&self, rows: &mut dyn Snapshot, workitem: &Workitem) -> Stored<PersonRef> {
        if workitem.state != WorkitemState::Queued {
            return Err(StoreError::Conflict(ConflictCause::TakenMeanwhile));
        }
        let Some((agent, presence)) = rows.agent_find(&self.agent).await? else {
            return Err(StoreError::Conflict(ConflictCause::AgentGone));
        };
        let teams = rows.agent_teams(&agent.id).await?;
        if !teams.contains(&workitem.team) || presence != Presence::Available {
            return Err(StoreError::Conflict(ConflictCause::AgentNotAvailable));
        }
        if !capacity::has_room(rows, &agent.id, workitem.channel).await? {
            return Err(StoreError::Conflict(ConflictCause::AgentFull));
        }
        Ok(agent)
    }
}
