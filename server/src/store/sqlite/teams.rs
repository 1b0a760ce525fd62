//! Teams: their agents, their supervisors, and the chat channels that feed them.

use std::collections::BTreeSet;

use shared::admin::{ChatChannel, Team};
use shared::ids::{ChannelKey, TeamId, UserId};
use shared::people::{PersonRef, Role};
use shared::policy::Action;
use shared::transcript::names;

use super::commands::Command;
use super::edits::{Difference, NOT_SAVED, edited_meanwhile, quoted};
use super::handover::Departure;
use super::rows::{id, int, json, text, unchanged};
use super::statement::{Connection, Row, sql};
use super::{SqliteStore, audit, customers, handover, requests, rights, users};
use crate::store::{Change, CommandContext, StoreError, Stored, TeamSave, Written};

macro_rules! select_teams {
    ($tail:literal) => {
        concat!(
            "SELECT t.id, t.name, t.version,
                (SELECT json_group_array(json_object('id', u.id, 'name', u.name)
                    ORDER BY lower(u.name), u.id)
                 FROM team_members m JOIN users u ON u.id = m.user_id
                 WHERE m.team_id = t.id) AS members,
                (SELECT json_group_array(json_object('id', u.id, 'name', u.name)
                    ORDER BY lower(u.name), u.id)
                 FROM team_supervisors s JOIN users u ON u.id = s.user_id
                 WHERE s.team_id = t.id) AS supervisors,
                (SELECT json_group_array(json_object('key', c.key, 'name', c.name,
                        'version', c.version, 'active', json(CASE c.active WHEN 0 THEN 'false' ELSE 'true' END))
                    ORDER BY c.created_at, c.key)
                 FROM channels c WHERE c.team_id = t.id) AS channels
             FROM teams t ",
            $tail
        )
    };
}
const LIST: &str = select_teams!("ORDER BY lower(t.name), t.id");
const FIND: &str = select_teams!("WHERE t.id = $1");
const TAKEN: &str = "SELECT COUNT(*) AS count FROM teams WHERE name = $1 AND id <> $2";
const SAVE: &str = "INSERT INTO teams (id, name, created_at, version) VALUES ($1, $2, $3, $4)
    ON CONFLICT (id) DO UPDATE SET name = $2, version = $4";
const MEMBERS_CLEAR: &str = "DELETE FROM team_members WHERE team_id = $1";
const MEMBER_ADD: &str = "INSERT INTO team_members (team_id, user_id) VALUES ($1, $2)";
const SUPERVISORS_CLEAR: &str = "DELETE FROM team_supervisors WHERE team_id = $1";
const SUPERVISOR_ADD: &str = "INSERT INTO team_supervisors (team_id, user_id) VALUES ($1, $2)";
const CHANNEL_ADD: &str = "INSERT INTO channels (key, team_id, name, active, created_at)
    VALUES ($1, $2, $3, $4, $5)";
const CHANNEL_ACTIVATE: &str = "UPDATE channels
    SET active = $2, version = version + (active <> $2) WHERE key = $1";

fn read(row: &Row) -> Stored<Team> {
    Ok(Team {
        id: id(row, "id")?,
        name: text(row, "name")?,
        members: json(row, "members")?,
        supervisors: json(row, "supervisors")?,
        channels: json(row, "channels")?,
        version: int(row, "version")?,
    })
}

fn find(connection: &Connection, team: &TeamId) -> Stored<Option<Team>> {
    sql(FIND)
        .bind(team.as_str())
        .fetch_optional(connection)?
        .as_ref()
        .map(read)
        .transpose()
}

