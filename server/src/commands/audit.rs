//! The audit log: who did what, recorded in the transaction of the act.
//!
//! A row names ids and, of what administrators write, the values before and after. It never holds a secret, a name that was
//! typed at sign-in, or what was said in a conversation.

use async_trait::async_trait;
use shared::audit::{AuditChange, AuditOutcome};
use shared::ids::{TokenId, UserId};
use shared::people::PersonRef;
use shared::policy::Action;
use shared::time::Timestamp;

use super::rights;
use crate::store::rows::NewAudit;
use crate::store::{Command, CommandContext, Stored, Transaction, Written};

/// Records the act of a command with a context. `what` is a code, `about` an id.
pub(super) async fn act(
    rows: &mut dyn Transaction,
    context: &CommandContext,
    what: &str,
    about: &str,
) -> Stored<()> {
    changed(rows, context, what, about, Vec::new()).await
}

/// Records the act of a command with a context, and what it changed.
pub(super) async fn changed(
    rows: &mut dyn Transaction,
    context: &CommandContext,
    what: &str,
    about: &str,
    changes: Vec<AuditChange>,
) -> Stored<()> {
    let actor = context.actor.as_ref();
    done(rows, actor, (what, about), &changes, context.at).await
}

/// Who carries out something that more than one command does.
#[derive(Clone, Copy)]
pub(super) enum Sender<'a> {
    /// Who sent a command with a context.
    Of(&'a CommandContext),
    /// The bearer of a token, who is no user, and when.
    Bearer(&'a TokenId, Timestamp),
}

impl Sender<'_> {
    /// When.
    pub(super) fn at(self) -> Timestamp {
        match self {
            Self::Of(context) => context.at,
            Self::Bearer(_, at) => at,
        }
    }
}

/// Records what a sender did, and what it changed. Of the bearer of a token the row names the token beside that.
pub(super) async fn sent(
    rows: &mut dyn Transaction,
    sender: Sender<'_>,
    (what, about): (&str, &str),
    mut changes: Vec<AuditChange>,
) -> Stored<()> {
    match sender {
        Sender::Of(context) => changed(rows, context, what, about, changes).await,
        Sender::Bearer(token, at) => {
            changes.push(noted("token", token.as_str()));
            done(rows, None, (what, about), &changes, at).await
        }
    }
}

/// Records what somebody did, and what it changed.
pub(super) async fn done(
    rows: &mut dyn Transaction,
    actor: Option<&UserId>,
    (what, about): (&str, &str),
    changes: &[AuditChange],
    at: Timestamp,
) -> Stored<()> {
    let row = NewAudit {
        actor,
        what,
        about,
        outcome: AuditOutcome::Done,
        changes,
        skipped: 0,
        at,
    };
    rows.audit_append(&row).await
}

/// Records what somebody who is not signed in was refused, in a transaction that counts it.
pub(super) async fn refused(
    rows: &mut dyn Transaction,
    act: (&str, &str),
    at: Timestamp,
) -> Stored<()> {
    refused_saying(rows, act, &[], at).await
}

/// The same, and what the row says beside that.
pub(super) async fn refused_saying(
    rows: &mut dyn Transaction,
    (what, about): (&str, &str),
    changes: &[AuditChange],
    at: Timestamp,
) -> Stored<()> {
    let row = NewAudit {
        actor: None,
        what,
        about,
        outcome: AuditOutcome::Refused,
        changes,
        skipped: 0,
        at,
    };
    rows.audit_append(&row).await
}

/// What a row says beside its object although the act did not change it: an id, a code, a truth value.
pub(super) fn noted(field: &str, value: &str) -> AuditChange {
    AuditChange {
        field: field.to_owned(),
        was: None,
        is: Some(value.to_owned()),
    }
}

/// The agent whose work it was, by whom the log can be filtered; nothing where nobody has it.
pub(super) fn of_agent(agent: Option<&PersonRef>) -> Vec<AuditChange> {
    let noted = agent.map(|agent| noted("agent", agent.id.as_str()));
    noted.into_iter().collect()
}

/// The fields in which `is` is another text than `was`. Nothing: before the thing was there, or now that it is gone.
pub(super) fn differences<const FIELDS: usize>(
    fields: [&'static str; FIELDS],
    was: Option<[String; FIELDS]>,
    is: Option<[String; FIELDS]>,
) -> Vec<AuditChange> {
    let values = |values: Option<[String; FIELDS]>| match values {
        Some(values) => values.map(Some),
        None => [const { None }; FIELDS],
    };
    let values = values(was).into_iter().zip(values(is));
    let changes = fields.into_iter().zip(values);
    changes
        .filter(|(_, (was, is))| was != is)
        .map(|(field, (was, is))| AuditChange {
            field: field.to_owned(),
            was,
            is,
        })
        .collect()
}

/// Ids or codes as one text, in their order.
pub(super) fn listed<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> String {
    let mut list = String::new();
    for value in values {
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(value.as_ref());
    }
    list
}

/// Records a refusal, which changes nothing else.
#[derive(Clone, Debug)]
pub struct AuditRecord {
    /// Who; nobody: somebody who is not signed in.
    pub actor: Option<UserId>,
    /// A code: `refused_workitem`, `sign_in_refused`…
    pub what: String,
    /// An id, never the text of a message.
    pub about: String,
    /// How many refusals it stands for that have no row.
    pub skipped: i64,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for AuditRecord {
    type Answer = ();
    const NAME: &'static str = "audit_record";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let row = NewAudit {
            actor: self.actor.as_ref(),
            what: &self.what,
            about: &self.about,
            outcome: AuditOutcome::Refused,
            changes: &[],
            skipped: self.skipped,
            at: self.at,
        };
        rows.audit_append(&row).await?;
        Ok(Written::unchanged(()))
    }
}

/// Records that the log is exported, before it is.
#[derive(Clone, Debug)]
pub struct AuditExport {
    /// Who.
    pub actor: UserId,
    /// What it was asked for, by the names in the address.
    pub asked: Vec<AuditChange>,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for AuditExport {
    type Answer = ();
    const NAME: &'static str = "audit_export";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        rights::ask(rows, &self.actor, Action::AuditView).await?;
        let act = (Self::NAME, "");
        done(rows, Some(&self.actor), act, &self.asked, self.at).await?;
        Ok(Written::unchanged(()))
    }
}
