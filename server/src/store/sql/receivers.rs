//! Rows of receivers of webhooks, and of their sealed addresses and keys. The column `created_by` keeps its first name: it says on whom
//! a receiver rests.

use async_trait::async_trait;
use shared::ids::{ReceiverId, TeamId, UserId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::webhooks::{EventKind, OffReason};

use super::names::shown_name;
use super::rows::{at, at_maybe, blob, code, codes, flag, id, int, json, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, sql};
use crate::store::Stored;
use crate::store::rows::{
    ReceiverHealth, ReceiverReads, ReceiverRow, ReceiverRows, ReceiverSecret,
};

macro_rules! select_receivers {
    ($tail:literal) => {
        concat!(
            "SELECT r.id, r.name, r.place, r.events, r.teams, r.active, r.version, r.created_by, ",
            shown_name!("u"),
            " AS created_by_name, r.created_at, r.succeeded_at, r.failing_since, r.failures, r.paused_until,
                r.off_reason, r.off_at
             FROM webhook_receivers r JOIN users u ON u.id = r.created_by WHERE r.deleted_at IS NULL ",
            $tail
        )
    };
}
/// Asked by every command that has something to report, so it is quick: mostly there is no receiver, and then it reads one
/// empty page. A code stands in the list between quotes, and no code holds any.
const WANTING: &str =
    "SELECT r.id, r.teams FROM webhook_receivers r WHERE r.active = 1 AND r.deleted_at IS NULL
    AND instr(r.events, '\"' || $1 || '\"') > 0 ORDER BY r.id";
const FIND: &str = select_receivers!("AND r.id = $1");
const LIST: &str = select_receivers!("ORDER BY r.name, r.id");
const INSERT: &str = "INSERT INTO webhook_receivers (id, name, place, events, active, version, created_by, created_at, teams)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const UPDATE: &str =
    "UPDATE webhook_receivers SET name = $2, place = $3, events = $4, version = $5, teams = $6
    WHERE id = $1";
const REST_ON: &str = "UPDATE webhook_receivers SET created_by = $2 WHERE id = $1";
const SET_ACTIVE: &str =
    "UPDATE webhook_receivers SET active = $2, off_reason = $3, off_at = $4 WHERE id = $1";
const SET_HEALTH: &str =
    "UPDATE webhook_receivers SET succeeded_at = $2, failing_since = $3, failures = $4,
    paused_until = $5 WHERE id = $1";
const EVENTS_OF: &str = "SELECT events FROM webhook_receivers WHERE id = $1";
const DELETE: &str =
    "UPDATE webhook_receivers SET deleted_at = $2, active = 0, name = '', place = '', events = '[]', teams = NULL
    WHERE id = $1";
const SECRETS_OF: &str = "SELECT receiver_id, name, key_id, sealed, expires_at FROM webhook_secrets
    WHERE receiver_id = $1 ORDER BY expires_at IS NOT NULL, name";
const SECRETS: &str = "SELECT receiver_id, name, key_id, sealed, expires_at FROM webhook_secrets
    ORDER BY receiver_id, name";
const SECRET_SET: &str =
    "INSERT INTO webhook_secrets (receiver_id, name, key_id, sealed, expires_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (receiver_id, name) DO UPDATE SET key_id = $3, sealed = $4, expires_at = $5";
const SECRETS_DELETE: &str = "DELETE FROM webhook_secrets WHERE receiver_id = $1";
const KEYS_OLD: &str =
    "DELETE FROM webhook_secrets WHERE receiver_id = $1 AND expires_at IS NOT NULL";
const KEYS_EXPIRE: &str =
    "UPDATE webhook_secrets SET expires_at = $2 WHERE receiver_id = $1 AND name <> 'url'";
/// The first job of each receiver that is first in its lane as well.
const DUE: &str = "SELECT r.id, MAX(r.paused_until, j.run_after) AS due FROM webhook_receivers r
    JOIN jobs j ON j.id = (SELECT f.id FROM jobs f WHERE f.kind = 'webhook_deliver' AND f.queue = r.id
        AND NOT EXISTS (SELECT 1 FROM jobs ahead WHERE ahead.lane = f.lane AND ahead.id < f.id)
        ORDER BY f.run_after, f.id LIMIT 1)
    WHERE r.active = 1";

fn read(row: &Row) -> Stored<ReceiverRow> {
    let off = match text_maybe(row, "off_reason")? {
        Some(_) => Some((
            code(row, "off_reason", OffReason::from_code)?,
            at(row, "off_at")?,
        )),
        None => None,
    };
    Ok(ReceiverRow {
        id: id(row, "id")?,
        name: text(row, "name")?,
        place: text(row, "place")?,
        events: codes(row, "events", EventKind::from_code)?,
        teams: teams(row)?,
        active: flag(row, "active")?,
        version: int(row, "version")?,
        rests_on: PersonRef {
            id: id(row, "created_by")?,
            name: text(row, "created_by_name")?,
        },
        created_at: at(row, "created_at")?,
        health: ReceiverHealth {
            succeeded_at: at_maybe(row, "succeeded_at")?,
            failing_since: at_maybe(row, "failing_since")?,
            failures: int(row, "failures")?,
            paused_until: at(row, "paused_until")?,
            off,
        },
    })
}

fn read_secret(row: &Row) -> Stored<ReceiverSecret> {
    Ok(ReceiverSecret {
        receiver: id(row, "receiver_id")?,
        name: text(row, "name")?,
        key_id: text(row, "key_id")?,
        sealed: blob(row, "sealed")?,
        expires_at: at_maybe(row, "expires_at")?,
    })
}

fn teams(row: &Row) -> Stored<Option<Vec<TeamId>>> {
    let teams = text_maybe(row, "teams")?;
    Ok(teams
        .map(|teams| serde_json::from_str(&teams))
        .transpose()?)
}

fn team_list(receiver: &ReceiverRow) -> Stored<Option<String>> {
    let teams = receiver.teams.as_ref();
    Ok(teams.map(serde_json::to_string).transpose()?)
}

/// As they are stored: what is chosen here, and what was chosen in a later release.
fn event_codes(events: &[EventKind], later: &[String]) -> Stored<String> {
    let chosen = events.iter().map(|kind| kind.code());
    let codes: Vec<&str> = chosen.chain(later.iter().map(String::as_str)).collect();
    Ok(serde_json::to_string(&codes)?)
}

/// The events of a receiver that only a later release knows. Who edits it here sees none of them, so they stay.
fn later_events(connection: &Connection, receiver: &ReceiverId) -> Stored<Vec<String>> {
    let row = sql(EVENTS_OF).bind(receiver.as_str());
    let Some(row) = row.fetch_optional(connection)? else {
        return Ok(Vec::new());
    };
    let mut events: Vec<String> = json(&row, "events")?;
    events.retain(|code| EventKind::from_code(code).is_none());
    Ok(events)
}

#[async_trait]
impl<R: Runner> ReceiverReads for Rows<R> {
    async fn receivers_wanting(
        &mut self,
        kind: EventKind,
    ) -> Stored<Vec<(ReceiverId, Option<Vec<TeamId>>)>> {
        self.quick(|connection| {
            let rows = sql(WANTING).bind(kind.code()).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "id")?, teams(row)?)))
                .collect()
        })
    }

    async fn receiver_find(&mut self, receiver: &ReceiverId) -> Stored<Option<ReceiverRow>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(receiver.as_str());
            let row = row.fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn receiver_list(&mut self) -> Stored<Vec<ReceiverRow>> {
        self.quick(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
    }

    async fn receiver_secrets_of(&mut self, receiver: &ReceiverId) -> Stored<Vec<ReceiverSecret>> {
        self.quick(|connection| {
            let rows = sql(SECRETS_OF).bind(receiver.as_str());
            rows.fetch_all(connection)?
                .iter()
                .map(read_secret)
                .collect()
        })
    }

    async fn receiver_secrets_list(&mut self) -> Stored<Vec<ReceiverSecret>> {
        self.quick(|connection| {
            let rows = sql(SECRETS).fetch_all(connection)?;
            rows.iter().map(read_secret).collect()
        })
    }

    async fn receivers_due(&mut self) -> Stored<Vec<(ReceiverId, Timestamp)>> {
        self.quick(|connection| {
            let rows = sql(DUE).fetch_all(connection)?;
            let due = rows.iter().map(|row| Ok((id(row, "id")?, at(row, "due")?)));
            let mut due = due.collect::<Stored<Vec<(ReceiverId, Timestamp)>>>()?;
            due.sort();
            Ok(due)
        })
    }
}

