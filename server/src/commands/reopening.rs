//! A conversation that its agent ended goes on: the workitem is active again, and the customer reads that it goes on.
//!
//! It goes on only where its customer would still be: what they ended themselves stays ended, and so does what they have left
//! for another conversation, since a customer has one open conversation on a channel.

use async_trait::async_trait;
use shared::customer::CustomerBody;
use shared::error::ConflictCause;
use shared::notice::Notice;
use shared::workitem::{Workitem, WorkitemState};

use super::keys::IdempotencyKey;
use super::namesakes::shown;
use super::states::{StateChange, changed};
use super::{entries, workitems};
use crate::store::rows::{NewEntry, WhereCustomer};
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// Wrap-up to active; the customer sees that it goes on. The workitem counts towards what its agent may have, and nobody is
/// asked whether there is room: the agent has it already.
#[derive(Clone, Debug)]
pub struct WorkitemReopen(pub StateChange);

#[async_trait]
impl Command for WorkitemReopen {
    type Answer = ();
    const NAME: &'static str = "workitem_reopen";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self(change) = self;
        let (sender, key) = (&change.by.id, &change.key);
        let key = IdempotencyKey::of_user(sender, key, Self::NAME, &change.workitem)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let row = workitems::load_of(rows, &change.workitem, &change.by.id).await?;
        let workitem = row.workitem;
        if let Some(cause) = refusal(rows, &workitem).await? {
            return Err(StoreError::Conflict(cause));
        }
        let mut changes = Vec::new();
        let by = shown(rows, &change.by).await?;
        let notice = NewEntry::notice(change.entry.clone(), change.at, Notice::Reopened { by });
        entries::append(rows, &workitem.id, notice, &mut changes).await?;
        rows.workitem_reopen(&workitem.id).await?;
        changed(
            rows,
            &workitem,
            WorkitemState::Active,
            change.at,
            &mut changes,
        )
        .await?;
        // The row says of a provider's customer until when they can be answered, and whether they want that, where the conversation goes on.
        let frame = rows
            .customer_frame_append(&workitem.id, change.at, CustomerBody::Resumed)
            .await?;
        entries::touch_workitem(rows, &workitem.id, &mut changes).await?;
        changes.push(Change::Agent(change.by.id.clone()));
        changes.push(Change::Customer {
            id: workitem.id.clone(),
            frame,
        });
        key.keep(rows, change.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// Why its conversation does not go on.
async fn refusal(rows: &mut dyn Snapshot, workitem: &Workitem) -> Stored<Option<ConflictCause>> {
    match workitem.state {
        WorkitemState::WrapUp => {}
        WorkitemState::Closed => return Ok(Some(ConflictCause::WorkitemClosed)),
        WorkitemState::Active | WorkitemState::Queued => {
            return Ok(Some(ConflictCause::NotEnded));
        }
    }
    if rows.ended_by_customer(&workitem.id).await? {
        return Ok(Some(ConflictCause::EndedByCustomer));
    }
    Ok(match rows.customer_where(&workitem.id).await? {
        WhereCustomer::Here | WhereCustomer::OnNoPage => None,
        WhereCustomer::Elsewhere => Some(ConflictCause::NewerConversation),
        WhereCustomer::Gone => Some(ConflictCause::CustomerGone),
    })
}
