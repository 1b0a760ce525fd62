//! Taking messages that are due, with all that handing them over takes.

use async_trait::async_trait;
use shared::customer::CustomerBody;
use shared::delivery::{Delivery, DeliveryReason};
use shared::ids::EntryId;
use shared::text::MessageText;
use shared::time::Timestamp;

use super::deliveries::{MESSAGE_DELIVER, barred, end};
use crate::store::rows::{DeliveryRow, JobRoom, JobRow, ProviderChannelRow, SealedSecret};
use crate::store::{Command, Snapshot, Stored, Transaction, Written};

/// Takes messages that are due, of each channel as many as it has room for and of one that pauses none
/// ([`ChannelPause`]), for as long as the lease lasts. What its customer may not be sent any more ends here; where the provider may
/// have it already, that is asked first ([`DeliveryJob::barred`]).
///
/// [`ChannelPause`]: super::ChannelPause
#[derive(Clone, Debug)]
pub struct DeliveriesClaim {
    /// Names who does it; never used before.
    pub lease: String,
    /// When.
    pub at: Timestamp,
    /// When the lease ends.
    pub until: Timestamp,
    /// For how many of each channel there is room.
    pub room: JobRoom,
}

/// A message to be handed to a provider, with all that it takes.
#[derive(Clone, Debug)]
pub struct DeliveryJob {
    /// The job, with how often it was tried.
    pub job: JobRow,
    /// Since when the provider may have it, where an attempt before may have been carried out.
    pub unsettled_since: Option<Timestamp>,
    /// Why it may not be sent any more: it is only asked whether it was.
    pub barred: Option<DeliveryReason>,
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
            room,
        } = self;
        let taken = rows
            .jobs_claim_of_each(MESSAGE_DELIVER, lease, *at, *until, room)
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
                Some(found) => match complete(rows, &found, &job, (lease, *at)).await? {
                    Ok(job) => jobs.push(job),
                    Err(reason) => {
                        let failed = Delivery::failed(reason, None);
                        end(rows, &found, failed, &mut changes).await?;
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

/// All that a job takes; or why there is nothing to be done: a part of it is gone, or nobody has it and it may not be sent.
async fn complete(
    rows: &mut dyn Snapshot,
    found: &DeliveryRow,
    job: &JobRow,
    (lease, at): (&str, Timestamp),
) -> Stored<Result<DeliveryJob, DeliveryReason>> {
    let frame = rows
        .customer_frame_find(&found.workitem, found.customer_seq)
        .await?;
    let text = match frame.map(|frame| frame.body) {
        Some(CustomerBody::Theirs {
            text: Some(text), ..
        }) => text,
        _ => return Ok(Err(DeliveryReason::NotSetUp)),
    };
    let Some(identity) = rows.identity_find(&found.identity).await? else {
        return Ok(Err(DeliveryReason::NotSetUp));
    };
    let Some(channel) = rows.provider_channel_find(&identity.channel).await? else {
        return Ok(Err(DeliveryReason::NotSetUp));
    };
    let unsettled_since = found
        .unsettled_since
        .or(job.unsettled.then_some(job.created_at));
    let barred = barred(&identity, at);
    if let Some(reason) = barred
        && unsettled_since.is_none()
    {
        return Ok(Err(reason));
    }
    Ok(Ok(DeliveryJob {
        job: job.clone(),
        unsettled_since,
        barred,
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
