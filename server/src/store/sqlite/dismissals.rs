//! Pop-ups that were sent away: dismissed is dismissed, in every window and after a reload.

use shared::directory::OwnEvent;
use shared::ids::{DirectoryMessageId, UserId};
use shared::policy::Action;
use shared::time::Timestamp;

use super::rows::{text_maybe, unchanged};
use super::statement::sql;
use super::{SqliteStore, own, rights};
use crate::store::{Change, Stored, Written};

const MESSAGE_TO: &str = "SELECT request_id FROM directory_messages
    WHERE id = $1 AND from_id <> $2 AND $2 IN (low, high)";
const DISMISS: &str = "INSERT INTO dismissals (user_id, message_id, at) VALUES ($1, $2, $3)
    ON CONFLICT (user_id, message_id) DO NOTHING";

/// See the trait. Only raised hands come back by themselves, so only their dismissals are kept.
pub(super) async fn message_dismiss(
    store: &SqliteStore,
    user: &UserId,
    message: &DirectoryMessageId,
    at: Timestamp,
) -> Stored<Written<()>> {
    let (user, message) = (user.clone(), message.clone());
    store
        .write(move |connection| {
            rights::ask(connection, &user, Action::DirectoryUse)?;
            let row = sql(MESSAGE_TO)
                .bind(message.as_str())
                .bind(user.as_str())
                .fetch_optional(connection)?;
            let Some(row) = row else {
                return Ok(unchanged(()));
            };
            if text_maybe(&row, "request_id")?.is_some() {
                let kept = sql(DISMISS)
                    .bind(user.as_str())
                    .bind(message.as_str())
                    .bind(at.0)
                    .execute(connection)?;
                if kept == 0 {
                    return Ok(unchanged(()));
                }
            }
            let mut changes: Vec<Change> = Vec::new();
            let event = OwnEvent::Dismissed { message };
            own::append(connection, &user, event, &mut changes)?;
            Ok(Written { value: (), changes })
        })
        .await
}
