//! Notifying a user: an event in their log, and a change for their live connections.

use shared::directory::Notification;
use shared::ids::UserId;

use super::namesakes::tell_people_apart;
use crate::store::{Change, Stored, Transaction};

/// How many events of a user are kept. A browser that was away for longer loads everything again.
pub(crate) const KEPT: i64 = 500;

/// Appends to a user's log.
pub(super) async fn append(
    rows: &mut dyn Transaction,
    user: &UserId,
    mut event: Notification,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    tell_people_apart(rows, &mut event).await?;
    let seq = rows.notification_append(user, &event, KEPT).await?;
    changes.push(Change::Notification {
        user: user.clone(),
        seq,
        event,
    });
    Ok(())
}
