//! The log of a user's notifications, numbered without gaps. Its table `own_log` and the column `users.own_seq` keep their
//! first names.

use async_trait::async_trait;
use shared::directory::Notification;
use shared::ids::{UserId, WorkitemId};

use super::rows::{id, ids_argument, int, known_json};
use super::runner::{Inline, Rows, Runner};
use super::statement::sql;
use crate::store::rows::{NotificationReads, NotificationRows};
use crate::store::{StoreError, Stored};

/// What puts $2 in place of the titles and customers in some notifications.
macro_rules! notifications_without_words {
    ($which:literal) => {
        concat!(
            "UPDATE own_log SET workitem_id = NULL, event = json_replace(event,
                '$.WorkAssigned.subject', $2, '$.WorkTaken.subject', $2, '$.MonitoringStarted.subject', $2,
                '$.MonitoringEnded.subject', $2, '$.Message.request.workitem[1]', $2,
                '$.RequestReturned.message.request.workitem[1]', $2,
                '$.WorkAssigned.customer', $2, '$.WorkTaken.customer', $2, '$.MonitoringStarted.customer', $2,
                '$.MonitoringEnded.customer', $2) ",
            $which
        )
    };
}
pub(super) use notifications_without_words;

const NEXT: &str = "UPDATE users SET own_seq = own_seq + 1 WHERE id = $1 RETURNING own_seq";
const ADD: &str = "INSERT INTO own_log (user_id, seq, event, workitem_id) VALUES ($1, $2, $3, $4)";
const PRUNE: &str = "DELETE FROM own_log WHERE user_id = $1 AND seq <= $2";
const HEAD: &str = "SELECT own_seq FROM users WHERE id = $1";
const HEADS: &str = "SELECT id, own_seq FROM users WHERE id IN (SELECT value FROM json_each($1))";
const AFTER: &str =
    "SELECT seq, event FROM own_log WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";

#[async_trait]
impl<R: Runner> NotificationReads for Rows<R> {
    async fn notification_head(&mut self, user: &UserId) -> Stored<i64> {
        self.quick(|connection| {
            let row = sql(HEAD)
                .bind(user.as_str())
                .fetch_optional(connection)?
                .ok_or(StoreError::NotFound)?;
            int(&row, "own_seq")
        })
    }

    async fn notification_heads(&mut self, users: &[UserId]) -> Stored<Vec<(UserId, i64)>> {
        let users = ids_argument(users);
        self.slow(move |connection| {
            let rows = sql(HEADS).bind(users).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "id")?, int(row, "own_seq")?)))
                .collect()
        })
        .await
    }

    async fn notifications_after(
        &mut self,
        user: &UserId,
        after: i64,
        limit: i64,
    ) -> Stored<Vec<(i64, Notification)>> {
        let user = user.clone();
        self.slow(move |connection| {
            let rows = sql(AFTER)
                .bind(user.as_str())
                .bind(after)
                .bind(limit)
                .fetch_all(connection)?;
            rows.iter()
                .map(|row| {
                    let known = known_json(row, "event")?;
                    Ok((int(row, "seq")?, known.unwrap_or(Notification::Later)))
                })
                .collect()
        })
        .await
    }
}

#[async_trait]
impl NotificationRows for Rows<Inline<'_>> {
    async fn notification_append(
        &mut self,
        user: &UserId,
        event: &Notification,
        kept: i64,
    ) -> Stored<i64> {
        let connection = self.connection();
        let row = sql(NEXT)
            .bind(user.as_str())
            .fetch_optional(connection)?
            .ok_or(StoreError::NotFound)?;
        let seq = int(&row, "own_seq")?;
        sql(ADD)
            .bind(user.as_str())
            .bind(seq)
            .bind(serde_json::to_string(event)?)
            .bind(event.workitem().map(WorkitemId::as_str))
            .execute(connection)?;
        if seq > kept {
            sql(PRUNE)
                .bind(user.as_str())
                .bind(seq - kept)
                .execute(connection)?;
        }
        Ok(seq)
    }
}
