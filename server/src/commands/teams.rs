//! Teams: their agents and their supervisors.

use std::collections::BTreeSet;

use async_trait::async_trait;
use shared::admin::{MembershipChange, QueuePriority, Team, TeamChange};
use shared::audit::AuditChange;
use shared::error::{ConflictCause, Difference, Problem};
use shared::ids::{TeamId, UserId};
use shared::people::{PersonRef, Role};
use shared::policy::Action;

use super::departures::{Departure, take_all};
use super::edits::{difference, edited_meanwhile, free};
use super::keys::IdempotencyKey;
use super::{audit, requests, rights};
use crate::store::rows::TeamRow;
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// Creates or replaces a team; members must hold the agent role, supervisors the supervisor role. The open work of an
/// agent who leaves the team stays in its queue; `Change::Authority` names the supervisors whose agents changed. `Conflict`
/// when somebody else edited the team since the version that the change started from. Another supervisor needs a session that has
/// just proved its password.
#[derive(Clone, Debug)]
pub struct TeamSave {
    /// Which.
    pub team: TeamId,
    /// Whether it is a new one.
    pub create: bool,
    /// Name and people, and the version that they started from.
    pub change: TeamChange,
    /// The session of the administrator; nobody: the operator.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for TeamSave {
    type Answer = Team;
    const NAME: &'static str = "team_save";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Team>> {
        let (team, context) = (&self.team, &self.context);
        let people = TeamPeople::of(&self.change);
        let key = self.key(&people)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        let before = rows.team_find(team).await?;
        if people.give_authority(before.as_ref()) {
            rights::proved_for(rows, context, self.session.as_deref()).await?;
        }
        let version = self.version(rows, before.as_ref(), &people).await?;
        self.check(rows, &people).await?;
        let row = TeamRow {
            id: team,
            name: &self.change.name,
            priority: self.priority(before.as_ref()),
            version,
        };
        let mut changes = Vec::new();
        let before = before.as_ref();
        let after = store(
            rows,
            context,
            self.act(),
            (before, row),
            &people,
            &mut changes,
        )
        .await?;
        key.keep(rows, context.at, &after).await?;
        Ok(Written {
            value: after,
            changes,
        })
    }
}

