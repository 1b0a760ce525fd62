//! The queue: what waits, and who could take it.

use shared::ids::TeamId;
use shared::workitem::{Channel, ChannelCounts};

use super::rows::{at, code, codes, id, ids_argument, json};
use super::statement::{Connection, Row, sql};
use super::{SqliteStore, capacity, organisation};
use crate::store::{Candidate, Queued, Stored};

const QUEUE: &str = "SELECT id, team_id, channel FROM workitems WHERE state = 'queued'
    ORDER BY started_at, id";
const CANDIDATES: &str = "SELECT u.id, u.assigned_at, u.capacity,
        (SELECT json_group_array(m.team_id) FROM team_members m
         WHERE m.user_id = u.id AND m.team_id IN (SELECT value FROM json_each($1))) AS teams,
        (SELECT json_group_array(w.channel) FROM workitems w
         WHERE w.agent_id = u.id AND w.state = 'active') AS active
    FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
    WHERE u.active = 1 AND u.presence = 'available' AND u.id IN (
        SELECT user_id FROM team_members WHERE team_id IN (SELECT value FROM json_each($1)))";

/// See the trait.
pub(super) async fn queue_list(store: &SqliteStore) -> Stored<Vec<Queued>> {
    store
        .read(|connection| {
            let rows = sql(QUEUE).fetch_all(connection)?;
            rows.iter()
                .map(|row| {
                    Ok(Queued {
                        workitem: id(row, "id")?,
                        team: id(row, "team_id")?,
                        channel: code(row, "channel", Channel::from_code)?,
                    })
                })
                .collect()
        })
        .await
}

/// See the trait.
pub(super) async fn queue_candidates(
    store: &SqliteStore,
    teams: &[TeamId],
) -> Stored<Vec<Candidate>> {
    let teams = ids_argument(teams);
    store
        .read(move |connection| candidates(connection, &teams))
        .await
}

fn candidates(connection: &Connection, teams: &str) -> Stored<Vec<Candidate>> {
    let usual = organisation::load(connection)?.capacity;
    let rows = sql(CANDIDATES).bind(teams).fetch_all(connection)?;
    rows.iter().map(|row| candidate(row, usual)).collect()
}

fn candidate(row: &Row, usual: ChannelCounts) -> Stored<Candidate> {
    let mut active = ChannelCounts::default();
    for channel in codes(row, "active", Channel::from_code)? {
        active.add(channel, 1);
    }
    Ok(Candidate {
        agent: id(row, "id")?,
        teams: json(row, "teams")?,
        active,
        capacity: capacity::own(row)?.unwrap_or(usual),
        assigned_at: at(row, "assigned_at")?,
    })
}
