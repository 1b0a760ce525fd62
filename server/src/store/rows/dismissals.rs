//! Pop-ups that a user dismissed.

use async_trait::async_trait;
use shared::ids::{DirectoryMessageId, RequestId, UserId};
use shared::time::Timestamp;

use crate::store::Stored;

/// A directory message that was sent to somebody.
#[derive(Clone, Debug)]
pub struct ReceivedMessage {
    /// The request that it carries.
    pub request: Option<RequestId>,
}

/// Reads that dismissals need.
#[async_trait]
pub trait DismissalReads: Send {
    /// A message, if it was sent to this user by somebody else.
    async fn message_received(
        &mut self,
        user: &UserId,
        message: &DirectoryMessageId,
    ) -> Stored<Option<ReceivedMessage>>;
}

/// Writes of dismissals.
#[async_trait]
pub trait DismissalRows: Send {
    /// Inserts a dismissal, unless it is there. Answers whether it was not.
    async fn dismissal_insert(
        &mut self,
        user: &UserId,
        message: &DirectoryMessageId,
        at: Timestamp,
    ) -> Stored<bool>;
}
