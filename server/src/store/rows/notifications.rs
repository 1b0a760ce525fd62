//! The log of each user: what they are notified of, numbered without gaps.

use async_trait::async_trait;
use shared::directory::OwnEvent;
use shared::ids::UserId;

use crate::store::Stored;

/// Writes of notification logs.
#[async_trait]
pub trait NotificationRows: Send {
    /// Appends an event under the log's next number, which it answers, and deletes all but the last `kept` events.
    /// `NotFound` without such a user.
    async fn notification_append(
        &mut self,
        user: &UserId,
        event: &OwnEvent,
        kept: i64,
    ) -> Stored<i64>;
}
