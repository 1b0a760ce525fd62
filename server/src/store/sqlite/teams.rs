//! Teams: their agents, their supervisors, and the chat channels that feed them.

use std::collections::BTreeSet;

use shared::admin::{ChatChannel, Team};
use shared::ids::{ChannelKey, TeamId, UserId};
use shared::people::{PersonRef, Role};
use shared::time::Timestamp;

use super::rows::{id, int, json, text, unchanged};
use super::statement::{Connection, Row, sql};
use super::{SqliteStore, customers, users};
use crate::store::{Change, StoreError, Stored, Written};

macro_rules! select_teams {
    ($tail:literal) => {
        concat!(
            "SELECT t.id, t.name,
                (SELECT json_group_array(json_object('id', u.id, 'name', u.name)
                    ORDER BY lower(u.name), u.id)
                 FROM team_members m JOIN users u ON u.id = m.user_id
                 WHERE m.team_id = t.id) AS members,
                (SELECT json_group_array(json_object('id', u.id, 'name', u.name)
                    ORDER BY lower(u.name), u.id)
                 FROM team_supervisors s JOIN users u ON u.id = s.user_id
                 WHERE s.team_id = t.id) AS supervisors,
                (SELECT json_group_array(json_object('key', c.key, 'name', c.name,
                        'active', json(CASE c.active WHEN 0 THEN 'false' ELSE 'true' END))
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
const SAVE: &str = "INSERT INTO teams (id, name, created_at) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO UPDATE SET name = $2";
const MEMBERS_CLEAR: &str = "DELETE FROM team_members WHERE team_id = $1";
const MEMBER_ADD: &str = "INSERT INTO team_members (team_id, user_id) VALUES ($1, $2)";
const SUPERVISORS_CLEAR: &str = "DELETE FROM team_supervisors WHERE team_id = $1";
const SUPERVISOR_ADD: &str = "INSERT INTO team_supervisors (team_id, user_id) VALUES ($1, $2)";
const CHANNEL_ADD: &str = "INSERT INTO channels (key, team_id, name, active, created_at)
    VALUES ($1, $2, $3, $4, $5)";
const CHANNEL_ACTIVATE: &str = "UPDATE channels SET active = $2 WHERE key = $1";

fn read(row: &Row) -> Stored<Team> {
    Ok(Team {
        id: id(row, "id")?,
        name: text(row, "name")?,
        members: json(row, "members")?,
        supervisors: json(row, "supervisors")?,
        channels: json(row, "channels")?,
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

/// See the trait. Who leaves a team keeps the open work that they have; supervisors of the team learn through
/// `Change::Authority` that the agents under them changed.
pub(super) async fn team_save(
    store: &SqliteStore,
    team: &TeamId,
    create: bool,
    name: &str,
    members: &[UserId],
    supervisors: &[UserId],
    now: Timestamp,
) -> Stored<Written<Team>> {
    let saved = Saved {
        team: team.clone(),
        create,
        name: name.to_owned(),
        members: members.iter().cloned().collect(),
        supervisors: supervisors.iter().cloned().collect(),
        now,
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
    now: Timestamp,
}

fn save(connection: &Connection, saved: Saved) -> Stored<Written<Team>> {
    let before = find(connection, &saved.team)?;
    if !saved.create && before.is_none() {
        return Err(StoreError::NotFound);
    }
    if saved.create && before.is_some() {
        return Err(StoreError::Conflict("This team exists already.".to_owned()));
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
        .bind(saved.now.0)
        .execute(connection)?;
    let (team, members, supervisors) = (&saved.team, &saved.members, &saved.supervisors);
    replace(connection, (MEMBERS_CLEAR, MEMBER_ADD), team, members)?;
    let statements = (SUPERVISORS_CLEAR, SUPERVISOR_ADD);
    replace(connection, statements, team, supervisors)?;
    let after = find(connection, team)?.ok_or(StoreError::NotFound)?;
    let mut changes: Vec<Change> = touched(before.as_ref(), members, supervisors)
        .into_iter()
        .map(Change::Authority)
        .collect();
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
    let ids = |people: &[PersonRef]| -> BTreeSet<UserId> {
        people.iter().map(|person| person.id.clone()).collect()
    };
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
    now: Timestamp,
) -> Stored<Written<ChatChannel>> {
    let team = team.clone();
    store
        .write(move |connection| {
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
                .bind(now.0)
                .execute(connection)?;
            Ok(unchanged(channel))
        })
        .await
}

/// See the trait.
pub(super) async fn channel_activate(
    store: &SqliteStore,
    key: &ChannelKey,
    active: bool,
    _now: Timestamp,
) -> Stored<Written<()>> {
    let key = key.clone();
    store
        .write(move |connection| {
            let switched = sql(CHANNEL_ACTIVATE)
                .bind(key.as_str())
                .bind(i64::from(active))
                .execute(connection)?;
            match switched {
                0 => Err(StoreError::NotFound),
                _ => Ok(unchanged(())),
            }
        })
        .await
}
