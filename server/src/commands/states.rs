//! The end of a workitem: wrap-up, when the conversation is over, and closing.
//!
//! Its agent's own commands are here. A supervisor's are in `stepping_in`, another system's in `reports`, the customer's in `intake`; what
//! ends by absence or a departure is in `absence` and `departures`. All of them write it by `end` and `shut`.

use async_trait::async_trait;
use shared::assistance::{Settled, SettledHow};
use shared::customer::CustomerBody;
use shared::error::ConflictCause;
use shared::ids::{CommandKey, EntryId, WorkitemId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::transcript::EndReason;
use shared::workitem::{Channel, Workitem, WorkitemState};

use super::events::{self, Event};
use super::keys::IdempotencyKey;
use super::namesakes::shown;
use super::{entries, labels, monitoring, requests, workitems};
use crate::store::rows::NewEntry;
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// Somebody changes the state of a workitem. Each command says who may: its agent, or a supervisor.
#[derive(Clone, Debug)]
pub struct StateChange {
    /// Which.
    pub workitem: WorkitemId,
    /// Who does it.
    pub by: PersonRef,
    /// Ids for the entries that it writes: one notice, then as many as there may be monitors to end.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

/// Active to wrap-up; the customer sees the end.
#[derive(Clone, Debug)]
pub struct WorkitemWrapUp(pub StateChange);

#[async_trait]
impl Command for WorkitemWrapUp {
    type Answer = ();
    const NAME: &'static str = "workitem_wrap_up";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self(change) = self;
        let (sender, key) = (&change.by.id, &change.key);
        let key = IdempotencyKey::of_user(sender, key, Self::NAME, &change.workitem)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let row = workitems::load_of(rows, &change.workitem, &change.by.id).await?;
        let workitem = row.workitem;
        if workitem.state != WorkitemState::Active {
            return Err(StoreError::Conflict(ConflictCause::ConversationEnded));
        }
        let mut changes = Vec::new();
        let by = shown(rows, &change.by).await?;
        let line = (change.entry.clone(), change.at);
        end(rows, &workitem, Notice::Ended { by }, line, &mut changes).await?;
        key.keep(rows, change.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// Ends the conversation of an open workitem, with a line for staff: its agent wraps it up; one that nobody has is
/// closed.
pub(super) async fn end(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    notice: Notice,
    (entry, at): (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    match &workitem.agent {
        Some(agent) => {
            let notice = NewEntry::notice(entry, at, notice);
            entries::append(rows, &workitem.id, notice, changes).await?;
            let state = WorkitemState::WrapUp;
            rows.workitem_end(&workitem.id, state, at).await?;
            changed(rows, workitem, state, at, changes).await?;
            entries::touch_workitem(rows, &workitem.id, changes).await?;
            let ended = Settled {
                how: SettledHow::ConversationEnded,
                by: None,
                at,
            };
            requests::settle_in(rows, &workitem.id, &ended, changes).await?;
            changes.push(Change::Agent(agent.id.clone()));
        }
        None => {
            shut(rows, workitem, (entry, at), notice, changes).await?;
            changes.push(Change::Queue(workitem.team.clone()));
        }
    }
    let asks = asks_for_rating(rows, workitem).await?;
    let frame = rows
        .customer_frame_append(&workitem.id, at, CustomerBody::Ended { asks })
        .await?;
    changes.push(Change::Customer {
        id: workitem.id.clone(),
        frame,
    });
    events::report(rows, &Event::ended(&workitem.id), at, changes).await
}

/// Whether the customer is asked how it was: in a chat, once, where the organisation wants to know.
async fn asks_for_rating(rows: &mut dyn Snapshot, workitem: &Workitem) -> Stored<bool> {
    if workitem.channel != Channel::Chat || workitem.rating.is_some() {
        return Ok(false);
    }
    Ok(rows.organisation_find().await?.settings.rating_asked)
}

/// A workitem, as it was before, is in this state from now on.
pub(super) async fn changed(
    rows: &mut dyn Transaction,
    before: &Workitem,
    state: WorkitemState,
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    if before.state == state {
        return Ok(());
    }
    let event = Event::state_changed(&before.id, before.state, state);
    events::report(rows, &event, at, changes).await
}

/// Wrap-up to closed; ends monitorings (a line each).
#[derive(Clone, Debug)]
pub struct WorkitemClose(pub StateChange);

#[async_trait]
impl Command for WorkitemClose {
    type Answer = ();
    const NAME: &'static str = "workitem_close";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self(change) = self;
        let (sender, key) = (&change.by.id, &change.key);
        let key = IdempotencyKey::of_user(sender, key, Self::NAME, &change.workitem)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let row = workitems::load_of(rows, &change.workitem, &change.by.id).await?;
        let workitem = row.workitem;
        closable(rows, &workitem).await?;
        let mut changes = Vec::new();
        let by = shown(rows, &change.by).await?;
        let line = (change.entry.clone(), change.at);
        shut(rows, &workitem, line, Notice::Closed { by }, &mut changes).await?;
        changes.push(Change::Agent(change.by.id.clone()));
        key.keep(rows, change.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// `Conflict` unless somebody can close the workitem: it is in wrap-up, and has an outcome where the organisation wants one.
pub(super) async fn closable(rows: &mut dyn Snapshot, workitem: &Workitem) -> Stored<()> {
    let refusal = match workitem.state {
        WorkitemState::WrapUp => labels::missing_outcome(rows, workitem).await?,
        WorkitemState::Closed => Some(ConflictCause::WorkitemClosed),
        WorkitemState::Active | WorkitemState::Queued => Some(ConflictCause::NotWrappedUp),
    };
    match refusal {
        Some(cause) => Err(StoreError::Conflict(cause)),
        None => Ok(()),
    }
}

/// Closes a workitem with a line for staff and ends every monitoring of it.
pub(super) async fn shut(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    (entry, at): (EntryId, Timestamp),
    notice: Notice,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let notice = NewEntry::notice(entry.clone(), at, notice);
    entries::append(rows, &workitem.id, notice, changes).await?;
    for (number, supervisor) in (1..).zip(workitem.all_monitors()) {
        let line = (derived(&entry, number)?, at);
        let reason = EndReason::WorkitemClosed;
        monitoring::leave(rows, workitem, supervisor, reason, line, changes).await?;
    }
    let state = WorkitemState::Closed;
    rows.workitem_end(&workitem.id, state, at).await?;
    changed(rows, workitem, state, at, changes).await?;
    entries::touch_workitem(rows, &workitem.id, changes).await?;
    for supervisor in &workitem.monitors {
        monitoring::notify(rows, workitem, supervisor, changes).await?;
    }
    Ok(())
}

/// The id of a further entry that the command with entry `entry` writes.
pub(super) fn derived(entry: &EntryId, number: i64) -> Stored<EntryId> {
    EntryId::parse(format!("{entry}-{number}")).map_err(|_| {
        StoreError::Storage("the entry's id is too long to derive others from".to_owned())
    })
}
