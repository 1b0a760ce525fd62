//! The audit log: who did what, recorded in the transaction of the act.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::time::Timestamp;

use crate::store::{Command, CommandContext, Stored, Transaction, Written};

/// Records the act of a command with a context. `what` is a code, `about` an id or a name, never the text of a message.
pub(super) async fn act(
    rows: &mut dyn Transaction,
    context: &CommandContext,
    what: &str,
    about: &str,
) -> Stored<()> {
    rows.audit_insert(context.actor.as_ref(), what, about, context.at)
        .await
}

/// Records something that changed nothing else: a refusal, signing out.
#[derive(Clone, Debug)]
pub struct AuditRecord {
    /// Who; nobody: the operator, or somebody who is not known.
    pub actor: Option<UserId>,
    /// A code: `sign_out`, `refused_workitem`…
    pub what: String,
    /// An id or a name, never the text of a message.
    pub about: String,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for AuditRecord {
    type Answer = ();
    const NAME: &'static str = "audit_record";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let actor = self.actor.as_ref();
        rows.audit_insert(actor, &self.what, &self.about, self.at)
            .await?;
        Ok(Written::unchanged(()))
    }
}