/// See the trait.
pub(super) async fn team_list(store: &SqliteStore) -> Stored<Vec<Team>> {
    store
        .read(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
}

/// See the trait. Who leaves a team leaves its open work in its queue; supervisors of the team learn through
/// `Change::Authority` that the agents under them changed.
pub(super) async fn team_save(
    store: &SqliteStore,
    team: TeamSave,
    context: CommandContext,
) -> Stored<Written<Team>> {
    let saved = Saved {
        team: team.team,
        create: team.create,
        name: team.change.name,
        members: team.change.members.into_iter().collect(),
        supervisors: team.change.supervisors.into_iter().collect(),
        version: team.change.version,
        context,
    };
    store.write(move |connection| save(connection, saved)).await
}

/// A team as it shall be.
struct Saved {
    team: TeamId,
    create: bool,
    name: String,
    members: BTreeSet<UserId>,
    supervisors: BTreeSet<UserId>,
    version: i64,
    context: CommandContext,
}

impl Saved {
    fn act(&self) -> &'static str {
        if self.create {
            "team_create"
        } else {
            "team_update"
        }
    }

    /// The command, of which the id of a new team is no part: that is made by the host.
    fn command(&self) -> Stored<Command> {
        let content = (
            (!self.create).then_some(&self.team),
            &self.name,
            &self.members,
            &self.supervisors,
            self.version,
        );
        Command::in_context(&self.context, self.act(), &content)
    }

    /// In which fields the stored team is another one.
    fn differences(&self, stored: &Team) -> Vec<Difference> {
        let people = |stored: &[PersonRef], wanted: &BTreeSet<UserId>, field| {
            let different = ids(stored) != *wanted;
            let names = || match stored {
                [] => "now nobody".to_owned(),
                people => format!("now {}", names(people)),
            };
            Difference::of(field, &different, &false, |_| names())
        };
        [
            Difference::of("Name", &stored.name, &self.name, quoted),
            people(&stored.members, &self.members, "Agents"),
            people(&stored.supervisors, &self.supervisors, "Supervisors"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn ids(people: &[PersonRef]) -> BTreeSet<UserId> {
    people.iter().map(|person| person.id.clone()).collect()
}

fn save(connection: &Connection, saved: Saved) -> Stored<Written<Team>> {
    let command = saved.command()?;
    if let Some(first) = command.first_answer(connection)? {
        return Ok(unchanged(first));
    }
    rights::ask_for(connection, &saved.context, Action::TeamManage)?;
    let before = find(connection, &saved.team)?;
    if !saved.create && before.is_none() {
        return Err(StoreError::NotFound);
    }
    if saved.create && before.is_some() {
        return Err(StoreError::Conflict("This team exists already.".to_owned()));
    }
    let mut version = saved.version;
    if let Some(stored) = &before {
        let differences = saved.differences(stored);
        if !differences.is_empty() && stored.version != saved.version {
            let id = saved.team.as_str();
            return Err(edited_meanwhile(
                connection,
                id,
                saved.act(),
                &differences,
                NOT_SAVED,
            )?);
        }
        version = stored.version + i64::from(!differences.is_empty());
    }
    let taken = sql(TAKEN)
        .bind(saved.name.as_str())
        .bind(saved.team.as_str())
        .fetch_one(connection)?;
    if int(&taken, "count")? > 0 {
        return Err(StoreError::Invalid {
            field: "team_name",
            reason: "is taken".to_owned(),
        });
    }
    all_hold(connection, &saved.members, Role::Agent, "members")?;
    all_hold(
        connection,
        &saved.supervisors,
        Role::Supervisor,
        "supervisors",
    )?;
    sql(SAVE)
        .bind(saved.team.as_str())
        .bind(saved.name.as_str())
        .bind(saved.context.at.0)
        .bind(version)
        .execute(connection)?;
    let (team, members, supervisors) = (&saved.team, &saved.members, &saved.supervisors);
    let mut changes = Vec::new();
    // Open work belongs to the team: who leaves leaves it behind.
    let left = before.iter().flat_map(|before| &before.members);
    for agent in left.filter(|agent| !members.contains(&agent.id)) {
        let departure = Departure::Team(team);
        handover::give_back(
            connection,
            agent,
            departure,
            Vec::new(),
            saved.context.at,
            &mut changes,
        )?;
    }
    replace(connection, (MEMBERS_CLEAR, MEMBER_ADD), team, members)?;
    let statements = (SUPERVISORS_CLEAR, SUPERVISOR_ADD);
    replace(connection, statements, team, supervisors)?;
    let after = find(connection, team)?.ok_or(StoreError::NotFound)?;
    audit::act(connection, &saved.context, saved.act(), team.as_str())?;
    command.keep(connection, saved.context.at, &after)?;
    requests::review(connection, saved.context.at, &mut changes)?;
    let touched = touched(before.as_ref(), members, supervisors);
    changes.extend(touched.into_iter().map(Change::Authority));
    changes.push(Change::Queue(saved.team));
    changes.push(Change::People);
    Ok(Written {
        value: after,
        changes,
    })
}

/// Whose authority changes: everybody who comes or goes, and every supervisor when the agents change.
fn touched(
    before: Option<&Team>,
    members: &BTreeSet<UserId>,
    supervisors: &BTreeSet<UserId>,
) -> BTreeSet<UserId> {
    let old_members = before.map(|team| ids(&team.members)).unwrap_or_default();
    let old_supervisors = before
        .map(|team| ids(&team.supervisors))
        .unwrap_or_default();
    let mut touched: BTreeSet<UserId> = old_members
        .symmetric_difference(members)
        .chain(old_supervisors.symmetric_difference(supervisors))
        .cloned()
        .collect();
    if old_members != *members {
        touched.extend(supervisors.iter().cloned());
    }
    touched
}

fn all_hold(
    connection: &Connection,
    people: &BTreeSet<UserId>,
    role: Role,
    field: &'static str,
) -> Stored<()> {
    for user in people {
        let holds =
            users::find(connection, user)?.is_some_and(|account| account.roles.contains(&role));
        if !holds {
            return Err(StoreError::Invalid {
                field,
                reason: format!(
                    "names somebody without the role {}",
                    role.label().to_lowercase()
                ),
            });
        }
    }
    Ok(())
}

fn replace(
    connection: &Connection,
    (clear, add): (&'static str, &'static str),
    team: &TeamId,
    people: &BTreeSet<UserId>,
) -> Stored<()> {
    sql(clear).bind(team.as_str()).execute(connection)?;
    for user in people {
        sql(add)
            .bind(team.as_str())
            .bind(user.as_str())
            .execute(connection)?;
    }
    Ok(())
}

/// See the trait.
pub(super) async fn channel_create(
    store: &SqliteStore,
    team: &TeamId,
    channel: ChatChannel,
    context: CommandContext,
) -> Stored<Written<ChatChannel>> {
    let team = team.clone();
    store
        .write(move |connection| {
            let content = (&team, &channel.name);
            let command = Command::in_context(&context, "channel_create", &content)?;
            if let Some(first) = command.first_answer(connection)? {
                return Ok(unchanged(first));
            }
            rights::ask_for(connection, &context, Action::TeamManage)?;
            find(connection, &team)?.ok_or(StoreError::NotFound)?;
            if customers::channel(connection, &channel.key)?.is_some() {
                return Err(StoreError::Conflict(
                    "This key belongs to another channel.".to_owned(),
                ));
            }
            sql(CHANNEL_ADD)
                .bind(channel.key.as_str())
                .bind(team.as_str())
                .bind(channel.name.as_str())
                .bind(i64::from(channel.active))
                .bind(context.at.0)
                .execute(connection)?;
            audit::act(connection, &context, "channel_create", channel.key.as_str())?;
            command.keep(connection, context.at, &channel)?;
            Ok(unchanged(channel))
        })
        .await
}

/// See the trait.
pub(super) async fn channel_activate(
    store: &SqliteStore,
    key: &ChannelKey,
    active: bool,
    context: CommandContext,
) -> Stored<Written<()>> {
    let key = key.clone();
    store
        .write(move |connection| {
            let command = Command::in_context(&context, "channel_activate", &(&key, active))?;
            if command.first_answer::<()>(connection)?.is_some() {
                return Ok(unchanged(()));
            }
            rights::ask_for(connection, &context, Action::TeamManage)?;
            let switched = sql(CHANNEL_ACTIVATE)
                .bind(key.as_str())
                .bind(i64::from(active))
                .execute(connection)?;
            if switched == 0 {
                return Err(StoreError::NotFound);
            }
            audit::act(connection, &context, "channel_activate", key.as_str())?;
            command.keep(connection, context.at, &())?;
            Ok(unchanged(()))
        })
        .await
}
