//! Since when agents are without a live connection, and work that is taken from them (SPEC, E10).

use async_trait::async_trait;
use shared::error::ConflictCause;
use shared::ids::{EntryId, UserId, WorkitemId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::{Workitem, WorkitemState};

use super::{assignment, notifications, states, workitems};
use crate::store::{Change, Command, Reclaim, Snapshot, StoreError, Stored, Transaction, Written};

/// Stores since when a user has no live connection, or since when they have one.
#[derive(Clone, Debug)]
pub struct AbsenceSet {
    /// Who.
    pub user: UserId,
    /// Since when they have none, and whether they signed out; `None`: they have one.
    pub since: Option<(Timestamp, bool)>,
    /// Since when they have one, where it is known; `None`: they have none.
    pub present: Option<Timestamp>,
}

#[async_trait]
impl Command for AbsenceSet {
    type Answer = ();
    const NAME: &'static str = "absence_set";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        rows.user_set_absent(&self.user, self.since, self.present)
            .await?;
        Ok(Written::unchanged(()))
    }
}

/// Since when agents, and who has claimed a request, have no live connection, at the start of a process, which has none yet, or after
/// the end of another node: `at` for those who had one until then and have none on any node. Answers the agents.
#[derive(Clone, Debug)]
pub struct AbsencesAdopt {
    /// When the process began, or the node was gone.
    pub at: Timestamp,
}

#[async_trait]
impl Command for AbsencesAdopt {
    type Answer = Vec<(UserId, Timestamp, bool)>;
    const NAME: &'static str = "absences_adopt";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Self::Answer>> {
        rows.absences_set(self.at).await?;
        Ok(Written::unchanged(rows.agents_absent().await?))
    }
}

/// Takes a workitem from an agent who is not there, with a line that says why: it is put back into its team's queue, or closed
/// where its conversation is over. `Conflict` when the reason is gone. From an agent who is gone for good, see `departures.rs`.
#[derive(Clone, Debug)]
pub struct WorkitemReclaim {
    /// Which.
    pub workitem: WorkitemId,
    /// From whom.
    pub agent: UserId,
    /// Why.
    pub why: Reclaim,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for WorkitemReclaim {
    type Answer = ();
    const NAME: &'static str = "workitem_reclaim";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let row = workitems::load_of(rows, &self.workitem, &self.agent).await?;
        let workitem = row.workitem;
        if !self.applies(rows, &workitem).await? {
            return Err(StoreError::Conflict(ConflictCause::ReasonGone));
        }
        let agent = workitem.agent.clone().ok_or(StoreError::NotFound)?;
        let mut changes = Vec::new();
        let notice = self.notice(&agent, &workitem);
        let (line, team) = ((self.entry.clone(), self.at), &workitem.team);
        if workitem.state == WorkitemState::WrapUp {
            states::shut(rows, &workitem, line, notice, &mut changes).await?;
        } else {
            assignment::requeue(rows, &workitem, team, line, notice, &mut changes).await?;
            let event = assignment::taken(&workitem, None, None);
            notifications::append(rows, &agent.id, event, &mut changes).await?;
        }
        changes.push(Change::Agent(agent.id));
        Ok(Written { value: (), changes })
    }
}

impl WorkitemReclaim {
    /// Whether the reason holds in this transaction.
    async fn applies(&self, rows: &mut dyn Snapshot, workitem: &Workitem) -> Stored<bool> {
        match self.why {
            Reclaim::Lost { given_until, .. } => {
                let agents = std::slice::from_ref(&self.agent);
                let lost = rows.workitems_lost_of(agents, given_until).await?;
                Ok(lost.iter().any(|(lost, _)| *lost == workitem.id))
            }
            Reclaim::Unseen(_) if workitem.state != WorkitemState::Active => Ok(false),
            Reclaim::Unseen(heard) => {
                let given = rows.workitem_given_at(&workitem.id).await?;
                // An agent who has answered has seen it, whatever became of the connection.
                let answers = rows.agent_answer_count(&workitem.id, &self.agent, given);
                Ok(answers.await? == 0 && given > heard)
            }
        }
    }

    fn notice(&self, agent: &PersonRef, workitem: &Workitem) -> Notice {
        let (agent, team) = (agent.name.clone(), workitem.team_name.clone());
        match self.why {
            Reclaim::Lost { seconds, .. } if workitem.state == WorkitemState::WrapUp => {
                Notice::ClosedAgentLost { agent, seconds }
            }
            Reclaim::Lost { seconds, .. } => Notice::ConnectionLost {
                agent,
                seconds,
                team,
            },
            Reclaim::Unseen(_) => Notice::NotReceived { agent, team },
        }
    }
}
