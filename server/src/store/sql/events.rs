//! Rows of events that are on their way to receivers of webhooks.

use async_trait::async_trait;
use shared::ids::{ReceiverId, RequestId, TeamId, WorkitemId};
use shared::time::Timestamp;
use shared::webhooks::{EventFailure, EventKind, EventState};

use super::requests;
use super::rows::{
    at, at_maybe, code, flag, id, int, int_maybe, known_code, known_json, text, text_maybe,
};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, sql};
use crate::store::rows::{
    EventFacts, EventReads, EventRow, EventRows, EventTries, ListedRequest, NewEvent,
};
use crate::store::{StoreError, Stored};

macro_rules! select_events {
    ($tail:literal) => {
        concat!(
            "SELECT e.number, e.id, e.receiver_id, e.kind, e.facts, e.sequence, e.at, e.state, e.attempts, e.tried_at,
                e.status, e.reason
             FROM webhook_events e ",
            $tail
        )
    };
}
const EVENT_INSERT: &str = "INSERT INTO webhook_events (id, receiver_id, kind, facts, sequence, at) VALUES ($1, $2, $3, $4, $5, $6)";
const EVENT_FIND: &str = select_events!("WHERE e.id = $1");
const EVENT_THERE: &str = "SELECT EXISTS (SELECT 1 FROM webhook_events e WHERE e.id = $1) AS there";
const EVENTS_BEFORE: &str =
    select_events!("WHERE e.receiver_id = $1 AND e.number < $2 ORDER BY e.number DESC LIMIT $3");
const EVENTS_FAILED: &str = select_events!(
    "WHERE e.receiver_id = $1 AND e.state = 'failed' AND e.at >= $2 ORDER BY e.at LIMIT $3"
);
const EVENT_SET: &str =
    "UPDATE webhook_events SET state = $2, attempts = $3, tried_at = $4, status = $5, reason = $6
    WHERE id = $1";
const NEXT_EVENT: &str = "UPDATE workitems SET events = events + 1 WHERE id = $1 RETURNING events";
const ERASED: &str = "SELECT w.erased_at IS NOT NULL AS erased FROM workitems w WHERE w.id = $1";

const TEAM_OF_WORKITEM: &str = "SELECT w.team_id FROM workitems w WHERE w.id = $1";
const TEAMS_OF_REQUEST: &str =
    "SELECT w.team_id FROM requests r JOIN workitems w ON w.id = r.workitem_id WHERE r.id = $1
    UNION ALL
    SELECT m.team_id FROM requests r JOIN team_members m ON m.user_id = r.agent_id
    WHERE r.id = $1 AND r.workitem_id IS NULL";

const OLD: &str = "SELECT e.id FROM webhook_events e WHERE e.at < $1 ORDER BY e.at LIMIT $2";
const ORPHANS: &str =
    "SELECT e.id FROM webhook_receivers r CROSS JOIN webhook_events e ON e.receiver_id = r.id
    WHERE r.deleted_at IS NOT NULL LIMIT $1";
/// The job first: nothing waits without one.
const GONE: [&str; 2] = [
    "DELETE FROM jobs WHERE about = $1",
    "DELETE FROM webhook_events WHERE id = $1",
];
const RECEIVERS_GONE: &str = "DELETE FROM webhook_receivers WHERE deleted_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM webhook_events e WHERE e.receiver_id = webhook_receivers.id)";
const KEYS_EXPIRED: &str = "DELETE FROM webhook_secrets WHERE expires_at <= $1";

/// An event; nothing for one that only a later release knows: nodes of that release deliver it.
fn read_event(row: &Row) -> Stored<Option<EventRow>> {
    let kind = known_code(row, "kind", EventKind::from_code)?;
    let Some((kind, facts)) = kind.zip(known_json(row, "facts")?) else {
        return Ok(None);
    };
    let failure = text_maybe(row, "reason")?;
    Ok(Some(EventRow {
        number: int(row, "number")?,
        id: text(row, "id")?,
        receiver: id(row, "receiver_id")?,
        kind,
        facts,
        sequence: int_maybe(row, "sequence")?,
        at: at(row, "at")?,
        state: code(row, "state", EventState::from_code)?,
        tries: EventTries {
            attempts: int(row, "attempts")?,
            tried_at: at_maybe(row, "tried_at")?,
            status: int_maybe(row, "status")?,
            failure: failure.and_then(|reason| EventFailure::from_code(&reason)),
        },
    }))
}

#[async_trait]
impl<R: Runner> EventReads for Rows<R> {
    async fn event_find(&mut self, event: &str) -> Stored<Option<EventRow>> {
        self.quick(|connection| {
            let row = sql(EVENT_FIND).bind(event).fetch_optional(connection)?;
            let found = row.as_ref().map(read_event).transpose()?;
            Ok(found.flatten())
        })
    }

