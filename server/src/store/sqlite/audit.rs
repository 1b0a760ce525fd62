//! Rows of the audit log, written in the transaction of the act that they record.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::time::Timestamp;

use super::runner::{Inline, Rows};
use super::statement::{Connection, sql};
use crate::store::rows::AuditRows;
use crate::store::{CommandContext, Stored};

const ADD: &str = "INSERT INTO audit (actor_id, what, about, at) VALUES ($1, $2, $3, $4)";

#[async_trait]
impl AuditRows for Rows<Inline<'_>> {
    async fn audit_insert(
        &mut self,
        actor: Option<&UserId>,
        what: &str,
        about: &str,
        at: Timestamp,
    ) -> Stored<()> {
        note(self.connection(), actor, what, about, at)
    }
}

/// Records the act of a command with a context.
pub(super) fn act(
    connection: &Connection,
    context: &CommandContext,
    what: &str,
    about: &str,
) -> Stored<()> {
    note(connection, context.actor.as_ref(), what, about, context.at)
}

/// Records an act. `what` is a code, `about` an id or a name, never a message's text.
pub(super) fn note(
    connection: &Connection,
    actor: Option<&UserId>,
    what: &str,
    about: &str,
    at: Timestamp,
) -> Stored<()> {
    sql(ADD)
        .bind(actor.map(UserId::as_str))
        .bind(what)
        .bind(about)
        .bind(at.0)
        .execute(connection)?;
    Ok(())
}
