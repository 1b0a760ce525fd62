//! Work changes hands: from the queue to an agent, from one agent to another, back to a queue; and calls, which
//! begin in an agent's hands.

use shared::directory::OwnEvent;
use shared::ids::{CommandKey, EntryId, TeamId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::policy::Action;
use shared::time::Timestamp;
use shared::workitem::{Channel, TransferTo, Workitem, WorkitemState};

use super::SqliteStore;
use super::commands::Command;
use super::entries::{self, NewEntry};
use super::intake::{self, NewWorkitem};
use super::rows::{text, unchanged};
use super::statement::{Connection, sql};
use super::{agents, capacity, coaching, own, rights, states, workitems};
use crate::store::{Change, StateChange, StoreError, Stored, WorkitemRecord, Written};

const PLACE: &str = "UPDATE workitems SET agent_id = $2, team_id = $3, given_at = $4,
    state = CASE WHEN $2 IS NULL THEN 'queued' ELSE 'active' END WHERE id = $1";
const GIVEN: &str = "UPDATE users SET assigned_at = $2 WHERE id = $1";
const TEAM: &str = "SELECT name FROM teams WHERE id = $1";

fn wrong_target(reason: &str) -> StoreError {
    StoreError::Invalid {
        field: "to",
        reason: reason.to_owned(),
    }
}

/// Where a workitem goes.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Who has it from now on; nobody: it waits in the queue.
    pub(super) agent: Option<&'a UserId>,
    /// Whose it is from now on.
    pub(super) team: &'a TeamId,
}

/// Puts an open workitem into an agent's hands or into a queue. Nothing else changes who has a workitem or to which
/// team it belongs.
pub(super) fn place(
    connection: &Connection,
    workitem: &Workitem,
    to: Place<'_>,
    at: Timestamp,
) -> Stored<()> {
    if *to.team != workitem.team {
        coaching::seal(connection, &workitem.id, &workitem.team)?;
    }
    sql(PLACE)
        .bind(workitem.id.as_str())
        .bind(to.agent.map(UserId::as_str))
        .bind(to.team.as_str())
        .bind(at.0)
        .execute(connection)?;
    if let Some(agent) = to.agent {
        sql(GIVEN)
            .bind(agent.as_str())
            .bind(at.0)
            .execute(connection)?;
    }
    Ok(())
}

/// See the trait.
pub(super) async fn workitem_assign(
    store: &SqliteStore,
    workitem: &WorkitemId,
    agent: &UserId,
    entry: EntryId,
    at: Timestamp,
) -> Stored<Written<()>> {
    let (workitem, agent) = (workitem.clone(), agent.clone());
    store
        .write(move |connection| assign(connection, workitem, agent, entry, at))
        .await
}

fn assign(
    connection: &Connection,
    workitem: WorkitemId,
    agent: UserId,
    entry: EntryId,
    at: Timestamp,
) -> Stored<Written<()>> {
    let workitem = workitems::load(connection, &workitem)?
        .ok_or(StoreError::NotFound)?
        .workitem;
    if workitem.state != WorkitemState::Queued {
        return Err(StoreError::Conflict(
            "Somebody else was quicker.".to_owned(),
        ));
    }
    let Some(agent) = agents::active(connection, &agent)? else {
        return Err(StoreError::Conflict(
            "This agent cannot take work any more.".to_owned(),
        ));
    };
    if !capacity::has_room(connection, &agent.id, workitem.channel)? {
        return Err(StoreError::Conflict(
            "This agent has as much of this as they can take.".to_owned(),
        ));
    }
    let mut changes = Vec::new();
    let to = Place {
        agent: Some(&agent.id),
        team: &workitem.team,
    };
    place(connection, &workitem, to, at)?;
    let notice = NewEntry::notice(entry, at, format!("Given to {}.", agent.name));
    entries::append(connection, &workitem.id, notice, &mut changes)?;
    entries::touch_workitem(connection, &workitem.id, &mut changes)?;
    let event = OwnEvent::WorkAssigned {
        workitem: workitem.id,
        subject: workitem.subject,
        from: None,
    };
    own::append(connection, &agent.id, event, &mut changes)?;
    changes.push(Change::Agent(agent.id));
    changes.push(Change::Queue(workitem.team));
    Ok(Written { value: (), changes })
}

/// See the trait.
pub(super) async fn workitem_transfer(
    store: &SqliteStore,
    change: StateChange,
    to: TransferTo,
) -> Stored<Written<()>> {
    store
        .write(move |connection| transfer(connection, change, to))
        .await
}

fn transfer(connection: &Connection, change: StateChange, to: TransferTo) -> Stored<Written<()>> {
    let content = (&change.workitem, &to);
    let command = Command::of_user(&change.agent.id, &change.key, "workitem_transfer", &content)?;
    if command.first_answer::<()>(connection)?.is_some() {
        return Ok(unchanged(()));
    }
    let workitem = workitems::load_of(connection, &change.workitem, &change.agent.id)?.workitem;
    if workitem.state != WorkitemState::Active {
        return Err(StoreError::Conflict(
            "Only an active workitem can be handed over.".to_owned(),
        ));
    }
    let changes = match to {
        TransferTo::Agent(target) => to_agent(connection, &change, workitem, target)?,
        TransferTo::Team(team) => to_team(connection, &change, workitem, team)?,
    };
    command.keep(connection, change.at, &())?;
    Ok(Written { value: (), changes })
}

