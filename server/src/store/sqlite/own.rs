//! A user's own log: what they are told, numbered without gaps, kept for the last [`KEPT`] events.

use async_trait::async_trait;
use shared::directory::OwnEvent;
use shared::ids::UserId;

use super::SqliteStore;
use super::rows::{id, ids_argument, int, json};
use super::runner::{Inline, Rows};
use super::statement::{Connection, sql};
use crate::store::rows::NotificationRows;
use crate::store::{Change, StoreError, Stored};

/// How many events of a user are kept. Who was away for longer begins anew.
const KEPT: i64 = 500;

const NEXT: &str = "UPDATE users SET own_seq = own_seq + 1 WHERE id = $1 RETURNING own_seq";
const ADD: &str = "INSERT INTO own_log (user_id, seq, event) VALUES ($1, $2, $3)";
const PRUNE: &str = "DELETE FROM own_log WHERE user_id = $1 AND seq <= $2";
const HEAD: &str = "SELECT own_seq FROM users WHERE id = $1";
const HEADS: &str = "SELECT id, own_seq FROM users WHERE id IN (SELECT value FROM json_each($1))";
const AFTER: &str =
    "SELECT seq, event FROM own_log WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";

#[async_trait]
impl NotificationRows for Rows<Inline<'_>> {
    async fn notification_append(
        &mut self,
        user: &UserId,
        event: &OwnEvent,
        kept: i64,
    ) -> Stored<i64> {
        insert(self.connection(), user, event, kept)
    }
}

/// Tells a user something.
pub(super) fn append(
    connection: &Connection,
    user: &UserId,
    event: OwnEvent,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let seq = insert(connection, user, &event, KEPT)?;
    changes.push(Change::Own {
        user: user.clone(),
        seq,
        event,
    });
    Ok(())
}

fn insert(connection: &Connection, user: &UserId, event: &OwnEvent, kept: i64) -> Stored<i64> {
    let row = sql(NEXT)
        .bind(user.as_str())
        .fetch_optional(connection)?
        .ok_or(StoreError::NotFound)?;
    let seq = int(&row, "own_seq")?;
    sql(ADD)
        .bind(user.as_str())
        .bind(seq)
        .bind(serde_json::to_string(event)?)
        .execute(connection)?;
    if seq > kept {
        sql(PRUNE)
            .bind(user.as_str())
            .bind(seq - kept)
            .execute(connection)?;
    }
    Ok(seq)
}

fn head(connection: &Connection, user: &UserId) -> Stored<i64> {
    let row = sql(HEAD)
        .bind(user.as_str())
        .fetch_optional(connection)?
        .ok_or(StoreError::NotFound)?;
    int(&row, "own_seq")
}

/// See the trait.
pub(super) async fn own_head(store: &SqliteStore, user: &UserId) -> Stored<i64> {
    store.look(|connection| head(connection, user))
}

/// See the trait.
pub(super) async fn own_heads(store: &SqliteStore, users: &[UserId]) -> Stored<Vec<(UserId, i64)>> {
    let users = ids_argument(users);
    store
        .read(move |connection| {
            let rows = sql(HEADS).bind(users).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "id")?, int(row, "own_seq")?)))
                .collect()
        })
        .await
}

/// See the trait.
pub(super) async fn own_changes(
    store: &SqliteStore,
    user: &UserId,
    after: i64,
    limit: i64,
) -> Stored<Option<Vec<(i64, OwnEvent)>>> {
    let user = user.clone();
    store
        .read(move |connection| changes_after(connection, user, after, limit))
        .await
}

fn changes_after(
    connection: &Connection,
    user: UserId,
    after: i64,
    limit: i64,
) -> Stored<Option<Vec<(i64, OwnEvent)>>> {
    let missed = head(connection, &user)? - after;
    if missed < 0 || missed > limit.min(KEPT) {
        return Ok(None);
    }
    let rows = sql(AFTER)
        .bind(user.as_str())
        .bind(after)
        .bind(missed)
        .fetch_all(connection)?;
    let events = rows
        .iter()
        .map(|row| Ok((int(row, "seq")?, json(row, "event")?)))
        .collect::<Stored<Vec<_>>>()?;
    Ok((events.len() as i64 == missed).then_some(events))
}
