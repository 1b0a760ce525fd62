//! What providers carry to customers: a job written with the message and done under a lease. `delivery_claims` takes what is
//! due, `delivery_reports` hears how far it has come.
//!
//! A job points to a line of the customer's view and holds no words, so nothing else than what the customer may read can be
//! sent; coaching has no way in.

use async_trait::async_trait;
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::error::ConflictCause;
use shared::ids::{ChannelKey, EntryId, UserId, WorkitemId};
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::workitem::{Channel, Workitem, WorkitemState};

use super::keys::IdempotencyKey;
use super::{entries, workitems};
use crate::store::rows::{DeliveryRow, IdentityRow, NewJob};
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// The kind of a job that hands a message to a provider.
pub(crate) const MESSAGE_DELIVER: &str = "message_deliver";

/// The customer to whom a provider carries what is said in a workitem; nobody for a chat page's, which costs no read.
/// Refuses what would not arrive: the customer wants nothing or wrote too long ago, or the text is too long.
pub(super) async fn carried_to(
    rows: &mut dyn Snapshot,
    workitem: &Workitem,
    text: Option<&MessageText>,
    at: Timestamp,
) -> Stored<Option<IdentityRow>> {
    if workitem.channel == Channel::Chat {
        return Ok(None);
    }
    let Some(identity) = rows.identity_of_workitem(&workitem.id).await? else {
        return Ok(None);
    };
    can_be_written_to(&identity, at)?;
    if let Some(problem) = text.and_then(|text| identity.text_limit.problem(text.as_str())) {
        let field = "text";
        return Err(StoreError::Invalid { field, problem });
    }
    Ok(Some(identity))
}

fn can_be_written_to(identity: &IdentityRow, at: Timestamp) -> Stored<()> {
    Err(StoreError::Conflict(match barred(identity, at) {
        None => return Ok(()),
        Some(DeliveryReason::Stopped) => ConflictCause::CustomerStopped,
        Some(_) => ConflictCause::WindowClosed,
    }))
}

/// Why nothing may be sent to a customer now: [`DeliveryReason::Stopped`] or [`DeliveryReason::WindowClosed`].
pub(super) fn barred(identity: &IdentityRow, at: Timestamp) -> Option<DeliveryReason> {
    if identity.stopped_at.is_some() {
        return Some(DeliveryReason::Stopped);
    }
    let until = identity.answer_until.filter(|until| *until <= at);
    until.map(|_| DeliveryReason::WindowClosed)
}

/// Queues the message of an entry for its customer, behind what waits for them already.
pub(super) async fn queue(
    rows: &mut dyn Transaction,
    identity: &IdentityRow,
    entry: &EntryId,
    at: Timestamp,
) -> Stored<()> {
    let number = rows.identity_next_number(&identity.id).await?;
    rows.delivery_set(entry, &identity.id, number).await?;
    wait(rows, identity, entry, at).await
}

async fn wait(
    rows: &mut dyn Transaction,
    identity: &IdentityRow,
    entry: &EntryId,
    at: Timestamp,
) -> Stored<()> {
    let job = NewJob {
        kind: MESSAGE_DELIVER,
        queue: identity.channel.as_str(),
        about: entry.as_str(),
        lane: &identity.id,
    };
    rows.job_insert(&job, at).await
}

/// A customer wants no messages any more: what waits for them ends here. What is on its way, or may have been, is settled by
/// who holds it or takes it next ([`DeliveriesClaim`]).
///
/// [`DeliveriesClaim`]: super::DeliveriesClaim
pub(super) async fn stop(
    rows: &mut dyn Transaction,
    identity: &str,
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    rows.identity_set_stopped(identity, Some(at)).await?;
    for about in rows.jobs_untouched(identity).await? {
        let Ok(entry) = EntryId::parse(about) else {
            continue;
        };
        let found = rows.delivery_find(&entry).await?;
        if let Some(found) = found.filter(|found| found.unsettled_since.is_none()) {
            let stopped = Delivery::failed(DeliveryReason::Stopped, None);
            end(rows, &found, stopped, changes).await?;
        }
    }
    Ok(())
}

