//! The queue: waiting work, and the agents who could take it.

use async_trait::async_trait;
use shared::ids::{ChannelKey, TeamId};
use shared::workitem::{Channel, ChannelCounts};

use super::rows::{at, code, codes, id, ids_argument, int, json};
use super::runner::{Rows, Runner};
use super::statement::{Row, sql};
use super::users;
use crate::store::rows::QueueReads;
use crate::store::{Candidate, Queued, Stored};

const QUEUE: &str =
    "SELECT w.id, w.team_id, w.channel FROM workitems w JOIN teams t ON t.id = w.team_id
    WHERE w.state = 'queued'
    ORDER BY CASE t.priority WHEN 'high' THEN 0 WHEN 'normal' THEN 1 ELSE 2 END, w.started_at, w.id";
const COUNT: &str = "SELECT COUNT(*) AS waiting FROM (SELECT 1 FROM workitems w
    CROSS JOIN customer_views v ON v.workitem_id = w.id
    WHERE w.state = 'queued' AND w.team_id = $1 AND v.channel_key = $2 LIMIT $3) found";
const CANDIDATES: &str = "SELECT u.id, u.assigned_at, u.capacity,
        (SELECT json_group_array(m.team_id) FROM team_members m
         WHERE m.user_id = u.id AND m.team_id IN (SELECT value FROM json_each($1))) AS teams,
        (SELECT json_group_array(w.channel) FROM workitems w
         WHERE w.agent_id = u.id AND w.state = 'active') AS active
    FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'agent'
    WHERE u.active = 1 AND u.presence = 'available' AND u.id IN (
        SELECT user_id FROM team_members WHERE team_id IN (SELECT value FROM json_each($1)))";

#[async_trait]
impl<R: Runner> QueueReads for Rows<R> {
    async fn queue_list(&mut self) -> Stored<Vec<Queued>> {
        self.slow(|connection| {
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

    async fn queue_count(
        &mut self,
        team: &TeamId,
        channel: &ChannelKey,
        limit: i64,
    ) -> Stored<i64> {
        self.quick(|connection| {
            let row = sql(COUNT)
                .bind(team.as_str())
                .bind(channel.as_str())
                .bind(limit)
                .fetch_one(connection)?;
            int(&row, "waiting")
        })
    }

    async fn queue_candidates(
        &mut self,
        teams: &[TeamId],
        usual: ChannelCounts,
    ) -> Stored<Vec<Candidate>> {
        let teams = ids_argument(teams);
        self.slow(move |connection| {
            let rows = sql(CANDIDATES).bind(teams).fetch_all(connection)?;
            rows.iter().map(|row| candidate(row, usual)).collect()
        })
        .await
    }
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
        capacity: users::capacity(row)?.unwrap_or(usual),
        assigned_at: at(row, "assigned_at")?,
    })
}
