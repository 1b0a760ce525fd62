//! What providers carry to customers: a job written with the message and done under a lease. `delivery_reports` hears how far
//! it has come.
//!
//! A job points to a line of the customer's view and holds no words, so nothing else than what the customer may read can be
//! sent; coaching has no way in.

use async_trait::async_trait;
use shared::customer::CustomerBody;
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::error::ConflictCause;
use shared::ids::{EntryId, UserId, WorkitemId};
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::workitem::{Channel, Workitem, WorkitemState};

use super::keys::IdempotencyKey;
use super::{entries, workitems};
use crate::store::rows::{
    DeliveryRow, IdentityRow, JobRow, NewJob, ProviderChannelRow, SealedSecret,
};
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// The kind of a job that hands a message to a provider.
pub(crate) const MESSAGE_DELIVER: &str = "message_deliver";
/// The one queue of such jobs.
pub(crate) const ALL_MESSAGES: &str = "";

/// The customer to whom a provider carries what is said in a workitem; nobody for a chat page's, which costs no read.
/// Refuses what would not arrive: the customer wants nothing or wrote too long ago, or the text is too long.
pub(super) async fn carried_to(
    rows: &mut dyn Snapshot,
    workitem: &Workitem,
    text: &MessageText,
    at: Timestamp,
) -> Stored<Option<IdentityRow>> {
    if workitem.channel == Channel::Chat {
        return Ok(None);
    }
    let Some(identity) = rows.identity_of_workitem(&workitem.id).await? else {
        return Ok(None);
    };
    can_be_written_to(&identity, at)?;
    if let Some(problem) = identity.text_limit.problem(text.as_str()) {
        let field = "text";
        return Err(StoreError::Invalid { field, problem });
    }
    Ok(Some(identity))
}

fn can_be_written_to(identity: &IdentityRow, at: Timestamp) -> Stored<()> {
    let cause = if identity.stopped_at.is_some() {
        ConflictCause::CustomerStopped
    } else if identity.answer_until.is_some_and(|until| until <= at) {
        ConflictCause::WindowClosed
    } else {
        return Ok(());
    };
    Err(StoreError::Conflict(cause))
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
    let job = NewJob {
        kind: MESSAGE_DELIVER,
        queue: ALL_MESSAGES,
        about: entry.as_str(),
        lane: &identity.id,
    };
    rows.job_insert(&job, at).await
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
            queue(rows, &identity, &self.entry, self.context.at).await?;
            let queued = Delivery::of(DeliveryState::Queued);
            set(rows, &found, queued, &mut changes).await?;
        }
        key.keep(rows, self.context.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// Sets how far a message has come, for everybody who follows its workitem.
pub(super) async fn set(
    rows: &mut dyn Transaction,
    found: &DeliveryRow,
    delivery: Delivery,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    rows.entry_set_delivery(&found.entry, &delivery).await?;
    entries::touch(rows, &found.workitem, &found.entry, changes).await
}

/// Takes messages that are due, at most `limit`, for as long as the lease lasts.
#[derive(Clone, Debug)]
pub struct DeliveriesClaim {
    /// Names who does it; never used before.
    pub lease: String,
    /// When.
    pub at: Timestamp,
    /// When the lease ends.
    pub until: Timestamp,
    /// How many at most.
    pub limit: i64,
}

/// A message to be handed to a provider, with all that it takes.
#[derive(Clone, Debug)]
pub struct DeliveryJob {
    /// The job, with how often it was tried.
    pub job: JobRow,
    /// Who does it.
    pub lease: String,
    /// The staff's entry of the message.
    pub entry: EntryId,
    /// What is said: a line of the customer's own view.
    pub text: MessageText,
    /// To whom: the customer.
    pub identity: String,
    /// The customer's address.
    pub to: String,
    /// Which of the messages to this customer it is.
    pub number: i64,
    /// On which channel.
    pub channel: ProviderChannelRow,
    /// The channel's secrets, sealed.
    pub secrets: Vec<SealedSecret>,
}

#[async_trait]
impl Command for DeliveriesClaim {
    type Answer = Vec<DeliveryJob>;
    const NAME: &'static str = "deliveries_claim";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Vec<DeliveryJob>>> {
        let Self {
            lease,
            at,
            until,
            limit,
        } = self;
        let taken = rows
            .jobs_claim((MESSAGE_DELIVER, ALL_MESSAGES), lease, *at, *until, *limit)
            .await?;
        let mut jobs = Vec::with_capacity(taken.len());
        let mut changes = Vec::new();
        for job in taken {
            let about = EntryId::parse(job.about.clone()).ok();
            let found = match &about {
                Some(entry) => rows.delivery_find(entry).await?,
                None => None,
            };
            match found {
                Some(found) => match complete(rows, &found, &job, lease).await? {
                    Some(job) => jobs.push(job),
                    None => {
                        rows.job_delete(&job.about).await?;
                        let failed = Delivery::failed(DeliveryReason::NotSetUp, None);
                        set(rows, &found, failed, &mut changes).await?;
                    }
                },
                None => rows.job_delete(&job.about).await?,
            }
        }
        Ok(Written {
            value: jobs,
            changes,
        })
    }
}

