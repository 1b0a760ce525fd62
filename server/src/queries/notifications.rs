//! What a user's log has for a browser that was away.

use shared::directory::Notification;
use shared::ids::UserId;

use crate::commands::notifications::KEPT;
use crate::store::{Snapshot, Stored};

/// The user's log after `after`; `None` when it does not reach back that far or there is more than `limit`.
pub async fn notifications_missed(
    rows: &mut dyn Snapshot,
    user: &UserId,
    after: i64,
    limit: i64,
) -> Stored<Option<Vec<(i64, Notification)>>> {
    let missed = rows.notification_head(user).await? - after;
    if missed < 0 || missed > limit.min(KEPT) {
        return Ok(None);
    }
    let events = rows.notifications_after(user, after, missed).await?;
    Ok((events.len() as i64 == missed).then_some(events))
}
