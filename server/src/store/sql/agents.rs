//! Rows of agents: whether somebody is one, their teams, and how much work they have and may have.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId};
use shared::people::{PersonRef, Presence};
use shared::time::Timestamp;
use shared::workitem::{Channel, ChannelCounts};

use super::names::shown_name;
use super::rows::{id, int, person, presence, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, sql};
use super::users;
use crate::store::Stored;
use crate::store::rows::{AgentReads, AgentRows};

const ACTIVE: &str = concat!(
    "SELECT u.id, ",
    shown_name!("u"),
    " AS name, u.presence FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
    WHERE u.id = $1 AND u.active = 1"
);
const TEAMS: &str = "SELECT t.id FROM team_members m JOIN teams t ON t.id = m.team_id
    WHERE m.user_id = $1 ORDER BY t.name_key, t.id";
const LIST: &str = concat!(
    "SELECT u.id, ",
    shown_name!("u"),
    " AS name, u.presence FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
    WHERE u.active = 1 ORDER BY u.name_key, u.id"
);
const TEAM_NAMES: &str = "SELECT id, name FROM teams WHERE deleted_at IS NULL
    ORDER BY name_key, id";
const TEAM_NAMES_WITH_AGENTS: &str = "SELECT t.id, t.name FROM teams t
    WHERE t.deleted_at IS NULL AND EXISTS (SELECT 1 FROM team_members m
        JOIN users u ON u.id = m.user_id AND u.active = 1
        JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
        WHERE m.team_id = t.id)
    ORDER BY t.name_key, t.id";
const CAPACITY: &str = "SELECT capacity FROM users WHERE id = $1";
const ACTIVE_COUNT: &str = "SELECT COUNT(*) AS count FROM workitems
    WHERE agent_id = $1 AND state = 'active' AND channel = $2";
const TEAM_COUNT: &str = "SELECT t.name, (SELECT COUNT(*) FROM team_members m
        JOIN users u ON u.id = m.user_id AND u.active = 1
        JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
        WHERE m.team_id = t.id) AS agents
    FROM teams t WHERE t.id = $1 AND t.deleted_at IS NULL";
const SET_ASSIGNED: &str = "UPDATE users SET assigned_at = $2 WHERE id = $1";

fn names(statement: &'static str, connection: &Connection) -> Stored<Vec<(TeamId, String)>> {
    let rows = sql(statement).fetch_all(connection)?;
    rows.iter()
        .map(|row| Ok((id(row, "id")?, text(row, "name")?)))
        .collect()
}

#[async_trait]
impl<R: Runner> AgentReads for Rows<R> {
    async fn agent_find(&mut self, agent: &UserId) -> Stored<Option<(PersonRef, Presence)>> {
        self.quick(|connection| {
            let row = sql(ACTIVE)
                .bind(agent.as_str())
                .fetch_optional(connection)?;
            row.map(|row| Ok((person(&row)?, presence(&row)?)))
                .transpose()
        })
    }

    async fn agent_list(&mut self) -> Stored<Vec<(PersonRef, Presence)>> {
        self.slow(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((person(row)?, presence(row)?)))
                .collect()
        })
        .await
    }

    async fn team_names(&mut self) -> Stored<Vec<(TeamId, String)>> {
        self.slow(|connection| names(TEAM_NAMES, connection)).await
    }

    async fn team_names_with_agents(&mut self) -> Stored<Vec<(TeamId, String)>> {
        self.slow(|connection| names(TEAM_NAMES_WITH_AGENTS, connection))
            .await
    }

    async fn agent_teams(&mut self, agent: &UserId) -> Stored<Vec<TeamId>> {
        self.quick(|connection| {
            let rows = sql(TEAMS).bind(agent.as_str()).fetch_all(connection)?;
            rows.iter().map(|row| id(row, "id")).collect()
        })
    }

    async fn agent_capacity(&mut self, agent: &UserId) -> Stored<Option<ChannelCounts>> {
        self.quick(|connection| {
            let row = sql(CAPACITY)
                .bind(agent.as_str())
                .fetch_optional(connection)?;
            Ok(row.as_ref().map(users::capacity).transpose()?.flatten())
        })
    }

    async fn agent_active_count(&mut self, agent: &UserId, channel: Channel) -> Stored<i64> {
        self.quick(|connection| {
            let row = sql(ACTIVE_COUNT)
                .bind(agent.as_str())
                .bind(channel.code())
                .fetch_one(connection)?;
            int(&row, "count")
        })
    }

    async fn team_agent_count(&mut self, team: &TeamId) -> Stored<Option<(String, i64)>> {
        self.quick(|connection| {
            let row = sql(TEAM_COUNT)
                .bind(team.as_str())
                .fetch_optional(connection)?;
            row.map(|row| Ok((text(&row, "name")?, int(&row, "agents")?)))
                .transpose()
        })
    }
}

#[async_trait]
impl AgentRows for Rows<Inline<'_>> {
    async fn agent_set_assigned(&mut self, agent: &UserId, at: Timestamp) -> Stored<()> {
        sql(SET_ASSIGNED)
            .bind(agent.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }
}
