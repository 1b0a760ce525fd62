//! What the User Dashboard shows.

use std::collections::HashMap;

use async_trait::async_trait;
use shared::ids::{TeamId, UserId};
use shared::workitem::{AgentRow, ChannelCounts, Dashboard, RaisedHand, TeamQueue};

use super::names::shown_name;
use super::rows::{at_maybe, id, ids_argument, int, json, presence, text};
use super::runner::{Rows, Runner};
use super::statement::{Connection, sql};
use super::{organisation, requests, users};
use crate::store::Stored;
use crate::store::rows::DashboardReads;

/// Of the teams $1 all agents, or those of $2.
const AGENTS: &str = concat!(
    "SELECT u.id, ",
    shown_name!("u"),
    " AS name, u.presence, u.capacity,
        (SELECT json_group_array(t.name ORDER BY t.name_key, t.id)
         FROM team_members m JOIN teams t ON t.id = m.team_id
         WHERE m.user_id = u.id AND m.team_id IN (SELECT value FROM json_each($1))) AS teams
    FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
    WHERE u.active = 1 AND u.id IN (
        SELECT user_id FROM team_members WHERE team_id IN (SELECT value FROM json_each($1)))
        AND ($2 IS NULL OR u.id IN (SELECT value FROM json_each($2)))
    ORDER BY u.name_key, u.id"
);
const HANDS: &str = concat!(
    "SELECT r.agent_id, r.id, r.text, r.at, r.workitem_id, r.target_min, r.escalated, r.claimed_at, r.claimed_by, ",
    shown_name!("c"),
    " AS claimer_name
    FROM requests r LEFT JOIN users c ON c.id = r.claimed_by
    WHERE r.answered_at IS NULL AND r.agent_id IN (
        SELECT user_id FROM team_members WHERE team_id IN (SELECT value FROM json_each($1)))
        AND ($2 IS NULL OR r.agent_id IN (SELECT value FROM json_each($2)))
    ORDER BY r.at, r.id"
);
/// After a transfer to a team nobody may be waiting for an answer; then the last activity counts.
const QUEUES: &str = "SELECT t.id, t.name, COUNT(w.id) AS queued,
        MIN(COALESCE(w.waiting_since, w.last_activity_at)) AS since
    FROM teams t LEFT JOIN workitems w ON w.team_id = t.id AND w.state = 'queued'
    WHERE t.id IN (SELECT value FROM json_each($1)) AND t.deleted_at IS NULL
    GROUP BY t.id ORDER BY t.name_key, t.id";

#[async_trait]
impl<R: Runner> DashboardReads for Rows<R> {
    async fn dashboard_skeleton(&mut self, teams: &[TeamId]) -> Stored<Dashboard> {
        let teams = ids_argument(teams);
        self.slow(move |connection| {
            Ok(Dashboard {
                agents: agents(connection, &teams, None)?,
                queues: queues(connection, &teams)?,
                capacity: Some(organisation::edited(connection)?.settings.capacity),
            })
        })
        .await
    }

    async fn dashboard_rows(&mut self, teams: &[TeamId], only: &[UserId]) -> Stored<Vec<AgentRow>> {
        let (teams, only) = (ids_argument(teams), ids_argument(only));
        self.slow(move |connection| agents(connection, &teams, Some(&only)))
            .await
    }

    async fn dashboard_queues(&mut self, teams: &[TeamId]) -> Stored<Vec<TeamQueue>> {
        let teams = ids_argument(teams);
        self.slow(move |connection| queues(connection, &teams))
            .await
    }
}

fn agents(connection: &Connection, teams: &str, only: Option<&str>) -> Stored<Vec<AgentRow>> {
    let mut hands: HashMap<UserId, Vec<RaisedHand>> = HashMap::new();
    for row in sql(HANDS).bind(teams).bind(only).fetch_all(connection)? {
        hands
            .entry(id(&row, "agent_id")?)
            .or_default()
            .push(requests::hand(&row)?);
    }
    let rows = sql(AGENTS).bind(teams).bind(only).fetch_all(connection)?;
    let agents = rows.iter().map(|row| {
        let agent: UserId = id(row, "id")?;
        Ok(AgentRow {
            name: text(row, "name")?,
            teams: json(row, "teams")?,
            presence: presence(row)?,
            presence_since: None,
            lost_since: None,
            counts: ChannelCounts::default(),
            wrap_up: ChannelCounts::default(),
            capacity: users::capacity(row)?,
            waiting_since: None,
            waits: Vec::new(),
            hands: hands.remove(&agent).unwrap_or_default(),
            monitored: 0,
            id: agent,
        })
    });
    agents.collect()
}

fn queues(connection: &Connection, teams: &str) -> Stored<Vec<TeamQueue>> {
    let rows = sql(QUEUES).bind(teams).fetch_all(connection)?;
    rows.iter()
        .map(|row| {
            Ok(TeamQueue {
                team: id(row, "id")?,
                name: text(row, "name")?,
                queued: int(row, "queued")?,
                since: at_maybe(row, "since")?,
            })
        })
        .collect()
}