/// Stores name and people of a team, with everything that follows for those who come and go. `act` is what the audit log calls
/// it.
async fn store(
    rows: &mut dyn Transaction,
    context: &CommandContext,
    act: &str,
    (before, row): (Option<&Team>, TeamRow<'_>),
    people: &TeamPeople,
    changes: &mut Vec<Change>,
) -> Stored<Team> {
    let (team, at) = (row.id, context.at);
    rows.team_set(&row, at).await?;
    // Open work belongs to the team: an agent who leaves leaves it behind.
    let left = before.iter().flat_map(|before| &before.members);
    for agent in left.filter(|agent| !people.members.contains(&agent.id)) {
        let departure = Departure::Team(team);
        take_all(rows, agent, departure, &[], at, changes).await?;
    }
    rows.team_set_members(team, &list(&people.members)).await?;
    rows.team_set_supervisors(team, &list(&people.supervisors))
        .await?;
    let after = rows.team_find(team).await?.ok_or(StoreError::NotFound)?;
    let audited = audited(before, Some(&after));
    audit::changed(rows, context, act, team.as_str(), audited).await?;
    requests::review(rows, at, changes).await?;
    let touched = people.touched(before);
    changes.extend(touched.into_iter().map(Change::Authority));
    changes.push(Change::Queue(team.clone()));
    changes.push(Change::People);
    Ok(after)
}

impl TeamSave {
    /// How the audit log and the key call it.
    fn act(&self) -> &'static str {
        match self.create {
            true => "team_create",
            false => "team_update",
        }
    }

    /// The id of a new team is no part of the content: the host makes it.
    fn key(&self, people: &TeamPeople) -> Stored<IdempotencyKey> {
        let content = (
            (!self.create).then_some(&self.team),
            &self.change.name,
            &people.members,
            &people.supervisors,
            self.change.priority,
            self.change.version,
        );
        IdempotencyKey::in_context(&self.context, self.act(), &content)
    }

    /// The priority that the team has from now on.
    fn priority(&self, before: Option<&Team>) -> QueuePriority {
        let stored = before.map_or_else(QueuePriority::default, |team| team.priority);
        self.change.priority.unwrap_or(stored)
    }

    /// The version that the team has from now on.
    async fn version(
        &self,
        rows: &mut dyn Snapshot,
        before: Option<&Team>,
        people: &TeamPeople,
    ) -> Stored<i64> {
        let stored = match (before, self.create) {
            (None, true) => return Ok(self.change.version),
            (None, false) => return Err(StoreError::NotFound),
            (Some(_), true) => {
                return Err(StoreError::Conflict(ConflictCause::TeamExists));
            }
            (Some(stored), false) => stored,
        };
        let differences = self.differences(stored, people);
        let edited = !differences.is_empty();
        if edited && stored.version != self.change.version {
            let (id, act) = (self.team.as_str(), self.act());
            let refusal = edited_meanwhile(rows, id, act, differences, false);
            return Err(refusal.await?);
        }
        Ok(stored.version + i64::from(edited))
    }

    /// The fields in which the stored team is another one.
    fn differences(&self, stored: &Team, people: &TeamPeople) -> Vec<Difference> {
        let among = |stored: &[PersonRef], wanted: &BTreeSet<UserId>, field: fn(_) -> _| {
            let names = || stored.iter().map(|person| person.name.clone()).collect();
            (ids(stored) != *wanted).then(|| field(names()))
        };
        [
            difference(&stored.name, &self.change.name, Difference::Name),
            among(&stored.members, &people.members, Difference::Agents),
            among(
                &stored.supervisors,
                &people.supervisors,
                Difference::Supervisors,
            ),
            difference(
                &stored.priority,
                &self.priority(Some(stored)),
                Difference::Priority,
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether the name is free and everybody has the role that they need.
    async fn check(&self, rows: &mut dyn Snapshot, people: &TeamPeople) -> Stored<()> {
        let holder = rows.team_name_holder(&self.change.name, &self.team).await?;
        free(holder, "team_name")?;
        all_hold(rows, &people.members, Role::Agent, "members").await?;
        all_hold(rows, &people.supervisors, Role::Supervisor, "supervisors").await
    }
}

/// The people of a team as it shall be, each once.
#[derive(PartialEq, Eq)]
struct TeamPeople {
    members: BTreeSet<UserId>,
    supervisors: BTreeSet<UserId>,
}

impl TeamPeople {
    fn of(change: &TeamChange) -> Self {
        Self {
            members: change.members.iter().cloned().collect(),
            supervisors: change.supervisors.iter().cloned().collect(),
        }
    }

    /// The people of a team as it is.
    fn now(team: &Team) -> Self {
        Self {
            members: ids(&team.members),
            supervisors: ids(&team.supervisors),
        }
    }

    /// Puts somebody in and takes them out.
    fn change(&mut self, user: &UserId, team: &TeamId, change: &MembershipChange) {
        if change.works_in.contains(team) {
            self.members.insert(user.clone());
        }
        if change.leaves.contains(team) {
            self.members.remove(user);
        }
        if change.supervises.contains(team) {
            self.supervisors.insert(user.clone());
        }
        if change.hands_over.contains(team) {
            self.supervisors.remove(user);
        }
    }

    /// Whether somebody supervises the team from now on who did not before.
    fn give_authority(&self, before: Option<&Team>) -> bool {
        let known = before.map(|team| ids(&team.supervisors));
        !self.supervisors.is_subset(&known.unwrap_or_default())
    }

    /// Whose authority changes: that of all who come or go, and of every supervisor when the agents change.
    fn touched(&self, before: Option<&Team>) -> BTreeSet<UserId> {
        let members = before.map(|team| ids(&team.members)).unwrap_or_default();
        let supervisors = before.map(|team| ids(&team.supervisors));
        let supervisors = supervisors.unwrap_or_default();
        let mut touched: BTreeSet<UserId> = members
            .symmetric_difference(&self.members)
            .chain(supervisors.symmetric_difference(&self.supervisors))
            .cloned()
            .collect();
        if members != self.members {
            touched.extend(self.supervisors.iter().cloned());
        }
        touched
    }
}

/// What the audit log says of a change.
pub(super) fn audited(before: Option<&Team>, after: Option<&Team>) -> Vec<AuditChange> {
    let values = |team: &Team| {
        [
            team.name.clone(),
            audit::listed(ids(&team.members)),
            audit::listed(ids(&team.supervisors)),
            team.priority.code().to_owned(),
        ]
    };
    let fields = ["name", "members", "supervisors", "priority"];
    audit::differences(fields, before.map(values), after.map(values))
}

fn ids(people: &[PersonRef]) -> BTreeSet<UserId> {
    people.iter().map(|person| person.id.clone()).collect()
}

fn list(people: &BTreeSet<UserId>) -> Vec<UserId> {
    people.iter().cloned().collect()
}

async fn all_hold(
    rows: &mut dyn Snapshot,
    people: &BTreeSet<UserId>,
    role: Role,
    field: &'static str,
) -> Stored<()> {
    for user in people {
        let account = rows.user_find(user).await?;
        if !account.is_some_and(|account| account.roles.contains(&role)) {
            let problem = Problem::WithoutRole { role };
            return Err(StoreError::Invalid { field, problem });
        }
    }
    Ok(())
}

/// Puts people into a team, with everything that follows. `Invalid` for a team that is none, and for those without the role.
pub(super) async fn join(
    rows: &mut dyn Transaction,
    context: &CommandContext,
    team: &TeamId,
    (members, supervisors): (&[UserId], &[UserId]),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let before = rows.team_find(team).await?;
    let before = before.ok_or(StoreError::Invalid {
        field: "teams",
        problem: Problem::NotATeam,
    })?;
    let mut people = TeamPeople::now(&before);
    people.members.extend(members.iter().cloned());
    people.supervisors.extend(supervisors.iter().cloned());
    all_hold(rows, &people.members, Role::Agent, "members").await?;
    all_hold(rows, &people.supervisors, Role::Supervisor, "supervisors").await?;
    let row = TeamRow {
        id: team,
        name: &before.name,
        priority: before.priority,
        version: before.version + 1,
    };
    let stored = (Some(&before), row);
    store(rows, context, "team_update", stored, &people, changes).await?;
    Ok(())
}

/// Puts a user into teams and takes them out of others, with everything that follows for each team. `Invalid` where they lack
/// the role; `NotFound` for a team that is none. To let them supervise another team needs a session that has just proved its
/// password.
#[derive(Clone, Debug)]
pub struct MembershipsChange {
    /// Whom.
    pub user: UserId,
    /// Which teams.
    pub change: MembershipChange,
    /// The session of the administrator; nobody: the operator.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for MembershipsChange {
    type Answer = ();
    const NAME: &'static str = "memberships_change";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self {
            user,
            change,
            session,
            context,
        } = self;
        let key = IdempotencyKey::in_context(context, Self::NAME, &(user, change))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        rows.user_find(user).await?.ok_or(StoreError::NotFound)?;
        let mut changes = Vec::new();
        let teams: BTreeSet<&TeamId> = change.teams().collect();
        for team in teams {
            let before = rows.team_find(team).await?.ok_or(StoreError::NotFound)?;
            let now = TeamPeople::now(&before);
            let mut people = TeamPeople::now(&before);
            people.change(user, team, change);
            if people == now {
                continue;
            }
            if people.give_authority(Some(&before)) {
                rights::proved_for(rows, context, session.as_deref()).await?;
            }
            all_hold(rows, &people.members, Role::Agent, "members").await?;
            all_hold(rows, &people.supervisors, Role::Supervisor, "supervisors").await?;
            let row = TeamRow {
                id: team,
                name: &before.name,
                priority: before.priority,
                version: before.version + 1,
            };
            let stored = (Some(&before), row);
            store(rows, context, "team_update", stored, &people, &mut changes).await?;
        }
        key.keep(rows, context.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}
