//! Pop-ups that a user dismissed.

use async_trait::async_trait;
use shared::ids::{DirectoryMessageId, UserId};
use shared::time::Timestamp;

use super::rows::id_maybe;
use super::runner::{Inline, Rows, Runner};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{DismissalReads, DismissalRows, ReceivedMessage};

const MESSAGE_TO: &str = "SELECT request_id FROM directory_messages
    WHERE id = $1 AND from_id <> $2 AND $2 IN (low, high)";
const DISMISS: &str = "INSERT INTO dismissals (user_id, message_id, at) VALUES ($1, $2, $3)
    ON CONFLICT (user_id, message_id) DO NOTHING";

#[async_trait]
impl<R: Runner> DismissalReads for Rows<R> {
    async fn message_received(
        &mut self,
        user: &UserId,
        message: &DirectoryMessageId,
    ) -> Stored<Option<ReceivedMessage>> {
        self.quick(|connection| {
            let row = sql(MESSAGE_TO)
                .bind(message.as_str())
                .bind(user.as_str())
                .fetch_optional(connection)?;
            row.map(|row| {
                Ok(ReceivedMessage {
                    request: id_maybe(&row, "request_id")?,
                })
            })
            .transpose()
        })
    }
}

#[async_trait]
impl DismissalRows for Rows<Inline<'_>> {
    async fn dismissal_insert(
        &mut self,
        user: &UserId,
        message: &DirectoryMessageId,
        at: Timestamp,
    ) -> Stored<bool> {
        let inserted = sql(DISMISS)
            .bind(user.as_str())
            .bind(message.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(inserted > 0)
    }
}
