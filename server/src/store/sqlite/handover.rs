//! Work that goes back to the queue when somebody leaves.

use shared::directory::OwnEvent;
use shared::ids::{EntryId, TeamId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::{Workitem, WorkitemState};

use super::statement::{Connection, sql};
use super::{entries, own, states, workitems};
use crate::store::rows::NewEntry;
use crate::store::{Change, StoreError, Stored, WorkitemRecord};

const PLACE: &str = "UPDATE workitems SET agent_id = $2, team_id = $3, given_at = $4,
    state = CASE WHEN $2 IS NULL THEN 'queued' ELSE 'active' END WHERE id = $1";

/// Puts a workitem into an agent's hands or into a queue.
pub(super) fn set_place(
    connection: &Connection,
    workitem: &WorkitemId,
    agent: Option<&UserId>,
    team: &TeamId,
    at: Timestamp,
) -> Stored<()> {
    sql(PLACE)
        .bind(workitem.as_str())
        .bind(agent.map(UserId::as_str))
        .bind(team.as_str())
        .bind(at.0)
        .execute(connection)?;
    Ok(())
}

/// What an agent is told whose work was taken from them. `to`: nobody, so it is in the queue; `by`: nobody, so it was
/// the program.
fn taken(workitem: &Workitem, to: Option<PersonRef>, by: Option<PersonRef>) -> OwnEvent {
    OwnEvent::WorkTaken {
        workitem: workitem.id.clone(),
        subject: workitem.subject.clone(),
        to,
        by,
    }
}

/// Puts a workitem into the queue of a team, with a line that says why.
fn requeue(
    connection: &Connection,
    workitem: &Workitem,
    team: &TeamId,
    (entry, at): (EntryId, Timestamp),
    text: String,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    set_place(connection, &workitem.id, None, team, at)?;
    let notice = NewEntry::notice(entry, at, text);
    entries::append(connection, &workitem.id, notice, changes)?;
    entries::touch_workitem(connection, &workitem.id, changes)?;
    changes.push(Change::Queue(team.clone()));
    Ok(())
}

/// Why somebody's work is taken from them.
#[derive(Clone, Copy)]
pub(super) enum Departure<'a> {
    /// Deactivated, or an agent no longer: everything.
    Agent,
    /// No longer in this team: the team's work.
    Team(&'a TeamId),
}

/// Takes open work from somebody who cannot do it any more: active workitems go back to their team's queue, what was in
/// wrap-up is closed, for its conversation is over. Entry ids are taken from `ids`; where there are too few, they are made
/// from the workitem's id and the entry's number.
pub(super) fn give_back(
    connection: &Connection,
    agent: &PersonRef,
    departure: Departure<'_>,
    ids: Vec<EntryId>,
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let mut ids = ids.into_iter();
    for WorkitemRecord { workitem, .. } in workitems::load_open_of(connection, &agent.id)? {
        let why = match departure {
            Departure::Agent => format!("{} cannot take work any more", agent.name),
            Departure::Team(team) if *team == workitem.team => {
                format!("{} left the team {}", agent.name, workitem.team_name)
            }
            Departure::Team(_) => continue,
        };
        let entry = match ids.next() {
            Some(entry) => entry,
            None => next_entry(connection, &workitem.id)?,
        };
        if workitem.state == WorkitemState::WrapUp {
            let text = format!("Closed: {why}.");
            states::shut(connection, &workitem, (entry, at), text, changes)?;
            continue;
        }
        let text = format!("{why}. Back in the queue of {}.", workitem.team_name);
        let (line, team) = ((entry, at), &workitem.team);
        requeue(connection, &workitem, team, line, text, changes)?;
        if let Departure::Team(_) = departure {
            own::append(connection, &agent.id, taken(&workitem, None, None), changes)?;
        }
    }
    changes.push(Change::Agent(agent.id.clone()));
    Ok(())
}

fn next_entry(connection: &Connection, workitem: &WorkitemId) -> Stored<EntryId> {
    let row = workitems::load(connection, workitem)?.ok_or(StoreError::NotFound)?;
    EntryId::parse(format!("{workitem}-n{}", row.last_entry + 1)).map_err(|_| {
        StoreError::Storage("the workitem's id is too long to derive others from".to_owned())
    })
}
