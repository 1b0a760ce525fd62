//! What is too old is deleted, as the organisation wants it: a bounded number of rows in each transaction, so that no write
//! waits long for it. Keys of commands stay.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::organisation::{Expiring, OrganisationSettings, deletes_sooner};
use shared::time::Timestamp;

use super::audit;
use crate::store::{Command, Snapshot, Stored, Transaction, Written};

/// How many entries, messages or rows of the audit log one step deletes at most.
pub(crate) const STEP: i64 = 200;
/// How many workitems one step deletes at most.
const WORKITEMS: i64 = 20;
/// After how many days the log of webhooks forgets an event.
pub(crate) const EVENTS_DAYS: i64 = 30;
const DAY_US: i64 = 24 * 3_600 * 1_000_000;
const ACT: &str = "retention";

/// Deletes some of what is too old now, with a row in the audit log. Answers what; nothing when nothing is too old.
#[derive(Clone, Debug)]
pub struct RetentionStep {
    /// The present time.
    pub at: Timestamp,
}

/// How much was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Workitems.
    pub workitems: i64,
    /// Entries of workitems.
    pub entries: i64,
    /// Direct messages.
    pub messages: i64,
    /// Rows of the audit log.
    pub audit_rows: i64,
    /// Events of webhooks.
    pub webhook_events: i64,
}

impl Deleted {
    /// Each number with its name.
    pub fn counts(&self) -> [(&'static str, i64); 5] {
        [
            ("workitems", self.workitems),
            ("entries", self.entries),
            ("messages", self.messages),
            ("audit_rows", self.audit_rows),
            ("webhook_events", self.webhook_events),
        ]
    }
}

#[async_trait]
impl Command for RetentionStep {
    type Answer = Deleted;
    const NAME: &'static str = "retention_step";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Deleted>> {
        let settings = rows.organisation_find().await?.settings;
        let mut deleted = Deleted::default();
        self.work(rows, &settings, &mut deleted).await?;
        if deleted == Deleted::default()
            && let Some(before) = self.before(settings.retention_messages_days)
        {
            deleted.messages = rows.messages_prune(before, STEP).await?;
        }
        if deleted == Deleted::default()
            && let Some(before) = self.before(settings.retention_audit_days)
        {
            deleted.audit_rows = rows.audit_prune(before, STEP).await?;
        }
        if deleted == Deleted::default()
            && let Some(before) = self.before(EVENTS_DAYS)
        {
            deleted.webhook_events = rows.events_prune(before, self.at, STEP).await?;
        }
        if deleted == Deleted::default() {
            // Of no use to anybody any more, so they are not counted.
            rows.logout_tokens_forget(self.at).await?;
        }
        if deleted != Deleted::default() {
            let counts = deleted.counts().into_iter().filter(|(_, count)| *count > 0);
            let changes: Vec<_> = counts.map(audited).collect();
            audit::done(rows, None, (ACT, ""), &changes, self.at).await?;
        }
        Ok(Written::unchanged(deleted))
    }

    fn wiped(deleted: &Deleted) -> bool {
        *deleted != Deleted::default()
    }
}

impl RetentionStep {
    /// How much would be too old now where these lifetimes delete sooner than those of before.
    pub(crate) async fn preview(
        &self,
        rows: &mut dyn Snapshot,
        was: &OrganisationSettings,
        is: &OrganisationSettings,
    ) -> Stored<Expiring> {
        let lifetimes = [
            (was.retention_work_days, is.retention_work_days),
            (was.retention_messages_days, is.retention_messages_days),
            (was.retention_audit_days, is.retention_audit_days),
        ];
        let before = lifetimes.map(|(was, is)| {
            let before = self.before(is).filter(|_| deletes_sooner(was, is));
            // Nothing is as old.
            before.unwrap_or(Timestamp(i64::MIN))
        });
        let [workitems, messages, audit_rows] = rows.expired_counts(before).await?;
        Ok(Expiring {
            workitems,
            messages,
            audit_rows,
        })
    }

    /// What is older than this is too old; nothing is where it is kept for ever.
    fn before(&self, days: i64) -> Option<Timestamp> {
        (days > 0).then(|| Timestamp(self.at.0.saturating_sub(days.saturating_mul(DAY_US))))
    }

    async fn work(
        &self,
        rows: &mut dyn Transaction,
        settings: &OrganisationSettings,
        deleted: &mut Deleted,
    ) -> Stored<()> {
        let Some(before) = self.before(settings.retention_work_days) else {
            return Ok(());
        };
        while deleted.entries < STEP && deleted.workitems < WORKITEMS {
            let Some(workitem) = rows.expired_workitem(before).await? else {
                break;
            };
            let rest = STEP - deleted.entries;
            let (entries, gone) = rows.workitem_cut(&workitem, rest).await?;
            deleted.entries += entries;
            deleted.workitems += i64::from(gone);
        }
        Ok(())
    }
}

fn audited((field, count): (&str, i64)) -> AuditChange {
    AuditChange {
        field: field.to_owned(),
        was: Some(count.to_string()),
        is: None,
    }
}