fn to_agent(
    connection: &Connection,
    change: &StateChange,
    workitem: Workitem,
    target: UserId,
) -> Stored<Vec<Change>> {
    if target == change.agent.id {
        return Err(wrong_target("is the agent who has it already"));
    }
    let target = agents::active(connection, &target)?
        .ok_or_else(|| wrong_target("is not an agent who can take work"))?;
    // The workitem stays with its team where it can; otherwise it follows its new agent.
    let teams = agents::teams(connection, &target.id)?;
    let team = match teams.first() {
        Some(first) if !teams.contains(&workitem.team) => first,
        _ => &workitem.team,
    };
    let mut changes = Vec::new();
    let to = Place {
        agent: Some(&target.id),
        team,
    };
    place(connection, &workitem, to, change.at)?;
    let text = format!("{} transferred this to {}.", change.agent.name, target.name);
    let notice = NewEntry::notice(change.entry.clone(), change.at, text);
    entries::append(connection, &workitem.id, notice, &mut changes)?;
    entries::touch_workitem(connection, &workitem.id, &mut changes)?;
    let event = OwnEvent::WorkAssigned {
        workitem: workitem.id,
        subject: workitem.subject,
        from: Some(change.agent.clone()),
    };
    own::append(connection, &target.id, event, &mut changes)?;
    changes.push(Change::Agent(change.agent.id.clone()));
    changes.push(Change::Agent(target.id));
    Ok(changes)
}

fn to_team(
    connection: &Connection,
    change: &StateChange,
    workitem: Workitem,
    team: TeamId,
) -> Stored<Vec<Change>> {
    let row = sql(TEAM)
        .bind(team.as_str())
        .fetch_optional(connection)?
        .ok_or_else(|| wrong_target("is not a team"))?;
    let mut changes = Vec::new();
    let to = Place {
        agent: None,
        team: &team,
    };
    place(connection, &workitem, to, change.at)?;
    let text = format!(
        "{} transferred this to the team {}.",
        change.agent.name,
        text(&row, "name")?
    );
    let notice = NewEntry::notice(change.entry.clone(), change.at, text);
    entries::append(connection, &workitem.id, notice, &mut changes)?;
    entries::touch_workitem(connection, &workitem.id, &mut changes)?;
    changes.push(Change::Agent(change.agent.id.clone()));
    changes.push(Change::Queue(team));
    Ok(changes)
}

/// Takes all open work from somebody who cannot do it any more: active workitems go back to their team's queue,
/// what was in wrap-up is closed, for its conversation is over. Entry ids are taken from `ids`; where there are
/// too few, they are made from the workitem's id and the entry's number.
pub(super) fn give_back(
    connection: &Connection,
    agent: &PersonRef,
    ids: Vec<EntryId>,
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let mut ids = ids.into_iter();
    for WorkitemRecord { workitem, .. } in workitems::load_open_of(connection, &agent.id)? {
        let entry = match ids.next() {
            Some(entry) => entry,
            None => next_entry(connection, &workitem.id)?,
        };
        if workitem.state == WorkitemState::WrapUp {
            let text = format!("Closed: {} cannot take work any more.", agent.name);
            states::shut(connection, &workitem, (entry, at), text, changes)?;
            continue;
        }
        let to = Place {
            agent: None,
            team: &workitem.team,
        };
        place(connection, &workitem, to, at)?;
        let text = format!(
            "{} cannot take work any more. Back in the queue of {}.",
            agent.name, workitem.team_name
        );
        let notice = NewEntry::notice(entry, at, text);
        entries::append(connection, &workitem.id, notice, changes)?;
        entries::touch_workitem(connection, &workitem.id, changes)?;
        changes.push(Change::Queue(workitem.team));
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

/// See the trait.
pub(super) async fn call_record(
    store: &SqliteStore,
    agent: &PersonRef,
    number: &str,
    workitem: WorkitemId,
    entry: EntryId,
    at: Timestamp,
    key: CommandKey,
) -> Stored<Written<WorkitemId>> {
    let (agent, number) = (agent.clone(), number.to_owned());
    store
        .write(move |connection| {
            let command = Command::of_user(&agent.id, &key, "call_record", &number)?;
            if let Some(first) = command.first_answer(connection)? {
                return Ok(unchanged(first));
            }
            rights::ask(connection, &agent.id, Action::WorkspaceUse)?;
            let line = (entry, at);
            let changes = call(connection, &agent, &number, &workitem, line)?;
            command.keep(connection, at, &workitem)?;
            Ok(Written {
                value: workitem,
                changes,
            })
        })
        .await
}

fn call(
    connection: &Connection,
    agent: &PersonRef,
    number: &str,
    workitem: &WorkitemId,
    (entry, at): (EntryId, Timestamp),
) -> Stored<Vec<Change>> {
    let teams = agents::teams(connection, &agent.id)?;
    let new = NewWorkitem {
        id: workitem,
        channel: Channel::Phone,
        customer: number,
        subject: &format!("Call to {number}"),
        agent: Some(&agent.id),
        team: teams.first().ok_or(StoreError::NotFound)?,
        started_at: at,
    };
    intake::begin(connection, new)?;
    let mut changes = Vec::new();
    let notice = NewEntry::notice(entry, at, format!("{} called {number}.", agent.name));
    entries::append(connection, workitem, notice, &mut changes)?;
    entries::touch_workitem(connection, workitem, &mut changes)?;
    changes.push(Change::Agent(agent.id.clone()));
    Ok(changes)
}
