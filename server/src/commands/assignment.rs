//! Puts a workitem into an agent's list or into a queue.

use shared::directory::Notification;
use shared::ids::{EntryId, TeamId, UserId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::{Workitem, WorkitemState};

use super::events::{self, Event};
use super::{coaching, entries, replies, states};
use crate::store::rows::NewEntry;
use crate::store::{Change, Stored, Transaction};

/// Where a workitem goes.
#[derive(Clone, Copy)]
pub(super) struct Assignment<'a> {
    /// Who has it from now on; nobody: it waits in the queue.
    pub(super) agent: Option<&'a UserId>,
    /// Whose it is from now on.
    pub(super) team: &'a TeamId,
}

/// Puts an open workitem into an agent's hands or into a queue. Nothing else changes who has a workitem or to which
/// team it belongs.
pub(super) async fn assign(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    to: Assignment<'_>,
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    if *to.team != workitem.team {
        coaching::seal(rows, &workitem.id, &workitem.team).await?;
    }
    if workitem.agent.is_some() {
        replies::show_again(rows, &workitem.id, changes).await?;
    }
    rows.workitem_set_place(&workitem.id, to.agent, to.team, at)
        .await?;
    let state = match to.agent {
        Some(_) => WorkitemState::Active,
        None => WorkitemState::Queued,
    };
    states::changed(rows, workitem, state, at, changes).await?;
    if let Some(agent) = to.agent {
        rows.agent_set_assigned(agent, at).await?;
        let assigned = Event::assigned(&workitem.id, agent);
        events::report(rows, &assigned, at, changes).await?;
    }
    Ok(())
}

/// Puts a workitem into the queue of a team, with a line that says why.
pub(super) async fn requeue(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    team: &TeamId,
    (entry, at): (EntryId, Timestamp),
    notice: Notice,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let nobody = Assignment { agent: None, team };
    assign(rows, workitem, nobody, at, changes).await?;
    let notice = NewEntry::notice(entry, at, notice);
    entries::append(rows, &workitem.id, notice, changes).await?;
    entries::touch_workitem(rows, &workitem.id, changes).await?;
    changes.push(Change::Queue(team.clone()));
    Ok(())
}

/// The notification of an agent whose work was taken from them. Without `to` it is in the queue, without `by` the program
/// took it.
pub(super) fn taken(
    workitem: &Workitem,
    to: Option<PersonRef>,
    by: Option<PersonRef>,
) -> Notification {
    Notification::WorkTaken {
        workitem: workitem.id.clone(),
        subject: workitem.subject.clone(),
        customer: workitem.customer.clone(),
        to,
        by,
        closed: false,
    }
}