/// All that a job takes; nothing where a part of it is gone.
async fn complete(
    rows: &mut dyn Snapshot,
    found: &DeliveryRow,
    job: &JobRow,
    lease: &str,
) -> Stored<Option<DeliveryJob>> {
    let frame = rows
        .customer_frame_find(&found.workitem, found.customer_seq)
        .await?;
    let text = match frame.map(|frame| frame.body) {
        Some(CustomerBody::Theirs { text, .. }) => text,
        _ => return Ok(None),
    };
    let Some(identity) = rows.identity_find(&found.identity).await? else {
        return Ok(None);
    };
    let Some(channel) = rows.provider_channel_find(&identity.channel).await? else {
        return Ok(None);
    };
    Ok(Some(DeliveryJob {
        job: job.clone(),
        lease: lease.to_owned(),
        entry: found.entry.clone(),
        text,
        identity: identity.id,
        to: identity.address,
        number: found.number,
        secrets: rows.channel_secrets_of(&channel.key).await?,
        channel,
    }))
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
    },
}

/// Notes what came of a job, unless somebody else has taken it since. Answers whether it was noted.
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
    /// When the attempt began.
    pub begun: Timestamp,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for DeliverySettle {
    type Answer = bool;
    const NAME: &'static str = "delivery_settle";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let found = rows.delivery_find(&self.entry).await?;
        let held = rows.job_held(self.job, &self.lease).await?;
        let Some(found) = found.filter(|_| held) else {
            return Ok(Written::unchanged(false));
        };
        let mut changes = Vec::new();
        let delivery = match &self.outcome {
            DeliveryOutcome::Later {
                run_after,
                counted,
                unsettled,
            } => {
                rows.job_release(self.job, *run_after, *counted, *unsettled)
                    .await?;
                return Ok(Written::unchanged(true));
            }
            DeliveryOutcome::Sent { id, maybe_twice } => {
                rows.delivery_set_handed(&self.entry, id, Some(self.begun))
                    .await?;
                Delivery {
                    reason: maybe_twice.then_some(DeliveryReason::MaybeTwice),
                    ..Delivery::of(DeliveryState::Sent)
                }
            }
            DeliveryOutcome::Failed { reason, code } => {
                if *reason == DeliveryReason::Stopped {
                    rows.identity_set_stopped(&found.identity, Some(self.at))
                        .await?;
                }
                Delivery::failed(*reason, *code)
            }
        };
        rows.job_delete(found.entry.as_str()).await?;
        set(rows, &found, delivery, &mut changes).await?;
        Ok(Written {
            value: true,
            changes,
        })
    }
}