/// The same on the word of the provider: no message of the customer's shows their open conversation as it is now.
pub(super) async fn stop_reported(
    rows: &mut dyn Transaction,
    found: &DeliveryRow,
    at: Timestamp,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    stop(rows, &found.identity, at, changes).await?;
    let Some(identity) = rows.identity_find(&found.identity).await? else {
        return Ok(());
    };
    let visit = rows
        .customer_visit_find(&identity.channel, &identity.id)
        .await?;
    if let Some(visit) = visit.filter(|visit| !visit.ended) {
        show_row(rows, &visit.workitem, changes).await?;
    }
    Ok(())
}

/// A channel is deleted: what waits for its customers ends here. What is on its way is settled by the holder of its lease, and ends when it
/// would be taken again ([`DeliveriesClaim`]).
///
/// [`DeliveriesClaim`]: super::DeliveriesClaim
pub(super) async fn give_up(
    rows: &mut dyn Transaction,
    channel: &ChannelKey,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    for about in rows.jobs_waiting(MESSAGE_DELIVER, channel.as_str()).await? {
        let Ok(entry) = EntryId::parse(about) else {
            continue;
        };
        if let Some(found) = rows.delivery_find(&entry).await? {
            let failed = Delivery::failed(DeliveryReason::NotSetUp, None);
            end(rows, &found, failed, changes).await?;
        }
    }
    Ok(())
}

/// Sends a message again that did not arrive, behind what waits for its customer. One that has failed no longer is left as
/// it is.
#[derive(Clone, Debug)]
pub struct DeliveryRetry {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Its agent.
    pub agent: UserId,
    /// The message.
    pub entry: EntryId,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for DeliveryRetry {
    type Answer = ();
    const NAME: &'static str = "delivery_retry";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let content = (&self.workitem, &self.entry);
        let key = IdempotencyKey::in_context(&self.context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let row = workitems::load_of(rows, &self.workitem, &self.agent).await?;
        if row.workitem.state == WorkitemState::Closed {
            return Err(StoreError::Conflict(ConflictCause::WorkitemClosed));
        }
        let found = rows.delivery_find(&self.entry).await?;
        let found = found.filter(|found| found.workitem == self.workitem);
        let found = found.ok_or(StoreError::NotFound)?;
        let identity = rows.identity_find(&found.identity).await?;
        let identity = identity.ok_or(StoreError::NotFound)?;
        let mut changes = Vec::new();
        if found.delivery.state == DeliveryState::Failed {
            can_be_written_to(&identity, self.context.at)?;
            match found.unsettled_since {
                // Under its number, so that a report of the attempt that nobody knows of settles it.
                Some(_) => wait(rows, &identity, &self.entry, self.context.at).await?,
                None => queue(rows, &identity, &self.entry, self.context.at).await?,
            }
            let queued = Delivery::of(DeliveryState::Queued);
            set(rows, &found, queued, &mut changes).await?;
        }
        key.keep(rows, self.context.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// Sets how far a message has come that waits no longer.
pub(super) async fn end(
    rows: &mut dyn Transaction,
    found: &DeliveryRow,
    delivery: Delivery,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    rows.job_delete(found.entry.as_str()).await?;
    set(rows, found, delivery, changes).await
}

/// Sets how far a message has come, for everybody who follows its workitem. Lists hear of it when it decides whether their workitem
/// is marked: most messages only go on, and cost no read.
pub(super) async fn set(
    rows: &mut dyn Transaction,
    found: &DeliveryRow,
    delivery: Delivery,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let workitem = &found.workitem;
    // On its way, failed, or arrived.
    let stage = |state: DeliveryState| state.cmp(&DeliveryState::Failed);
    let moves = stage(found.delivery.state) != stage(delivery.state);
    let before = moves && rows.workitem_undelivered(workitem).await?;
    rows.entry_set_delivery(&found.entry, &delivery).await?;
    entries::touch(rows, workitem, &found.entry, changes).await?;
    let after = moves && rows.workitem_undelivered(workitem).await?;
    if after != before {
        show_row(rows, workitem, changes).await?;
    }
    Ok(())
}

/// Shows a workitem as it is now to everybody who follows it, and where it is listed.
async fn show_row(
    rows: &mut dyn Transaction,
    workitem: &WorkitemId,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let row = entries::touch_workitem(rows, workitem, changes).await?;
    changes.push(workitems::list_change(&row.workitem));
    Ok(())
}

/// What came of handing a message to its provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The provider has it.
    Sent {
        /// Under this name.
        id: String,
        /// Whether it may have had it before, from an attempt of which nobody knows the end.
        maybe_twice: bool,
    },
    /// It is tried again.
    Later {
        /// Not before.
        run_after: Timestamp,
        /// Whether it was an attempt.
        counted: bool,
        /// Whether the provider may have taken it nevertheless.
        unsettled: bool,
    },
    /// It is given up: a dead letter, which the agent sees at the message.
    Failed {
        /// Why.
        reason: DeliveryReason,
        /// The provider's number for that.
        code: Option<i64>,
        /// Since when the provider may have it nevertheless.
        unsettled_since: Option<Timestamp>,
    },
}

/// Until when a channel is left alone, because its provider asked for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPause {
    /// Which.
    pub channel: ChannelKey,
    /// The end: until then no node takes a message of it.
    pub until: Timestamp,
}

/// Notes what came of a job, unless somebody else has taken it since, and the pause that its provider asked for in any case.
#[derive(Clone, Debug)]
pub struct DeliverySettle {
    /// The job.
    pub job: i64,
    /// Who did it.
    pub lease: String,
    /// The staff's entry of the message.
    pub entry: EntryId,
    /// What came of it.
    pub outcome: DeliveryOutcome,
    /// What it means for the other messages of the channel. A pause that ends earlier than the present one changes nothing.
    pub pause: Option<ChannelPause>,
    /// When the attempt began.
    pub begun: Timestamp,
    /// When.
    pub at: Timestamp,
}

/// What [`DeliverySettle`] changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliverySettled {
    /// Whether the end was noted.
    pub noted: bool,
    /// Whether the channel pauses from now on; a pause that only becomes longer does not begin.
    pub pause_begins: bool,
}

#[async_trait]
impl Command for DeliverySettle {
    type Answer = DeliverySettled;
    const NAME: &'static str = "delivery_settle";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<DeliverySettled>> {
        let mut changes = Vec::new();
        let pause_begins = self.pause(rows).await?;
        let noted = self.note(rows, &mut changes).await?;
        let value = DeliverySettled {
            noted,
            pause_begins,
        };
        Ok(Written { value, changes })
    }
}

