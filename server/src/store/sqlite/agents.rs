//! Agents: whether somebody is one, their teams, and the User Dashboard's table of them.
//!
//! The dashboard takes four statements, however many agents there are.

use std::collections::HashMap;

use shared::ids::{TeamId, UserId};
use shared::people::{PersonRef, Presence};
use shared::policy::AgentFacts;
use shared::time::Timestamp;
use shared::workitem::{AgentRow, Channel, ChannelCounts, Dashboard, RaisedHand, TeamQueue};

use super::SqliteStore;
use super::rows::{at, at_maybe, code, id, id_maybe, ids_argument, int, json, person, text};
use super::statement::{Connection, Row, sql};
use crate::store::{AgentRecord, Stored};

const ACTIVE: &str = "SELECT u.id, u.name, u.presence FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
    WHERE u.id = $1 AND u.active = 1";
const TEAMS: &str = "SELECT t.id FROM team_members m JOIN teams t ON t.id = m.team_id
    WHERE m.user_id = $1 ORDER BY lower(t.name), t.id";

const ROWS: &str = "SELECT u.id, u.name, u.presence,
        (SELECT json_group_array(t.name ORDER BY lower(t.name), t.id)
         FROM team_members m JOIN teams t ON t.id = m.team_id
         WHERE m.user_id = u.id AND m.team_id IN (SELECT value FROM json_each($1))) AS teams
    FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
    WHERE u.active = 1 AND u.id IN (
        SELECT user_id FROM team_members WHERE team_id IN (SELECT value FROM json_each($1)))
    ORDER BY lower(u.name), u.id";
/// In wrap-up nobody waits any more.
const COUNTS: &str = "SELECT w.agent_id AS id, w.channel, COUNT(*) AS open,
        MIN(CASE w.state WHEN 'active' THEN w.waiting_since END) AS waiting_since,
        SUM(EXISTS (SELECT 1 FROM monitoring m WHERE m.workitem_id = w.id)) AS monitored
    FROM workitems w
    WHERE w.state IN ('active', 'wrap_up') AND w.agent_id IN (
        SELECT user_id FROM team_members WHERE team_id IN (SELECT value FROM json_each($1)))
    GROUP BY w.agent_id, w.channel";
const HANDS: &str = "SELECT r.agent_id, r.id, r.text, r.at, r.workitem_id FROM requests r
    WHERE r.answered_at IS NULL AND r.agent_id IN (
        SELECT user_id FROM team_members WHERE team_id IN (SELECT value FROM json_each($1)))
    ORDER BY r.at, r.id";
/// After a transfer to a team nobody may be waiting for an answer; then the last activity counts.
const QUEUES: &str = "SELECT t.id, t.name, COUNT(w.id) AS queued,
        MIN(COALESCE(w.waiting_since, w.last_activity_at)) AS since
    FROM teams t LEFT JOIN workitems w ON w.team_id = t.id AND w.state = 'queued'
    WHERE t.id IN (SELECT value FROM json_each($1))
    GROUP BY t.id ORDER BY lower(t.name), t.id";

/// The person, if they are an active user with the agent role.
pub(super) fn active(connection: &Connection, agent: &UserId) -> Stored<Option<PersonRef>> {
    sql(ACTIVE)
        .bind(agent.as_str())
        .fetch_optional(connection)?
        .as_ref()
        .map(person)
        .transpose()
}

/// The teams that an agent belongs to, by name; the first one is where the agent's own calls go.
pub(super) fn teams(connection: &Connection, agent: &UserId) -> Stored<Vec<TeamId>> {
    let rows = sql(TEAMS).bind(agent.as_str()).fetch_all(connection)?;
    rows.iter().map(|row| id(row, "id")).collect()
}

/// See the trait.
pub(super) async fn agent_find(store: &SqliteStore, agent: &UserId) -> Stored<Option<AgentRecord>> {
    let agent = agent.clone();
    store
        .read(move |connection| {
            let Some(row) = sql(ACTIVE)
                .bind(agent.as_str())
                .fetch_optional(connection)?
            else {
                return Ok(None);
            };
            Ok(Some(AgentRecord {
                person: person(&row)?,
                facts: AgentFacts {
                    teams: teams(connection, &agent)?,
                },
                presence: code(&row, "presence", Presence::from_code)?,
            }))
        })
        .await
}

/// See the trait.
pub(super) async fn dashboard(store: &SqliteStore, teams: &[TeamId]) -> Stored<Dashboard> {
    let teams = ids_argument(teams);
    store.read(move |connection| load(connection, teams)).await
}

/// What is open at one agent.
#[derive(Default)]
struct Open {
    counts: ChannelCounts,
    waiting_since: Option<Timestamp>,
    monitored: i64,
}

fn load(connection: &Connection, teams: String) -> Stored<Dashboard> {
    let mut open: HashMap<UserId, Open> = HashMap::new();
    for row in all(connection, COUNTS, &teams)? {
        let agent = open.entry(id(&row, "id")?).or_default();
        let channel = code(&row, "channel", Channel::from_code)?;
        agent.counts.add(channel, int(&row, "open")?);
        agent.monitored += int(&row, "monitored")?;
        agent.waiting_since = [agent.waiting_since, at_maybe(&row, "waiting_since")?]
            .into_iter()
            .flatten()
            .min();
    }
    let mut hands: HashMap<UserId, Vec<RaisedHand>> = HashMap::new();
    for row in all(connection, HANDS, &teams)? {
        hands
            .entry(id(&row, "agent_id")?)
            .or_default()
            .push(RaisedHand {
                request: id(&row, "id")?,
                text: text(&row, "text")?,
                at: at(&row, "at")?,
                workitem: id_maybe(&row, "workitem_id")?,
            });
    }
    let mut agents = Vec::new();
    for row in all(connection, ROWS, &teams)? {
        let agent: UserId = id(&row, "id")?;
        let open = open.remove(&agent).unwrap_or_default();
        agents.push(AgentRow {
            name: text(&row, "name")?,
            teams: json(&row, "teams")?,
            presence: code(&row, "presence", Presence::from_code)?,
            counts: open.counts,
            waiting_since: open.waiting_since,
            hands: hands.remove(&agent).unwrap_or_default(),
            monitored: open.monitored,
            id: agent,
        });
    }
    let queues = all(connection, QUEUES, &teams)?
        .iter()
        .map(|row| {
            Ok(TeamQueue {
                team: id(row, "id")?,
                name: text(row, "name")?,
                queued: int(row, "queued")?,
                since: at_maybe(row, "since")?,
            })
        })
        .collect::<Stored<_>>()?;
    Ok(Dashboard { agents, queues })
}

fn all(connection: &Connection, statement: &'static str, teams: &str) -> Stored<Vec<Row>> {
    Ok(sql(statement).bind(teams).fetch_all(connection)?)
}
