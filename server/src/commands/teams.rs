//! Teams: their agents, their supervisors, and the chat channels that feed them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use shared::admin::{ChatChannel, Team, TeamChange};
use shared::audit::AuditChange;
use shared::error::{ConflictCause, Difference, Problem};
use shared::ids::{ChannelKey, TeamId, UserId};
use shared::people::{PersonRef, Role};
use shared::policy::Action;

use super::departures::{Departure, requeue_all};
use super::edits::{difference, edited_meanwhile};
use super::keys::IdempotencyKey;
use super::{audit, requests, rights};
use crate::store::rows::TeamRow;
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// Creates or replaces a team; members must hold the agent role, supervisors the supervisor role. The open work of an
/// agent who leaves the team stays in its queue; `Change::Authority` names the supervisors whose agents changed. `Conflict`
/// when somebody else edited the team since the version that the change started from.
#[derive(Clone, Debug)]
pub struct TeamSave {
    /// Which.
    pub team: TeamId,
    /// Whether it is a new one.
    pub create: bool,
    /// Name and people, and the version that they started from.
    pub change: TeamChange,
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
        let version = self.version(rows, before.as_ref(), &people).await?;
        self.check(rows, &people).await?;
        let row = TeamRow {
            id: team,
            name: &self.change.name,
            version,
        };
        rows.team_set(&row, context.at).await?;
        let mut changes = Vec::new();
        // Open work belongs to the team: an agent who leaves leaves it behind.
        let left = before.iter().flat_map(|before| &before.members);
        for agent in left.filter(|agent| !people.members.contains(&agent.id)) {
            let departure = Departure::Team(team);
            requeue_all(rows, agent, departure, &[], context.at, &mut changes).await?;
        }
        rows.team_set_members(team, &list(&people.members)).await?;
        rows.team_set_supervisors(team, &list(&people.supervisors))
            .await?;
        let after = rows.team_find(team).await?.ok_or(StoreError::NotFound)?;
        let audited = audited(before.as_ref(), &after);
        audit::changed(rows, context, self.act(), team.as_str(), audited).await?;
        key.keep(rows, context.at, &after).await?;
        requests::review(rows, context.at, &mut changes).await?;
        let touched = people.touched(before.as_ref());
        changes.extend(touched.into_iter().map(Change::Authority));
        changes.push(Change::Queue(team.clone()));
        changes.push(Change::People);
        Ok(Written {
            value: after,
            changes,
        })
    }
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
            self.change.version,
        );
        IdempotencyKey::in_context(&self.context, self.act(), &content)
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
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether the name is free and everybody has the role that they need.
    async fn check(&self, rows: &mut dyn Snapshot, people: &TeamPeople) -> Stored<()> {
        if rows.team_name_taken(&self.change.name, &self.team).await? {
            return Err(StoreError::Invalid {
                field: "team_name",
                problem: Problem::Taken,
            });
        }
        all_hold(rows, &people.members, Role::Agent, "members").await?;
        all_hold(rows, &people.supervisors, Role::Supervisor, "supervisors").await
    }
}

/// The people of a team as it shall be, each once.
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
fn audited(before: Option<&Team>, after: &Team) -> Vec<AuditChange> {
    let values = |team: &Team| {
        [
            team.name.clone(),
            audit::listed(ids(&team.members)),
            audit::listed(ids(&team.supervisors)),
        ]
    };
    let fields = ["name", "members", "supervisors"];
    audit::differences(fields, before.map(values), Some(values(after)))
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

/// Adds a chat channel to a team.
#[derive(Clone, Debug)]
pub struct ChannelCreate {
    /// The team.
    pub team: TeamId,
    /// The channel.
    pub channel: ChatChannel,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ChannelCreate {
    type Answer = ChatChannel;
    const NAME: &'static str = "channel_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<ChatChannel>> {
        let Self {
            team,
            channel,
            context,
        } = self;
        let content = (team, &channel.name);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        rows.team_find(team).await?.ok_or(StoreError::NotFound)?;
        if rows.customer_channel_find(&channel.key).await?.is_some() {
            return Err(StoreError::Conflict(ConflictCause::ChannelKeyTaken));
        }
        rows.channel_insert(team, channel, context.at).await?;
        let is = [channel.name.clone(), team.to_string()];
        let changes = audit::differences(["name", "team"], None, Some(is));
        audit::changed(rows, context, Self::NAME, channel.key.as_str(), changes).await?;
        key.keep(rows, context.at, channel).await?;
        Ok(Written::unchanged(channel.clone()))
    }
}

/// Switches a chat channel on or off.
#[derive(Clone, Debug)]
pub struct ChannelActivate {
    /// Which.
    pub channel: ChannelKey,
    /// On or off.
    pub active: bool,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for ChannelActivate {
    type Answer = ();
    const NAME: &'static str = "channel_activate";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (channel, active, context) = (&self.channel, self.active, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, &(channel, active))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::TeamManage).await?;
        let before = rows.customer_channel_find(channel).await?;
        let was = before.ok_or(StoreError::NotFound)?.active;
        rows.channel_set_active(channel, active).await?;
        let (was, is) = ([was.to_string()], [active.to_string()]);
        let changes = audit::differences(["active"], Some(was), Some(is));
        audit::changed(rows, context, Self::NAME, channel.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}