impl DeliverySettle {
    /// Whether a pause begins. Most ends ask for none, and cost no read.
    async fn pause(&self, rows: &mut dyn Transaction) -> Stored<bool> {
        let Some(pause) = &self.pause else {
            return Ok(false);
        };
        let (kind, queue) = (MESSAGE_DELIVER, pause.channel.as_str());
        let before = rows.job_paused_until(kind, queue).await?;
        if before.is_none_or(|before| before < pause.until) {
            rows.job_set_pause(kind, queue, pause.until).await?;
        }
        Ok(before.is_none_or(|before| before <= self.at))
    }

    /// Whether the end was noted.
    async fn note(&self, rows: &mut dyn Transaction, changes: &mut Vec<Change>) -> Stored<bool> {
        let found = rows.delivery_find(&self.entry).await?;
        let held = rows.job_held(self.job, &self.lease).await?;
        let Some(found) = found.filter(|_| held) else {
            return Ok(false);
        };
        let delivery = match &self.outcome {
            DeliveryOutcome::Later {
                run_after,
                counted,
                unsettled,
            } => {
                rows.job_release(self.job, *run_after, *counted, *unsettled)
                    .await?;
                return Ok(true);
            }
            DeliveryOutcome::Sent { id, maybe_twice } => {
                rows.delivery_set_handed(&self.entry, id, Some(self.begun))
                    .await?;
                Delivery {
                    reason: maybe_twice.then_some(DeliveryReason::MaybeTwice),
                    ..Delivery::of(DeliveryState::Sent)
                }
            }
            DeliveryOutcome::Failed {
                reason,
                code,
                unsettled_since,
            } => {
                if let Some(since) = unsettled_since {
                    rows.delivery_set_unsettled(&self.entry, *since).await?;
                }
                if *reason == DeliveryReason::Stopped {
                    stop_reported(rows, &found, self.at, changes).await?;
                }
                Delivery::failed(*reason, *code)
            }
        };
        end(rows, &found, delivery, changes).await?;
        Ok(true)
    }
}
