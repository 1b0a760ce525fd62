//! The log of each user: what they are notified of, numbered without gaps.

use async_trait::async_trait;
use shared::directory::Notification;
use shared::ids::UserId;

use crate::store::Stored;

/// Reads of notification logs.
#[async_trait]
pub trait NotificationReads: Send {
    /// The number of the last event of a user's log. `NotFound` without such a user.
    async fn notification_head(&mut self, user: &UserId) -> Stored<i64>;
    /// The numbers of the last events of these users' logs.
    async fn notification_heads(&mut self, users: &[UserId]) -> Stored<Vec<(UserId, i64)>>;
    /// The first events after number `after` of a user's log, at most `limit`.
    async fn notifications_after(
        &mut self,
        user: &UserId,
        after: i64,
        limit: i64,
    ) -> Stored<Vec<(i64, Notification)>>;
}

/// Writes of notification logs.
#[async_trait]
pub trait NotificationRows: Send {
    /// Appends an event under the log's next number, which it answers, and deletes all but the last `kept` events.
    /// `NotFound` without such a user.
    async fn notification_append(
        &mut self,
        user: &UserId,
        event: &Notification,
        kept: i64,
    ) -> Stored<i64>;
}
