//! Pop-ups that were dismissed: in every window, and after a reload.

use async_trait::async_trait;
use shared::directory::Notification;
use shared::ids::{DirectoryMessageId, UserId};
use shared::policy::Action;
use shared::time::Timestamp;

use super::{notifications, rights};
use crate::store::{Command, Stored, Transaction, Written};

/// The user does not want to see the pop-up of this message again. Changes nothing unless it was sent to them.
///
/// Only requests for assistance are shown again after a reload, so only their dismissals are kept.
#[derive(Clone, Debug)]
pub struct MessageDismiss {
    /// Who.
    pub user: UserId,
    /// The message of the pop-up.
    pub message: DirectoryMessageId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for MessageDismiss {
    type Answer = ();
    const NAME: &'static str = "message_dismiss";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (user, message) = (&self.user, &self.message);
        rights::ask(rows, user, Action::DirectoryUse).await?;
        let Some(received) = rows.message_received(user, message).await? else {
            return Ok(Written::unchanged(()));
        };
        if received.request.is_some() && !rows.dismissal_insert(user, message, self.at).await? {
            return Ok(Written::unchanged(()));
        }
        let mut changes = Vec::new();
        let event = Notification::Dismissed {
            message: message.clone(),
        };
        notifications::append(rows, user, event, &mut changes).await?;
        Ok(Written { value: (), changes })
    }
}
