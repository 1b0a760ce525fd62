//! The audit log.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::time::Timestamp;

use crate::store::Stored;

/// Reads of the audit log.
#[async_trait]
pub trait AuditReads: Send {
    /// The name of who did this to it last; `None` when the log says nothing of it, or it was the operator.
    async fn audit_last_by(&mut self, what: &str, about: &str) -> Stored<Option<String>>;
}

/// Writes of the audit log.
#[async_trait]
pub trait AuditRows: Send {
    /// Records an act. `what` is a code, `about` an id or a name, never the text of a message.
    async fn audit_insert(
        &mut self,
        actor: Option<&UserId>,
        what: &str,
        about: &str,
        at: Timestamp,
    ) -> Stored<()>;
}
