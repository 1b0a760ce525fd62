//! Work that somebody leaves behind: deactivated, deleted, an agent no longer, or no longer in a team.

use shared::ids::{EntryId, TeamId, WorkitemId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::{Workitem, WorkitemState};

use super::{assignment, notifications, requests, sessions, states};
use crate::store::{Change, Snapshot, StoreError, Stored, Transaction};

/// Why somebody's work is taken from them.
#[derive(Clone, Copy)]
pub(super) enum Departure<'a> {
    /// Deactivated, deleted, or an agent no longer: everything.
    Agent,
    /// No longer in this team: the team's work.
    Team(&'a TeamId),
}

impl Departure<'_> {
    /// The line about work that goes back to its queue.
    fn requeued(self, agent: &PersonRef, workitem: &Workitem) -> Notice {
        let (agent, team) = (agent.name.clone(), workitem.team_name.clone());
        match self {
            Departure::Agent => Notice::AgentGone { agent, team },
            Departure::Team(_) => Notice::AgentLeftTeam { agent, team },
        }
    }

    /// The line about work that is closed, because its conversation is over.
    fn closed(self, agent: &PersonRef, workitem: &Workitem) -> Notice {
        let agent = agent.name.clone();
        match self {
            Departure::Agent => Notice::ClosedAgentGone { agent },
            Departure::Team(_) => Notice::ClosedAgentLeftTeam {
                agent,
                team: workitem.team_name.clone(),
            },
        }
    }
}

/// Takes open work from somebody who cannot do it any more: active workitems go back to their team's queue, and what was
/// in wrap-up is closed, because its conversation is over. Entry ids are taken from `entries`; where there are too few,
/// they are made from the workitem's id and the entry's number.
pub(super) async fn take_all(
    rows: &mut dyn Transaction,
    agent: &PersonRef,
    departure: Departure<'_>,
    entries: &[EntryId],
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let mut entries = entries.iter();
    for row in rows.workitems_open_of(&agent.id).await? {
        let workitem = row.workitem;
        if matches!(departure, Departure::Team(team) if *team != workitem.team) {
            continue;
        }
        let entry = match entries.next() {
            Some(entry) => entry.clone(),
            None => next_entry(rows, &workitem.id).await?,
        };
        let line = (entry, at);
        if workitem.state == WorkitemState::WrapUp {
            let notice = departure.closed(agent, &workitem);
            states::shut(rows, &workitem, line, notice, changes).await?;
            continue;
        }
        let notice = departure.requeued(agent, &workitem);
        assignment::requeue(rows, &workitem, &workitem.team, line, notice, changes).await?;
        if let Departure::Team(_) = departure {
            let event = assignment::taken(&workitem, None, None);
            notifications::append(rows, &agent.id, event, changes).await?;
        }
    }
    changes.push(Change::Agent(agent.id.clone()));
    Ok(())
}

/// What follows for somebody who was just deactivated or deleted: their requests are settled, their work goes back, their
/// sessions end.
pub(super) async fn leave(
    rows: &mut dyn Transaction,
    user: &PersonRef,
    entries: &[EntryId],
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    // First, so that a request ends for the true reason: not because its workitem moves.
    requests::review(rows, at, changes).await?;
    take_all(rows, user, Departure::Agent, entries, at, changes).await?;
    sessions::end_of(rows, &user.id, None, changes).await
}

/// An id for the next entry of a workitem.
async fn next_entry(rows: &mut dyn Snapshot, workitem: &WorkitemId) -> Stored<EntryId> {
    let row = rows.workitem_find(workitem).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    EntryId::parse(format!("{workitem}-n{}", row.last_entry + 1)).map_err(|_| {
        StoreError::Storage("the workitem's id is too long to derive others from".to_owned())
    })
}
