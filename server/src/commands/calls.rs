//! Calls, which begin as work of the agent who places them.

use async_trait::async_trait;
use shared::ids::{CommandKey, EntryId, WorkitemId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::policy::Action;
use shared::time::Timestamp;
use shared::workitem::Channel;

use super::keys::IdempotencyKey;
use super::namesakes::shown;
use super::{contacts, entries, rights, workitems};
use crate::store::rows::{NewEntry, NewWorkitem};
use crate::store::{Change, Command, StoreError, Stored, Transaction, Written};

/// Records a phone workitem of an agent, active, in the agent's first team. `NotFound` without a team.
#[derive(Clone, Debug)]
pub struct CallRecord {
    /// Who calls.
    pub agent: PersonRef,
    /// The number that is called.
    pub number: String,
    /// The new workitem's id.
    pub workitem: WorkitemId,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for CallRecord {
    type Answer = WorkitemId;
    const NAME: &'static str = "call_record";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<WorkitemId>> {
        let (agent, number) = (&self.agent, &self.number);
        let key = IdempotencyKey::of_user(&agent.id, &self.key, Self::NAME, number)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask(rows, &agent.id, Action::WorkspaceUse).await?;
        let teams = rows.agent_teams(&agent.id).await?;
        let new = NewWorkitem {
            id: self.workitem.clone(),
            channel: Channel::Phone,
            customer: number.clone(),
            subject: number.clone(),
            agent: Some(agent.id.clone()),
            team: teams.into_iter().next().ok_or(StoreError::NotFound)?,
            started_at: self.at,
        };
        let mut changes = Vec::new();
        workitems::begin(rows, &new, &mut changes).await?;
        contacts::recognise(rows, &new, number).await?;
        let notice = Notice::Called {
            by: shown(rows, agent).await?,
            number: number.clone(),
        };
        let notice = NewEntry::notice(self.entry.clone(), self.at, notice);
        entries::append(rows, &self.workitem, notice, &mut changes).await?;
        entries::touch_workitem(rows, &self.workitem, &mut changes).await?;
        changes.push(Change::Agent(agent.id.clone()));
        key.keep(rows, self.at, &self.workitem).await?;
        Ok(Written {
            value: self.workitem.clone(),
            changes,
        })
    }
}
