//! The audit log.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::time::Timestamp;

use crate::store::Stored;

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
