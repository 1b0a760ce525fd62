//! Transfers by the agent of a workitem, and reassignments by a supervisor.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::directory::Notification;
use shared::error::{ConflictCause, Problem};
use shared::ids::{CommandKey, EntryId, TeamId, UserId, WorkitemId};
use shared::notice::{HandedTo, Notice};
use shared::people::{Actor, PersonRef, Presence};
use shared::policy::{Action, AgentFacts, WorkitemAct, can};
use shared::text::NoteText;
use shared::time::Timestamp;
use shared::workitem::{TransferTo, Workitem, WorkitemState};

use super::assignment::{Assignment, assign, requeue, taken};
use super::keys::IdempotencyKey;
use super::namesakes::shown;
use super::{StateChange, audit, capacity, entries, notes, notifications, rights, workitems};
use crate::store::rows::NewEntry;
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// The flag that is asked for once more.
const CONFIRMED: &str = "confirmed";

fn wrong_target(problem: Problem) -> StoreError {
    StoreError::Invalid {
        field: "to",
        problem,
    }
}

/// Whom a workitem is handed to, with what the store cannot know.
#[derive(Clone, Debug)]
pub struct Handover {
    /// Whom.
    pub to: TransferTo,
    /// Whether that agent has a live connection.
    pub connected: bool,
    /// Whether the sender confirmed the transfer although the agent cannot take it at once.
    pub confirmed: bool,
}

/// Hands an active workitem over. To an agent: at once. To a team: it becomes queued there and the desk
/// gives it out. Monitorings stay; the desk ends those whose authority is gone.
/// `Invalid { field: "confirmed" }` when an agent cannot take it at once and the sender did not confirm.
#[derive(Clone, Debug)]
pub struct WorkitemTransfer {
    /// Which, and by whom.
    pub change: StateChange,
    /// Whom to.
    pub to: Handover,
    /// What its agent notes for those who get it, with the id of that entry.
    pub note: Option<(EntryId, NoteText)>,
}

