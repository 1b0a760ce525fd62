//! Work changes hands: from the queue to an agent, from one agent to another, back to a queue; and calls, which
//! begin in an agent's hands.

use shared::directory::OwnEvent;
use shared::ids::{CommandKey, EntryId, TeamId, UserId, WorkitemId};
use shared::people::{PersonRef, Presence};
use shared::policy::{Action, AgentFacts, WorkitemAct, can};
use shared::time::Timestamp;
use shared::workitem::{Channel, TransferTo, Workitem, WorkitemState};

use super::SqliteStore;
use super::commands::Command;
use super::entries;
use super::intake::{self, NewWorkitem};
use super::rows::{code, int, text, unchanged};
use super::statement::{Connection, sql};
use super::{agents, audit, capacity, coaching, own, rights, states, workitems};
use crate::store::rows::NewEntry;
use crate::store::{
    Change, Handover, Reassign, StateChange, StoreError, Stored, WorkitemRecord, Written,
};

const PLACE: &str = "UPDATE workitems SET agent_id = $2, team_id = $3, given_at = $4,
    state = CASE WHEN $2 IS NULL THEN 'queued' ELSE 'active' END WHERE id = $1";
const GIVEN: &str = "UPDATE users SET assigned_at = $2 WHERE id = $1";
const TEAM: &str = "SELECT t.name, (SELECT COUNT(*) FROM team_members m
        JOIN users u ON u.id = m.user_id AND u.active = 1
        JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
        WHERE m.team_id = t.id) AS agents
    FROM teams t WHERE t.id = $1";
const PRESENCE: &str = "SELECT presence FROM users WHERE id = $1";

/// The flag that is asked for once more.
const CONFIRMED: &str = "confirmed";

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
    if !agents::teams(connection, &agent.id)?.contains(&workitem.team)
        || presence(connection, &agent.id)? != Presence::Available
    {
        return Err(StoreError::Conflict(
            "This agent takes no work from this queue at the moment.".to_owned(),
        ));
    }
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
    to: Handover,
) -> Stored<Written<()>> {
    store
        .write(move |connection| transfer(connection, change, to))
        .await
}

fn transfer(connection: &Connection, change: StateChange, to: Handover) -> Stored<Written<()>> {
    let content = (&change.workitem, &to.to);
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
    let line = (change.entry.clone(), change.at);
    let changes = hand_on(connection, &workitem, &change.agent, line, to)?;
    command.keep(connection, change.at, &())?;
    Ok(Written { value: (), changes })
}

/// See the trait.
pub(super) async fn workitem_reassign(
    store: &SqliteStore,
    reassign: Reassign,
) -> Stored<Written<()>> {
    store
        .write(move |connection| reassigned(connection, reassign))
        .await
}

fn reassigned(connection: &Connection, reassign: Reassign) -> Stored<Written<()>> {
    let by = &reassign.by;
    let content = (&reassign.workitem, &reassign.to.to);
    let command = Command::of_user(&by.id, &reassign.key, "workitem_reassign", &content)?;
    if command.first_answer::<()>(connection)?.is_some() {
        return Ok(unchanged(()));
    }
    let row = workitems::load(connection, &reassign.workitem)?.ok_or(StoreError::NotFound)?;
    let actor = rights::ask_in(connection, &by.id, WorkitemAct::Assign, &row)?;
    let workitem = row.workitem;
    if !matches!(
        workitem.state,
        WorkitemState::Active | WorkitemState::Queued
    ) {
        return Err(StoreError::Conflict(
            "This conversation is over, so it stays where it is.".to_owned(),
        ));
    }
    let within = match &reassign.to.to {
        TransferTo::Agent(target) => {
            let facts = AgentFacts {
                teams: agents::teams(connection, target)?,
            };
            can(&actor, Action::AgentView(&facts)).is_ok()
        }
        TransferTo::Team(team) => actor.supervises.contains(team) || *team == workitem.team,
    };
    if !within {
        return Err(wrong_target("is not under your supervision"));
    }
    if workitem.agent.is_none() && reassign.to.to == TransferTo::Team(workitem.team.clone()) {
        return Err(StoreError::Conflict(
            "It waits in this queue already.".to_owned(),
        ));
    }
    let line = (reassign.entry.clone(), reassign.at);
    let mut changes = hand_on(connection, &workitem, by, line, reassign.to.clone())?;
    if let Some(agent) = &workitem.agent {
        let to = match &reassign.to.to {
            TransferTo::Agent(target) => agents::active(connection, target)?,
            TransferTo::Team(_) => None,
        };
        let event = taken(&workitem, to, Some(by.clone()));
        own::append(connection, &agent.id, event, &mut changes)?;
    }
    let about = workitem.id.as_str();
    audit::note(
        connection,
        Some(&by.id),
        "workitem_reassign",
        about,
        reassign.at,
    )?;
    command.keep(connection, reassign.at, &())?;
    Ok(Written { value: (), changes })
}

