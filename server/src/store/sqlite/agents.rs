//! Agents: whether somebody is one, their teams, and the User Dashboard's table of them.
//!
//! The dashboard is put together from its frame and the agents' lists, which are kept at hand (see `memory`).

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use shared::ids::{TeamId, UserId};
use shared::people::{PersonRef, Presence};
use shared::policy::AgentFacts;
use shared::time::Timestamp;
use shared::workitem::{
    AgentRow, Channel, ChannelCounts, Dashboard, RaisedHand, TeamQueue, Workitem, WorkitemState,
};

use super::rows::{at, at_maybe, code, id, id_maybe, ids_argument, int, json, person, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, sql};
use super::{SqliteStore, users, workitems};
use crate::store::rows::{AgentReads, AgentRows};
use crate::store::{AgentRecord, Stored};

const ACTIVE: &str = "SELECT u.id, u.name, u.presence FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
    WHERE u.id = $1 AND u.active = 1";
const TEAMS: &str = "SELECT t.id FROM team_members m JOIN teams t ON t.id = m.team_id
    WHERE m.user_id = $1 ORDER BY lower(t.name), t.id";
const LIST: &str = "SELECT u.id, u.name, u.presence FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
    WHERE u.active = 1 ORDER BY lower(u.name), u.id";
const TEAM_NAMES: &str = "SELECT id, name FROM teams ORDER BY lower(name), id";
const CAPACITY: &str = "SELECT capacity FROM users WHERE id = $1";
const ACTIVE_COUNT: &str = "SELECT COUNT(*) AS count FROM workitems
    WHERE agent_id = $1 AND state = 'active' AND channel = $2";
const TEAM_COUNT: &str = "SELECT t.name, (SELECT COUNT(*) FROM team_members m
        JOIN users u ON u.id = m.user_id AND u.active = 1
        JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
        WHERE m.team_id = t.id) AS agents
    FROM teams t WHERE t.id = $1";
const SET_ASSIGNED: &str = "UPDATE users SET assigned_at = $2 WHERE id = $1";

const ROWS: &str = "SELECT u.id, u.name, u.presence,
        (SELECT json_group_array(t.name ORDER BY lower(t.name), t.id)
         FROM team_members m JOIN teams t ON t.id = m.team_id
         WHERE m.user_id = u.id AND m.team_id IN (SELECT value FROM json_each($1))) AS teams
    FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
    WHERE u.active = 1 AND u.id IN (
        SELECT user_id FROM team_members WHERE team_id IN (SELECT value FROM json_each($1)))
    ORDER BY lower(u.name), u.id";
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

#[async_trait]
impl<R: Runner> AgentReads for Rows<R> {
    async fn agent_find(&mut self, agent: &UserId) -> Stored<Option<(PersonRef, Presence)>> {
        self.quick(|connection| {
            let row = sql(ACTIVE)
                .bind(agent.as_str())
                .fetch_optional(connection)?;
            row.map(|row| Ok((person(&row)?, code(&row, "presence", Presence::from_code)?)))
                .transpose()
        })
    }

    async fn agent_list(&mut self) -> Stored<Vec<(PersonRef, Presence)>> {
        self.slow(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((person(row)?, code(row, "presence", Presence::from_code)?)))
                .collect()
        })
        .await
    }

    async fn team_names(&mut self) -> Stored<Vec<(TeamId, String)>> {
        self.slow(|connection| {
            let rows = sql(TEAM_NAMES).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "id")?, text(row, "name")?)))
                .collect()
        })
        .await
    }

    async fn agent_teams(&mut self, agent: &UserId) -> Stored<Vec<TeamId>> {
        self.quick(|connection| teams(connection, agent))
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
    let frame = frame(store, teams).await?;
    with_lists(store, Dashboard::clone(&frame)).await
}

/// See the trait.
pub(super) async fn dashboard_rows(
    store: &SqliteStore,
    teams: &[TeamId],
    agents: &[UserId],
) -> Stored<Dashboard> {
    let frame = frame(store, teams).await?;
    let rows = frame.agents.iter().filter(|row| agents.contains(&row.id));
    let some = Dashboard {
        agents: rows.cloned().collect(),
        queues: frame.queues.clone(),
    };
    with_lists(store, some).await
}

/// Fills in what is open at the agents.
async fn with_lists(store: &SqliteStore, mut dashboard: Dashboard) -> Stored<Dashboard> {
    let (mut unknown, turn) = store.memory.look(|kept| {
        let mut unknown = Vec::new();
        for row in &mut dashboard.agents {
            match kept.list(&row.id) {
                Some(list) => fill_in(row, list),
                None => unknown.push(row.id.clone()),
            }
        }
        unknown
    });
    if unknown.is_empty() {
        return Ok(dashboard);
    }
    let mut lists: HashMap<_, _> = store
        .read(move |connection| {
            let load = |agent: UserId| {
                let list = workitems::load_open_of(connection, &agent)?;
                Ok((agent, list))
            };
            unknown.drain(..).map(load).collect()
        })
        .await?;
    for row in &mut dashboard.agents {
        if let Some(list) = lists.get(&row.id) {
            fill_in(row, list.iter().map(|record| &record.workitem));
        }
    }
    store.memory.keep(turn, |kept| {
        for (agent, list) in lists.drain() {
            kept.list_keep(agent, list);
        }
    });
    Ok(dashboard)
}

/// What is open at an agent, in numbers. In wrap-up nobody waits any more.
fn fill_in<'a>(row: &mut AgentRow, open: impl IntoIterator<Item = &'a Workitem>) {
    for workitem in open {
        row.counts.add(workitem.channel, 1);
        row.monitored += i64::from(!workitem.monitors.is_empty());
        if workitem.state == WorkitemState::Active {
            let waits = [row.waiting_since, workitem.waiting_since];
            row.waiting_since = waits.into_iter().flatten().min();
        }
    }
}

/// The dashboard with nothing open at anybody.
async fn frame(store: &SqliteStore, teams: &[TeamId]) -> Stored<Arc<Dashboard>> {
    let (kept, turn) = store.memory.look(|kept| kept.frame(teams));
    if let Some(frame) = kept {
        return Ok(frame);
    }
    let argument = ids_argument(teams);
    let frame = store
        .read(move |connection| load(connection, argument))
        .await?;
    let frame = Arc::new(frame);
    let keep = Arc::clone(&frame);
    store
        .memory
        .keep(turn, |kept| kept.frame_keep(teams.to_vec(), keep));
    Ok(frame)
}

fn load(connection: &Connection, teams: String) -> Stored<Dashboard> {
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
        agents.push(AgentRow {
            name: text(&row, "name")?,
            teams: json(&row, "teams")?,
            presence: code(&row, "presence", Presence::from_code)?,
            lost_since: None,
            counts: ChannelCounts::default(),
            waiting_since: None,
            hands: hands.remove(&agent).unwrap_or_default(),
            monitored: 0,
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