#[async_trait]
impl Command for WorkitemTransfer {
    type Answer = ();
    const NAME: &'static str = "workitem_transfer";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self { change, to, note } = self;
        let agent = &change.by;
        let sender = (&agent.id, &change.key, Self::NAME);
        let content = (&change.workitem, &to.to);
        let key = match note {
            // As the releases before notes have it.
            None => IdempotencyKey::of_user(sender.0, sender.1, sender.2, &content),
            Some((_, note)) => {
                let content = (content, note.as_str());
                IdempotencyKey::of_user(sender.0, sender.1, sender.2, &content)
            }
        }?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let row = workitems::load_of(rows, &change.workitem, &agent.id).await?;
        let workitem = row.workitem;
        if workitem.state != WorkitemState::Active {
            return Err(StoreError::Conflict(ConflictCause::NotActive));
        }
        let mut changes = Vec::new();
        if let Some((entry, text)) = note {
            let line = notes::note((entry.clone(), change.at), agent, text);
            entries::append(rows, &workitem.id, line, &mut changes).await?;
        }
        let line = (change.entry.clone(), change.at);
        changes.extend(hand_on(rows, &workitem, agent, line, to).await?);
        key.keep(rows, change.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// A workitem is handed on by a supervisor, with a row in the audit log; notifies the agent who had it.
#[derive(Clone, Debug)]
pub struct WorkitemReassign {
    /// Which; it must be active or queued.
    pub workitem: WorkitemId,
    /// The supervisor.
    pub by: PersonRef,
    /// Whom to.
    pub to: Handover,
    /// The new entry's id.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for WorkitemReassign {
    type Answer = ();
    const NAME: &'static str = "workitem_reassign";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (by, to) = (&self.by, &self.to.to);
        let content = (&self.workitem, to);
        let key = IdempotencyKey::of_user(&by.id, &self.key, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let row = rows.workitem_find(&self.workitem).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        let actor = rights::ask_in(rows, &by.id, WorkitemAct::Assign, &row).await?;
        let workitem = row.workitem;
        self.check(rows, &actor, &workitem).await?;
        let line = (self.entry.clone(), self.at);
        let mut changes = hand_on(rows, &workitem, by, line, &self.to).await?;
        if let Some(agent) = &workitem.agent {
            let target = match to {
                TransferTo::Agent(target) => rows.agent_find(target).await?,
                TransferTo::Team(_) => None,
            };
            let target = target.map(|(person, _)| person);
            let event = taken(&workitem, target, Some(by.clone()));
            notifications::append(rows, &agent.id, event, &mut changes).await?;
        }
        let act = (Self::NAME, workitem.id.as_str());
        let handed = self.audited(&workitem);
        audit::done(rows, Some(&by.id), act, &handed, self.at).await?;
        key.keep(rows, self.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

impl WorkitemReassign {
    /// What the audit log says of it.
    fn audited(&self, before: &Workitem) -> Vec<AuditChange> {
        let agent = before.agent.as_ref();
        let agent = agent.map_or_else(String::new, |agent| agent.id.to_string());
        let team = before.team.to_string();
        let (was, is) = match &self.to.to {
            TransferTo::Agent(to) => ([agent, team.clone()], [to.to_string(), team]),
            TransferTo::Team(to) => ([agent, team], [String::new(), to.to_string()]),
        };
        audit::differences(["agent", "team"], Some(was), Some(is))
    }

    /// Whether it can go there, and the supervisor may send it there.
    async fn check(
        &self,
        rows: &mut dyn Snapshot,
        actor: &Actor,
        workitem: &Workitem,
    ) -> Stored<()> {
        let open = [WorkitemState::Active, WorkitemState::Queued];
        if !open.contains(&workitem.state) {
            return Err(StoreError::Conflict(ConflictCause::ConversationOver));
        }
        let within = match &self.to.to {
            TransferTo::Agent(target) => {
                let facts = AgentFacts {
                    teams: rows.agent_teams(target).await?,
                };
                can(actor, Action::AgentView(&facts)).is_ok()
            }
            TransferTo::Team(team) => actor.supervises.contains(team) || *team == workitem.team,
        };
        if !within {
            return Err(wrong_target(Problem::NotSupervised));
        }
        if workitem.agent.is_none() && self.to.to == TransferTo::Team(workitem.team.clone()) {
            return Err(StoreError::Conflict(ConflictCause::InThisQueue));
        }
        Ok(())
    }
}

/// Hands a workitem on, by its agent or by a supervisor.
async fn hand_on(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    by: &PersonRef,
    line: (EntryId, Timestamp),
    handover: &Handover,
) -> Stored<Vec<Change>> {
    let by = &PersonRef {
        id: by.id.clone(),
        name: shown(rows, by).await?,
    };
    let mut changes = match &handover.to {
        TransferTo::Agent(target) => to_agent(rows, workitem, by, line, target, handover).await?,
        TransferTo::Team(team) => to_team(rows, workitem, by, line, team).await?,
    };
    changes.push(workitems::list_change(workitem));
    Ok(changes)
}

/// The line about work that is handed on, by its agent or by a supervisor.
fn notice(workitem: &Workitem, by: &PersonRef, to: HandedTo) -> Notice {
    let name = by.name.clone();
    match &workitem.agent {
        Some(agent) if agent.id == by.id => Notice::Transferred { by: name, to },
        from => Notice::Reassigned {
            by: name,
            from: from.as_ref().map(|agent| agent.name.clone()),
            to,
        },
    }
}

/// Why an agent cannot take this at once; nothing when they can.
async fn obstacle(
    rows: &mut dyn Snapshot,
    target: &PersonRef,
    presence: Presence,
    workitem: &Workitem,
    connected: bool,
) -> Stored<Option<Problem>> {
    let name = target.name.clone();
    let presence = match connected {
        true => presence,
        false => Presence::Offline,
    };
    if presence != Presence::Available {
        return Ok(Some(Problem::AgentNotAvailable { name, presence }));
    }
    let room = capacity::has_room(rows, &target.id, workitem.channel).await?;
    Ok((!room).then_some(Problem::AgentFull { name }))
}

async fn to_agent(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    by: &PersonRef,
    (entry, at): (EntryId, Timestamp),
    target: &UserId,
    handover: &Handover,
) -> Stored<Vec<Change>> {
    if workitem.agent.as_ref().map(|agent| &agent.id) == Some(target) {
        return Err(wrong_target(Problem::HasItAlready));
    }
    let found = rows.agent_find(target).await?;
    let (target, presence) = found.ok_or_else(|| wrong_target(Problem::NotAnAgent))?;
    // The workitem stays with its team where it can; otherwise it follows its new agent.
    let teams = rows.agent_teams(&target.id).await?;
    let team = match teams.first() {
        Some(first) if !teams.contains(&workitem.team) => first,
        _ => &workitem.team,
    };
    if !handover.confirmed {
        let connected = handover.connected;
        if let Some(problem) = obstacle(rows, &target, presence, workitem, connected).await? {
            return Err(StoreError::Invalid {
                field: CONFIRMED,
                problem,
            });
        }
    }
    let to = Assignment {
        agent: Some(&target.id),
        team,
    };
    let mut changes = Vec::new();
    assign(rows, workitem, to, at, &mut changes).await?;
    let notice = notice(workitem, by, HandedTo::Agent(target.name.clone()));
    let notice = NewEntry::notice(entry, at, notice);
    entries::append(rows, &workitem.id, notice, &mut changes).await?;
    entries::touch_workitem(rows, &workitem.id, &mut changes).await?;
    assigned(rows, workitem, &target.id, by, &mut changes).await?;
    Ok(changes)
}

/// Where a workitem goes that was taken over from this agent: to them if they can take it at once, else to its team.
pub(super) async fn back_to(
    rows: &mut dyn Snapshot,
    workitem: &Workitem,
    from: &PersonRef,
    connected: bool,
) -> Stored<HandedTo> {
    if let Some((agent, presence)) = rows.agent_find(&from.id).await?
        && rows.agent_teams(&from.id).await?.contains(&workitem.team)
        && obstacle(rows, &agent, presence, workitem, connected)
            .await?
            .is_none()
    {
        return Ok(HandedTo::Agent(agent.name));
    }
    Ok(HandedTo::Team(workitem.team_name.clone()))
}

/// Gives a workitem back that was taken over from an agent.
pub(super) async fn give_back(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    by: &PersonRef,
    (entry, at): (EntryId, Timestamp),
    from: &PersonRef,
    to: &HandedTo,
) -> Stored<Vec<Change>> {
    let mut changes = Vec::new();
    let notice = Notice::GivenBack {
        by: shown(rows, by).await?,
        to: to.clone(),
        missing: match to {
            HandedTo::Agent(_) => None,
            HandedTo::Team(_) => Some(from.name.clone()),
        },
    };
    let team = &workitem.team;
    if let HandedTo::Team(_) = to {
        requeue(rows, workitem, team, (entry, at), notice, &mut changes).await?;
        return Ok(changes);
    }
    let agent = Some(&from.id);
    assign(rows, workitem, Assignment { agent, team }, at, &mut changes).await?;
    let notice = NewEntry::notice(entry, at, notice);
    entries::append(rows, &workitem.id, notice, &mut changes).await?;
    entries::touch_workitem(rows, &workitem.id, &mut changes).await?;
    assigned(rows, workitem, &from.id, by, &mut changes).await?;
    Ok(changes)
}

/// Notifies an agent who was given work.
async fn assigned(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    agent: &UserId,
    from: &PersonRef,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let event = Notification::WorkAssigned {
        workitem: workitem.id.clone(),
        subject: workitem.subject.clone(),
        customer: workitem.customer.clone(),
        from: Some(from.clone()),
    };
    notifications::append(rows, agent, event, changes).await?;
    changes.push(Change::Agent(agent.clone()));
    Ok(())
}

async fn to_team(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    by: &PersonRef,
    line: (EntryId, Timestamp),
    team: &TeamId,
) -> Stored<Vec<Change>> {
    let found = rows.team_agent_count(team).await?;
    let (name, agents) = found.ok_or_else(|| wrong_target(Problem::NotATeam))?;
    if agents == 0 {
        return Err(wrong_target(Problem::TeamWithoutAgents { team: name }));
    }
    let mut changes = Vec::new();
    let notice = notice(workitem, by, HandedTo::Team(name));
    requeue(rows, workitem, team, line, notice, &mut changes).await?;
    Ok(changes)
}
