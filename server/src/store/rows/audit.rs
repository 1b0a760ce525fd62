//! The audit log.

use async_trait::async_trait;
use shared::audit::{AuditChange, AuditCursor, AuditFilter, AuditOutcome, AuditRow};
use shared::ids::{UserId, WorkitemId};
use shared::time::Timestamp;

use crate::store::Stored;

/// A row about to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewAudit<'a> {
    /// Who; nobody: the operator, the program, or somebody who is not signed in.
    pub actor: Option<&'a UserId>,
    /// The act's code.
    pub what: &'a str,
    /// An id, never the text of a message.
    pub about: &'a str,
    /// Whether it was done.
    pub outcome: AuditOutcome,
    /// What it changed.
    pub changes: &'a [AuditChange],
    /// How many refusals it stands for that have no row.
    pub skipped: i64,
    /// When.
    pub at: Timestamp,
}

/// When an act was last done, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastAct {
    /// The row's number: a later act has a higher one.
    pub row: i64,
    /// The name of who did it; nobody: the operator, or another system.
    pub by: Option<String>,
}

/// What the log says that somebody read: a peek, or a conversation of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingRow {
    /// The act's code.
    pub what: String,
    /// The workitem's id.
    pub about: String,
    /// Whose work it was, and what of it was shown.
    pub changes: Vec<AuditChange>,
}

/// Reads of the audit log.
#[async_trait]
pub trait AuditReads: Send {
    /// The last time that this was done to it; `None` when the log says nothing of it.
    async fn audit_last(&mut self, what: &str, about: &str) -> Stored<Option<LastAct>>;
    /// The name that the user, team, role, token, label, rule, template, channel or the like of this id has now; `None` for what is gone
    /// or has none.
    async fn audit_name(&mut self, id: &str) -> Stored<Option<String>>;
    /// What the log says of a thing that was deleted with its row: its values when that was done. Nothing where it is there, or had none
    /// that the log may say.
    async fn audit_deleted(&mut self, id: &str) -> Stored<Vec<AuditChange>>;
    /// The ids of what is called so now: users and teams, and what administrators set up. Users are found by username as well.
    async fn audit_objects_named(&mut self, name: &str) -> Stored<Vec<String>>;
    /// What the log says that a user read of these workitems, from the first of two times to the last.
    async fn audit_readings(
        &mut self,
        reader: &UserId,
        workitems: &[WorkitemId],
        between: (Timestamp, Timestamp),
    ) -> Stored<Vec<ReadingRow>>;
    /// At most `limit` rows that pass the filter and stand before `before`, the newest first.
    async fn audit_page(
        &mut self,
        filter: &AuditFilter,
        before: AuditCursor,
        limit: i64,
    ) -> Stored<Vec<AuditRow>>;
}

/// Writes of the audit log.
#[async_trait]
pub trait AuditRows: Send {
    /// Appends a row to the chain.
    async fn audit_append(&mut self, row: &NewAudit<'_>) -> Stored<()>;
}