    async fn event_is_there(&mut self, event: &str) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(EVENT_THERE).bind(event).fetch_one(connection)?;
            flag(&row, "there")
        })
    }

    async fn events_before(
        &mut self,
        receiver: &ReceiverId,
        before: i64,
        limit: i64,
    ) -> Stored<Vec<EventRow>> {
        self.quick(|connection| {
            let (mut events, mut before) = (Vec::new(), before);
            loop {
                let rows = sql(EVENTS_BEFORE).bind(receiver.as_str()).bind(before);
                let rows = rows.bind(limit).fetch_all(connection)?;
                for row in &rows {
                    before = int(row, "number")?;
                    events.extend(read_event(row)?);
                }
                // What is not known makes no page shorter: a short one is the last.
                let wanted = usize::try_from(limit).unwrap_or_default();
                if rows.len() < wanted || events.len() >= wanted {
                    events.truncate(wanted);
                    return Ok(events);
                }
            }
        })
    }

    async fn event_teams(&mut self, facts: &EventFacts) -> Stored<Vec<TeamId>> {
        let (query, about) = match (facts, facts.workitem()) {
            (EventFacts::Request { request }, _) => (TEAMS_OF_REQUEST, request.as_str()),
            (_, Some(workitem)) => (TEAM_OF_WORKITEM, workitem.as_str()),
            (_, None) => return Ok(Vec::new()),
        };
        self.quick(|connection| {
            let rows = sql(query).bind(about).fetch_all(connection)?;
            rows.iter().map(|row| id(row, "team_id")).collect()
        })
    }

    async fn workitem_erased(&mut self, workitem: &WorkitemId) -> Stored<Option<bool>> {
        self.quick(|connection| {
            let row = sql(ERASED).bind(workitem.as_str());
            let row = row.fetch_optional(connection)?;
            row.map(|row| flag(&row, "erased")).transpose()
        })
    }

    async fn request_listed(&mut self, request: &RequestId) -> Stored<Option<ListedRequest>> {
        self.quick(|connection| requests::one_listed(connection, request))
    }
}

#[async_trait]
impl EventRows for Rows<Inline<'_>> {
    async fn event_insert(&mut self, event: &NewEvent<'_>) -> Stored<()> {
        sql(EVENT_INSERT)
            .bind(event.id)
            .bind(event.receiver.as_str())
            .bind(event.kind.code())
            .bind(serde_json::to_string(event.facts)?)
            .bind(event.sequence)
            .bind(event.at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn event_set(
        &mut self,
        event: &str,
        state: EventState,
        tries: &EventTries,
    ) -> Stored<()> {
        sql(EVENT_SET)
            .bind(event)
            .bind(state.code())
            .bind(tries.attempts)
            .bind(tries.tried_at.map(|at| at.0))
            .bind(tries.status)
            .bind(tries.failure.map(EventFailure::code))
            .execute(self.connection())?;
        Ok(())
    }

    async fn events_failed(
        &mut self,
        receiver: &ReceiverId,
        since: Timestamp,
        limit: i64,
    ) -> Stored<Vec<EventRow>> {
        let rows = sql(EVENTS_FAILED).bind(receiver.as_str()).bind(since.0);
        let rows = rows.bind(limit).fetch_all(self.connection())?;
        let known = rows.iter().filter_map(|row| read_event(row).transpose());
        known.collect()
    }

    async fn workitem_next_event(&mut self, workitem: &WorkitemId) -> Stored<i64> {
        let row = sql(NEXT_EVENT).bind(workitem.as_str());
        let row = row.fetch_optional(self.connection())?;
        int(&row.ok_or(StoreError::NotFound)?, "events")
    }

    async fn events_prune(&mut self, before: Timestamp, now: Timestamp, limit: i64) -> Stored<i64> {
        let connection = self.connection();
        let mut gone = sql(OLD).bind(before.0).bind(limit).fetch_all(connection)?;
        if gone.is_empty() {
            gone = sql(ORPHANS).bind(limit).fetch_all(connection)?;
        }
        for row in &gone {
            let event = text(row, "id")?;
            for statement in GONE {
                sql(statement).bind(event.as_str()).execute(connection)?;
            }
        }
        if gone.is_empty() {
            remains_delete(connection, now)?;
        }
        Ok(i64::try_from(gone.len()).unwrap_or(i64::MAX))
    }
}

/// What is left of deleted receivers, and keys that have expired.
fn remains_delete(connection: &Connection, now: Timestamp) -> Stored<()> {
    sql(RECEIVERS_GONE).execute(connection)?;
    sql(KEYS_EXPIRED).bind(now.0).execute(connection)?;
    Ok(())
}
