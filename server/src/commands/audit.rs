//! The audit log: who did what, recorded in the transaction of the act.

use crate::store::{CommandContext, Stored, Transaction};

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
