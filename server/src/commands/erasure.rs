//! A customer is erased: numbers stay, words go.

use async_trait::async_trait;
use shared::audit::AuditChange;
use shared::directory::Notification;
use shared::erasure::{ERASED, Erasure};
use shared::ids::{EntryId, WorkitemId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::policy::Action;
use shared::workitem::{Workitem, WorkitemState};

use super::events::{self, Event};
use super::keys::IdempotencyKey;
use super::{audit, entries, replies, rights, states, workitems};
use crate::store::rows::WorkitemRow;
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// Erases the customer of a workitem: all workitems of the same visitor, number or address, after closing those that are open. The
/// audit log gets the workitem's id and the numbers, and no name.
#[derive(Clone, Debug)]
pub struct CustomerErase {
    /// One of the customer's workitems.
    pub workitem: WorkitemId,
    /// Who, as lines in the conversation name them.
    pub by: PersonRef,
    /// The id that those of the lines are derived from.
    pub entry: EntryId,
    /// The session of the caller, which must have proved its password.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

/// How much there is of the customer of a workitem.
pub(crate) async fn extent(
    rows: &mut dyn Snapshot,
    workitem: &WorkitemId,
) -> Stored<(Vec<WorkitemId>, Erasure)> {
    let workitems = rows.workitems_of_customer(workitem).await?;
    if workitems.is_empty() {
        return Err(StoreError::NotFound);
    }
    let mut all = Erasure::default();
    for workitem in &workitems {
        let one = rows.workitem_extent(workitem).await?;
        all.workitems += one.workitems;
        all.open += one.open;
        all.messages += one.messages;
        all.files += one.files;
        all.coaching += one.coaching;
        all.notices += one.notices;
        all.requests += one.requests;
    }
    Ok((workitems, all))
}

#[async_trait]
impl Command for CustomerErase {
    type Answer = Erasure;
    const NAME: &'static str = "customer_erase";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Erasure>> {
        let context = &self.context;
        let key = IdempotencyKey::in_context(context, Self::NAME, &self.workitem)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask_for(rows, context, Action::CustomerErase).await?;
        rights::proved_for(rows, context, self.session.as_deref()).await?;
        let (workitems, erased) = extent(rows, &self.workitem).await?;
        let mut changes = Vec::new();
        for (number, workitem) in (1..).zip(&workitems) {
            self.close(rows, workitem, number, &mut changes).await?;
            rows.workitem_erase(workitem, context.at).await?;
            changes.push(Change::CustomerAccess(workitem.clone()));
            erase_notified(workitem, &mut changes);
            replies::show_again(rows, workitem, &mut changes).await?;
            let row = find(rows, workitem).await?;
            entries::push_workitem(&row.workitem, row.rev, &mut changes);
            changes.push(workitems::list_change(&row.workitem));
            if rows.review_latest(workitem).await?.is_some() {
                changes.push(Change::Review(workitem.clone()));
            }
            let event = Event::erased(workitem);
            events::report(rows, &event, context.at, &mut changes).await?;
        }
        let about = self.workitem.as_str();
        audit::changed(rows, context, Self::NAME, about, audited(&erased)).await?;
        key.keep(rows, context.at, &erased).await?;
        Ok(Written {
            value: erased,
            changes,
        })
    }

    fn wiped(_answer: &Erasure) -> bool {
        true
    }
}

impl CustomerErase {
    /// Ends and closes what is open.
    async fn close(
        &self,
        rows: &mut dyn Transaction,
        workitem: &WorkitemId,
        number: i64,
        changes: &mut Vec<Change>,
    ) -> Stored<()> {
        let by = || self.by.name.clone();
        let line = |step| -> Stored<_> {
            let entry = states::derived(&self.entry, 2 * number + step)?;
            Ok((entry, self.context.at))
        };
        let found: Workitem = find(rows, workitem).await?.workitem;
        if matches!(found.state, WorkitemState::Queued | WorkitemState::Active) {
            let notice = Notice::Ended { by: by() };
            states::end(rows, &found, notice, line(0)?, changes).await?;
        }
        let found = find(rows, workitem).await?.workitem;
        if found.state == WorkitemState::WrapUp {
            let notice = Notice::Closed { by: by() };
            states::shut(rows, &found, line(1)?, notice, changes).await?;
            changes.push(workitems::list_change(&found));
        }
        Ok(())
    }
}

/// What the agent is about to be notified of loses the words that its row has lost.
fn erase_notified(workitem: &WorkitemId, changes: &mut [Change]) {
    for change in changes {
        if let Change::Notification { event, .. } = change
            && let Notification::MonitoringEnded {
                workitem: of,
                subject,
                customer,
                ..
            } = event
            && of == workitem
        {
            ERASED.clone_into(subject);
            ERASED.clone_into(customer);
        }
    }
}

async fn find(rows: &mut dyn Snapshot, workitem: &WorkitemId) -> Stored<WorkitemRow> {
    let row = rows.workitem_find(workitem).await?;
    row.ok_or(StoreError::NotFound)
}

fn audited(erased: &Erasure) -> Vec<AuditChange> {
    let counts = [
        ("workitems", erased.workitems),
        ("messages", erased.messages),
        ("files", erased.files),
        ("coaching", erased.coaching),
        ("notices", erased.notices),
        ("requests", erased.requests),
    ];
    let changes = counts.map(|(field, count)| AuditChange {
        field: field.to_owned(),
        was: Some(count.to_string()),
        is: None,
    });
    changes.into()
}