#[async_trait]
impl ReceiverRows for Rows<Inline<'_>> {
    async fn receiver_insert(&mut self, receiver: &ReceiverRow) -> Stored<()> {
        sql(INSERT)
            .bind(receiver.id.as_str())
            .bind(receiver.name.as_str())
            .bind(receiver.place.as_str())
            .bind(event_codes(&receiver.events, &[])?)
            .bind(i64::from(receiver.active))
            .bind(receiver.version)
            .bind(receiver.rests_on.id.as_str())
            .bind(receiver.created_at.0)
            .bind(team_list(receiver)?)
            .execute(self.connection())?;
        Ok(())
    }

    async fn receiver_update(&mut self, receiver: &ReceiverRow) -> Stored<()> {
        let connection = self.connection();
        let later = later_events(connection, &receiver.id)?;
        sql(UPDATE)
            .bind(receiver.id.as_str())
            .bind(receiver.name.as_str())
            .bind(receiver.place.as_str())
            .bind(event_codes(&receiver.events, &later)?)
            .bind(receiver.version)
            .bind(team_list(receiver)?)
            .execute(connection)?;
        Ok(())
    }

    async fn receiver_rest_on(&mut self, receiver: &ReceiverId, user: &UserId) -> Stored<()> {
        sql(REST_ON)
            .bind(receiver.as_str())
            .bind(user.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn receiver_set_active(
        &mut self,
        receiver: &ReceiverId,
        active: bool,
        off: Option<(OffReason, Timestamp)>,
    ) -> Stored<()> {
        sql(SET_ACTIVE)
            .bind(receiver.as_str())
            .bind(i64::from(active))
            .bind(off.map(|(reason, _)| reason.code()))
            .bind(off.map(|(_, at)| at.0))
            .execute(self.connection())?;
        Ok(())
    }

    async fn receiver_set_health(
        &mut self,
        receiver: &ReceiverId,
        health: &ReceiverHealth,
    ) -> Stored<()> {
        sql(SET_HEALTH)
            .bind(receiver.as_str())
            .bind(health.succeeded_at.map(|at| at.0))
            .bind(health.failing_since.map(|at| at.0))
            .bind(health.failures)
            .bind(health.paused_until.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn receiver_delete(&mut self, receiver: &ReceiverId, at: Timestamp) -> Stored<()> {
        let (connection, receiver) = (self.connection(), receiver.as_str());
        sql(SECRETS_DELETE).bind(receiver).execute(connection)?;
        sql(DELETE).bind(receiver).bind(at.0).execute(connection)?;
        Ok(())
    }

    async fn receiver_secret_set(&mut self, secret: &ReceiverSecret) -> Stored<()> {
        let connection = self.connection();
        sql(SECRET_SET)
            .bind(secret.receiver.as_str())
            .bind(secret.name.as_str())
            .bind(secret.key_id.as_str())
            .bind(secret.sealed.as_slice())
            .bind(secret.expires_at.map(|at| at.0))
            .execute(connection)?;
        Ok(())
    }

    async fn receiver_keys_expire(&mut self, receiver: &ReceiverId, at: Timestamp) -> Stored<()> {
        let (connection, receiver) = (self.connection(), receiver.as_str());
        sql(KEYS_OLD).bind(receiver).execute(connection)?;
        sql(KEYS_EXPIRE)
            .bind(receiver)
            .bind(at.0)
            .execute(connection)?;
        Ok(())
    }
}
