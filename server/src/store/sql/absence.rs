//! Rows of absences: since when people are without a live connection, and the work that waits for them.

use async_trait::async_trait;
use shared::ids::{RequestId, UserId, WorkitemId};
use shared::time::Timestamp;

use super::rows::{at, at_maybe, flag, id, ids_argument, int};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, sql};
use crate::store::Stored;
use crate::store::rows::{AbsenceReads, AbsenceRows, PresenceTimes};

const SET: &str = "UPDATE users SET absent_since = $2, absent_signed_out = $3, present_since = $4
    WHERE id = $1";
const TIMES: &str = "SELECT u.id, u.presence_at, u.present_since
    FROM users u WHERE u.active = 1 ORDER BY u.name_key, u.id";
const SET_AGENTS: &str = "UPDATE users SET absent_since = $1
    WHERE active = 1 AND absent_since IS NULL
        AND id IN (SELECT user_id FROM user_roles WHERE role = 'agent')
        AND NOT EXISTS (SELECT 1 FROM node_presences n WHERE n.user_id = users.id)
        AND (assigned_at > 0 OR EXISTS (SELECT 1 FROM sessions WHERE sessions.user_id = users.id))";
/// (The comparison with '' lets the index of claims find them, here and below.)
const SET_CLAIMERS: &str = "UPDATE users SET absent_since = $1
    WHERE active = 1 AND absent_since IS NULL
        AND id IN (SELECT claimed_by FROM requests WHERE claimed_by > '' AND answered_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM node_presences n WHERE n.user_id = users.id)
        AND EXISTS (SELECT 1 FROM sessions WHERE sessions.user_id = users.id)";
const CLAIMS_LOST: &str =
    "SELECT r.id, r.claimed_by FROM requests r CROSS JOIN users u ON u.id = r.claimed_by
    WHERE r.claimed_by > '' AND r.answered_at IS NULL AND u.absent_since IS NOT NULL
        AND (u.absent_since <= $1 AND r.claimed_at <= $1
            OR u.absent_signed_out = 1 AND NOT EXISTS (SELECT 1 FROM sessions s
                WHERE s.user_id = u.id AND s.created_at > u.absent_since))
    ORDER BY r.at, r.id";
const ABSENT: &str = "SELECT id, absent_since, absent_signed_out FROM users
    WHERE absent_since IS NOT NULL AND active = 1
        AND id IN (SELECT user_id FROM user_roles WHERE role = 'agent')";
const LOST: &str = "SELECT id, agent_id FROM workitems
    WHERE agent_id IN (SELECT value FROM json_each($1)) AND state IN ('active', 'wrap_up') AND given_at <= $2
        AND (state = 'active' AND channel IN ('chat', 'social', 'sms') AND waiting_since IS NOT NULL
            OR state = 'wrap_up' AND NOT EXISTS (SELECT 1 FROM entries e
                WHERE e.workitem_id = workitems.id AND e.at > $2))
    ORDER BY waiting_since, id";
const GIVEN_AFTER: &str = "SELECT id, agent_id FROM workitems
    WHERE agent_id IN (SELECT value FROM json_each($1)) AND state = 'active' AND given_at > $2
    ORDER BY started_at, id";
const GIVEN_AT: &str = "SELECT given_at FROM workitems WHERE id = $1";
const ANSWERED: &str = "SELECT COUNT(*) AS count FROM entries
    WHERE workitem_id = $1 AND author_id = $2 AND kind = 'agent' AND at >= $3";

#[async_trait]
impl<R: Runner> AbsenceReads for Rows<R> {
    async fn workitems_lost_of(
        &mut self,
        agents: &[UserId],
        until: Timestamp,
    ) -> Stored<Vec<(WorkitemId, UserId)>> {
        let agents = ids_argument(agents);
        self.slow(move |connection| list(connection, LOST, agents, until))
            .await
    }

    async fn workitems_given_after(
        &mut self,
        agents: &[UserId],
        given_after: Timestamp,
    ) -> Stored<Vec<(WorkitemId, UserId)>> {
        let agents = ids_argument(agents);
        self.slow(move |connection| list(connection, GIVEN_AFTER, agents, given_after))
            .await
    }

    async fn workitem_given_at(&mut self, workitem: &WorkitemId) -> Stored<Timestamp> {
        self.quick(|connection| {
            let row = sql(GIVEN_AT)
                .bind(workitem.as_str())
                .fetch_one(connection)?;
            at(&row, "given_at")
        })
    }

    async fn claims_lost(&mut self, lost_until: Timestamp) -> Stored<Vec<(RequestId, UserId)>> {
        self.quick(|connection| {
            let rows = sql(CLAIMS_LOST).bind(lost_until.0).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "id")?, id(row, "claimed_by")?)))
                .collect()
        })
    }

    async fn agents_absent(&mut self) -> Stored<Vec<(UserId, Timestamp, bool)>> {
        self.slow(|connection| {
            let rows = sql(ABSENT).fetch_all(connection)?;
            let absence = |row| {
                let signed_out = flag(row, "absent_signed_out")?;
                Ok((id(row, "id")?, at(row, "absent_since")?, signed_out))
            };
            rows.iter().map(absence).collect()
        })
        .await
    }

    async fn presence_times(&mut self) -> Stored<Vec<PresenceTimes>> {
        self.slow(|connection| {
            let rows = sql(TIMES).fetch_all(connection)?;
            let times = |row| {
                Ok(PresenceTimes {
                    user: id(row, "id")?,
                    chosen: at_maybe(row, "presence_at")?,
                    present: at_maybe(row, "present_since")?,
                })
            };
            rows.iter().map(times).collect()
        })
        .await
    }

    async fn agent_answer_count(
        &mut self,
        workitem: &WorkitemId,
        agent: &UserId,
        since: Timestamp,
    ) -> Stored<i64> {
        self.quick(|connection| {
            let row = sql(ANSWERED)
                .bind(workitem.as_str())
                .bind(agent.as_str())
                .bind(since.0)
                .fetch_one(connection)?;
            int(&row, "count")
        })
    }
}

#[async_trait]
impl AbsenceRows for Rows<Inline<'_>> {
    async fn user_set_absent(
        &mut self,
        user: &UserId,
        since: Option<(Timestamp, bool)>,
        present: Option<Timestamp>,
    ) -> Stored<()> {
        sql(SET)
            .bind(user.as_str())
            .bind(since.map(|(since, _)| since.0))
            .bind(i64::from(since.is_some_and(|(_, signed_out)| signed_out)))
            .bind(present.map(|present| present.0))
            .execute(self.connection())?;
        Ok(())
    }

    async fn absences_set(&mut self, since: Timestamp) -> Stored<()> {
        for statement in [SET_AGENTS, SET_CLAIMERS] {
            sql(statement).bind(since.0).execute(self.connection())?;
        }
        Ok(())
    }
}

/// Work of these agents, with who has it.
fn list(
    connection: &Connection,
    statement: &'static str,
    agents: String,
    given: Timestamp,
) -> Stored<Vec<(WorkitemId, UserId)>> {
    let rows = sql(statement)
        .bind(agents)
        .bind(given.0)
        .fetch_all(connection)?;
    rows.iter()
        .map(|row| Ok((id(row, "id")?, id(row, "agent_id")?)))
        .collect()
}