/// What an agent is told whose work was taken from them. `to`: nobody, so it is in the queue; `by`: nobody, so it was
/// the program.
pub(super) fn taken(workitem: &Workitem, to: Option<PersonRef>, by: Option<PersonRef>) -> OwnEvent {
    OwnEvent::WorkTaken {
        workitem: workitem.id.clone(),
        subject: workitem.subject.clone(),
        to,
        by,
    }
}

/// Hands a workitem on, by its agent or by a supervisor.
fn hand_on(
    connection: &Connection,
    workitem: &Workitem,
    by: &PersonRef,
    line: (EntryId, Timestamp),
    handover: Handover,
) -> Stored<Vec<Change>> {
    let own = workitem.agent.as_ref().map(|agent| &agent.id) == Some(&by.id);
    let from = match &workitem.agent {
        Some(agent) if !own => format!(" from {}", agent.name),
        _ => String::new(),
    };
    let verb = if own { "transferred" } else { "reassigned" };
    let lead = format!("{} {verb} this{from}", by.name);
    let mut changes = match &handover.to {
        TransferTo::Agent(target) => {
            to_agent(connection, workitem, by, line, &lead, target, &handover)?
        }
        TransferTo::Team(team) => to_team(connection, workitem, line, &lead, team)?,
    };
    match &workitem.agent {
        Some(agent) => changes.push(Change::Agent(agent.id.clone())),
        None => changes.push(Change::Queue(workitem.team.clone())),
    }
    Ok(changes)
}

fn presence(connection: &Connection, user: &UserId) -> Stored<Presence> {
    let row = sql(PRESENCE).bind(user.as_str()).fetch_one(connection)?;
    code(&row, "presence", Presence::from_code)
}

/// Why an agent cannot take this at once; nothing when they can.
fn obstacle(
    connection: &Connection,
    target: &PersonRef,
    workitem: &Workitem,
    connected: bool,
) -> Stored<Option<String>> {
    let name = &target.name;
    let state = match presence(connection, &target.id)? {
        _ if !connected => "offline",
        Presence::Offline => "offline",
        Presence::Away => "away",
        Presence::Busy => "busy",
        Presence::Available => {
            let room = capacity::has_room(connection, &target.id, workitem.channel)?;
            let full = format!("{name} has as much of this as they can take.");
            return Ok((!room).then_some(full));
        }
    };
    Ok(Some(format!(
        "{name} is {state}, so the customer may wait for a while."
    )))
}

fn to_agent(
    connection: &Connection,
    workitem: &Workitem,
    by: &PersonRef,
    (entry, at): (EntryId, Timestamp),
    lead: &str,
    target: &UserId,
    handover: &Handover,
) -> Stored<Vec<Change>> {
    if workitem.agent.as_ref().map(|agent| &agent.id) == Some(target) {
        return Err(wrong_target("is the agent who has it already"));
    }
    let target = agents::active(connection, target)?
        .ok_or_else(|| wrong_target("is not an agent who can take work"))?;
    // The workitem stays with its team where it can; otherwise it follows its new agent.
    let teams = agents::teams(connection, &target.id)?;
    let team = match teams.first() {
        Some(first) if !teams.contains(&workitem.team) => first,
        _ => &workitem.team,
    };
    if !handover.confirmed
        && let Some(reason) = obstacle(connection, &target, workitem, handover.connected)?
    {
        return Err(StoreError::Invalid {
            field: CONFIRMED,
            reason,
        });
    }
    let to = Place {
        agent: Some(&target.id),
        team,
    };
    place(connection, workitem, to, at)?;
    let mut changes = Vec::new();
    let notice = NewEntry::notice(entry, at, format!("{lead} to {}.", target.name));
    entries::append(connection, &workitem.id, notice, &mut changes)?;
    entries::touch_workitem(connection, &workitem.id, &mut changes)?;
    let event = OwnEvent::WorkAssigned {
        workitem: workitem.id.clone(),
        subject: workitem.subject.clone(),
        from: Some(by.clone()),
    };
    own::append(connection, &target.id, event, &mut changes)?;
    changes.push(Change::Agent(target.id));
    Ok(changes)
}

fn to_team(
    connection: &Connection,
    workitem: &Workitem,
    line: (EntryId, Timestamp),
    lead: &str,
    team: &TeamId,
) -> Stored<Vec<Change>> {
    let row = sql(TEAM)
        .bind(team.as_str())
        .fetch_optional(connection)?
        .ok_or_else(|| wrong_target("is not a team"))?;
    let name = text(&row, "name")?;
    if int(&row, "agents")? == 0 {
        return Err(wrong_target(&format!(
            "is the team {name}, in which there is nobody who could take it"
        )));
    }
    let mut changes = Vec::new();
    let text = format!("{lead} to the team {name}.");
    requeue(connection, workitem, team, line, text, &mut changes)?;
    Ok(changes)
}

/// Puts a workitem into the queue of a team, with a line that says why.
pub(super) fn requeue(
    connection: &Connection,
    workitem: &Workitem,
    team: &TeamId,
    (entry, at): (EntryId, Timestamp),
    text: String,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    place(connection, workitem, Place { agent: None, team }, at)?;
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
