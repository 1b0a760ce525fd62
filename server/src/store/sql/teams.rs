//! Rows of teams and of the chat channels that feed them.

use async_trait::async_trait;
use shared::admin::{ChatChannel, QueuePriority, Team};
use shared::fold::folded;
use shared::ids::{ChannelKey, TeamId, UserId};
use shared::time::Timestamp;

use super::deletions::holder;
use super::names::shown_name;
use super::rows::{at_maybe, code, flag, id, int, json, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, sql};
use crate::store::Stored;
use crate::store::rows::{NameHolder, TeamReads, TeamRow, TeamRows};

macro_rules! select_teams {
    ($tail:literal) => {
        concat!(
            "SELECT t.id, t.name, t.priority, t.version,
                (SELECT json_group_array(json_object('id', u.id, 'name', ", shown_name!("u"), ")
                    ORDER BY u.name_key, u.id)
                 FROM team_members m JOIN users u ON u.id = m.user_id
                 WHERE m.team_id = t.id) AS members,
                (SELECT json_group_array(json_object('id', u.id, 'name', ", shown_name!("u"), ")
                    ORDER BY u.name_key, u.id)
                 FROM team_supervisors s JOIN users u ON u.id = s.user_id
                 WHERE s.team_id = t.id) AS supervisors,
                (SELECT json_group_array(json_object('key', c.key, 'name', c.name,
                        'version', c.version, 'heard_at', c.heard_at,
                        'active', json(CASE c.active WHEN 0 THEN 'false' ELSE 'true' END))
                    ORDER BY c.created_at, c.key)
                 FROM channels c WHERE c.team_id = t.id AND c.kind = 'chat' AND c.deleted_at IS NULL) AS channels
             FROM teams t ",
            $tail
        )
    };
}
const LIST: &str = select_teams!("WHERE t.deleted_at IS NULL ORDER BY t.name_key, t.id");
const FIND: &str = select_teams!("WHERE t.id = $1 AND t.deleted_at IS NULL");
/// A name that the team has already stays, whatever a release before let others be called.
const NAME_HOLDER: &str =
    "SELECT deleted_at IS NOT NULL AS deleted FROM teams WHERE name_key = $1 AND id <> $2
    AND NOT EXISTS (SELECT 1 FROM teams own WHERE own.id = $2 AND own.name = $3) ORDER BY deleted";
const KEY_HOLDER: &str = "SELECT deleted_at IS NOT NULL AS deleted FROM channels WHERE key = $1";
const CHANNEL: &str = "SELECT key, name, active, version, heard_at FROM channels WHERE key = $1 AND deleted_at IS NULL";
const SET: &str =
    "INSERT INTO teams (id, name, created_at, version, name_key, priority) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (id) DO UPDATE SET name = $2, version = $4, name_key = $5, priority = $6";
const MEMBERS_DELETE: &str = "DELETE FROM team_members WHERE team_id = $1";
const MEMBER_INSERT: &str = "INSERT INTO team_members (team_id, user_id) VALUES ($1, $2)";
const SUPERVISORS_DELETE: &str = "DELETE FROM team_supervisors WHERE team_id = $1";
const SUPERVISOR_INSERT: &str = "INSERT INTO team_supervisors (team_id, user_id) VALUES ($1, $2)";
const CHANNEL_INSERT: &str = "INSERT INTO channels (key, team_id, name, active, created_at)
    VALUES ($1, $2, $3, $4, $5)";
const CHANNEL_SET_NAME: &str = "UPDATE channels SET name = $2, version = $3 WHERE key = $1";
const CHANNEL_SETTINGS: &str =
    "SELECT settings FROM channels WHERE key = $1 AND kind = 'chat' AND deleted_at IS NULL";
const CHANNEL_SET_SETTINGS: &str =
    "UPDATE channels SET settings = $2, version = $3 WHERE key = $1 AND kind = 'chat'";
const CHANNEL_SET_ACTIVE: &str = "UPDATE channels
    SET active = $2, version = version + CASE WHEN active <> $2 THEN 1 ELSE 0 END WHERE key = $1";

fn read(row: &Row) -> Stored<Team> {
    Ok(Team {
        id: id(row, "id")?,
        name: text(row, "name")?,
        members: json(row, "members")?,
        supervisors: json(row, "supervisors")?,
        channels: json(row, "channels")?,
        priority: code(row, "priority", QueuePriority::from_code)?,
        version: int(row, "version")?,
    })
}

fn channel(row: &Row) -> Stored<ChatChannel> {
    Ok(ChatChannel {
        key: id(row, "key")?,
        name: text(row, "name")?,
        active: flag(row, "active")?,
        version: int(row, "version")?,
        heard_at: at_maybe(row, "heard_at")?,
    })
}

#[async_trait]
impl<R: Runner> TeamReads for Rows<R> {
    async fn team_list(&mut self) -> Stored<Vec<Team>> {
        self.slow(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
    }

    async fn team_find(&mut self, team: &TeamId) -> Stored<Option<Team>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(team.as_str()).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn team_name_holder(&mut self, name: &str, team: &TeamId) -> Stored<Option<NameHolder>> {
        self.quick(|connection| {
            let row = sql(NAME_HOLDER)
                .bind(folded(name))
                .bind(team.as_str())
                .bind(name)
                .fetch_optional(connection)?;
            row.as_ref().map(holder).transpose()
        })
    }

    async fn channel_key_holder(&mut self, key: &ChannelKey) -> Stored<Option<NameHolder>> {
        self.quick(|connection| {
            let row = sql(KEY_HOLDER)
                .bind(key.as_str())
                .fetch_optional(connection)?;
            row.as_ref().map(holder).transpose()
        })
    }

    async fn channel_find(&mut self, key: &ChannelKey) -> Stored<Option<ChatChannel>> {
        self.quick(|connection| {
            let row = sql(CHANNEL).bind(key.as_str()).fetch_optional(connection)?;
            row.as_ref().map(channel).transpose()
        })
    }

    async fn channel_settings_find(&mut self, key: &ChannelKey) -> Stored<Option<String>> {
        self.quick(|connection| {
            let row = sql(CHANNEL_SETTINGS)
                .bind(key.as_str())
                .fetch_optional(connection)?;
            row.map(|row| text(&row, "settings")).transpose()
        })
    }
}

#[async_trait]
impl TeamRows for Rows<Inline<'_>> {
    async fn team_set(&mut self, team: &TeamRow<'_>, at: Timestamp) -> Stored<()> {
        sql(SET)
            .bind(team.id.as_str())
            .bind(team.name)
            .bind(at.0)
            .bind(team.version)
            .bind(folded(team.name))
            .bind(team.priority.code())
            .execute(self.connection())?;
        Ok(())
    }

    async fn team_set_members(&mut self, team: &TeamId, members: &[UserId]) -> Stored<()> {
        let statements = (MEMBERS_DELETE, MEMBER_INSERT);
        replace(self.connection(), statements, team, members)
    }

    async fn team_set_supervisors(&mut self, team: &TeamId, supervisors: &[UserId]) -> Stored<()> {
        let statements = (SUPERVISORS_DELETE, SUPERVISOR_INSERT);
        replace(self.connection(), statements, team, supervisors)
    }

    async fn channel_insert(
        &mut self,
        team: &TeamId,
        channel: &ChatChannel,
        at: Timestamp,
    ) -> Stored<()> {
        sql(CHANNEL_INSERT)
            .bind(channel.key.as_str())
            .bind(team.as_str())
            .bind(channel.name.as_str())
            .bind(i64::from(channel.active))
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn channel_set_name(&mut self, channel: &ChatChannel) -> Stored<()> {
        sql(CHANNEL_SET_NAME)
            .bind(channel.key.as_str())
            .bind(channel.name.as_str())
            .bind(channel.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn channel_set_settings(
        &mut self,
        key: &ChannelKey,
        settings: &str,
        version: i64,
    ) -> Stored<()> {
        sql(CHANNEL_SET_SETTINGS)
            .bind(key.as_str())
            .bind(settings)
            .bind(version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn channel_set_active(&mut self, key: &ChannelKey, active: bool) -> Stored<bool> {
        let updated = sql(CHANNEL_SET_ACTIVE)
            .bind(key.as_str())
            .bind(i64::from(active))
            .execute(self.connection())?;
        Ok(updated > 0)
    }
}

fn replace(
    connection: &Connection,
    (delete, insert): (&'static str, &'static str),
    team: &TeamId,
    people: &[UserId],
) -> Stored<()> {
    sql(delete).bind(team.as_str()).execute(connection)?;
    for user in people {
        sql(insert)
            .bind(team.as_str())
            .bind(user.as_str())
            .execute(connection)?;
    }
    Ok(())
}
