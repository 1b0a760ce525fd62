//! What providers report of the messages that they carry. A report never takes a message back to where it was.

use async_trait::async_trait;
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::ids::ChannelKey;
use shared::time::Timestamp;

use super::deliveries::{set, stop_reported};
use crate::store::rows::DeliveryRow;
use crate::store::{Change, Command, Stored, Transaction, Written};

/// How many messages one report moves at most that speaks of all until some time: more than wait to be read at once.
const AT_ONCE: i64 = 100;

/// Which messages a report is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reported {
    /// One of those to a customer.
    Numbered {
        /// The customer.
        identity: String,
        /// Which of the messages to them.
        number: i64,
        /// What the provider calls it.
        provider_id: String,
    },
    /// The one that the provider calls so.
    Named(String),
    /// All that were handed over until then.
    Until {
        /// The customer's address.
        address: String,
        /// The last moment.
        at: Timestamp,
    },
}

impl Reported {
    /// The message that was sent with this reference ([`Outgoing::reference`]).
    ///
    /// [`Outgoing::reference`]: crate::desk::providers::Outgoing::reference
    pub fn referenced(reference: &str, provider_id: &str) -> Option<Self> {
        let (identity, number) = reference.split_once('.')?;
        Some(Self::Numbered {
            identity: identity.to_owned(),
            number: number.parse().ok()?,
            provider_id: provider_id.to_owned(),
        })
    }

    /// Whether there can be such a message: PostgreSQL holds no NUL, so nobody is called so.
    pub(crate) fn is_nameable(&self) -> bool {
        let names = match self {
            Self::Numbered {
                identity,
                provider_id,
                ..
            } => [identity.as_str(), provider_id.as_str()],
            Self::Named(id) => [id.as_str(), ""],
            Self::Until { address, .. } => [address.as_str(), ""],
        };
        !names.iter().any(|name| name.contains('\0'))
    }
}

/// What a provider reports of messages. One that is still queued here was taken by an attempt of which nobody noted the end, and
/// is not sent again. Answers whether there is such a message.
#[derive(Clone, Debug)]
pub struct DeliveryReport {
    /// The channel to which it was reported.
    pub channel: ChannelKey,
    /// Of which messages.
    pub about: Reported,
    /// How far they have come.
    pub delivery: Delivery,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for DeliveryReport {
    type Answer = bool;
    const NAME: &'static str = "delivery_report";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let mut changes = Vec::new();
        let known = match &self.about {
            Reported::Numbered {
                identity,
                number,
                provider_id,
            } => {
                let found = rows.identity_find(identity).await?;
                if found.is_none_or(|found| found.channel != self.channel) {
                    return Ok(Written::unchanged(false));
                }
                let found = rows.delivery_numbered(identity, *number).await?;
                if let Some(found) = &found
                    && found.provider_id.is_none()
                {
                    rows.delivery_set_handed(&found.entry, provider_id, None)
                        .await?;
                }
                self.one(rows, found, &mut changes).await?
            }
            Reported::Named(provider_id) => {
                let found = rows.delivery_named(&self.channel, provider_id).await?;
                self.one(rows, found, &mut changes).await?
            }
            Reported::Until { address, at } => self.until(rows, address, *at, &mut changes).await?,
        };
        rows.channel_heard(&self.channel, self.at).await?;
        let value = known;
        Ok(Written { value, changes })
    }
}

impl DeliveryReport {
    async fn one(
        &self,
        rows: &mut dyn Transaction,
        found: Option<DeliveryRow>,
        changes: &mut Vec<Change>,
    ) -> Stored<bool> {
        let Some(found) = found else {
            return Ok(false);
        };
        self.move_on(rows, &found, changes).await?;
        Ok(true)
    }

    /// Only what the provider has: what failed or waits is not among what it speaks of.
    async fn until(
        &self,
        rows: &mut dyn Transaction,
        address: &str,
        at: Timestamp,
        changes: &mut Vec<Change>,
    ) -> Stored<bool> {
        let Some(identity) = rows.identity_at(&self.channel, address).await? else {
            return Ok(false);
        };
        let found = rows.deliveries_handed(&identity.id, at, AT_ONCE).await?;
        // The oldest first, as they are read.
        for found in found.iter().rev() {
            let state = found.delivery.state;
            if matches!(state, DeliveryState::Sent | DeliveryState::Delivered) {
                self.move_on(rows, found, changes).await?;
            }
        }
        Ok(true)
    }

    async fn move_on(
        &self,
        rows: &mut dyn Transaction,
        found: &DeliveryRow,
        changes: &mut Vec<Change>,
    ) -> Stored<()> {
        // Of what was given up without knowing whether the provider has it, the provider knows more.
        let unsettled = found.unsettled_since.is_some();
        if self.delivery.state <= found.delivery.state && !unsettled {
            return Ok(());
        }
        if self.delivery.reason == Some(DeliveryReason::Stopped) {
            stop_reported(rows, found, self.at, changes).await?;
        }
        let twice = Some(DeliveryReason::MaybeTwice);
        let delivery = Delivery {
            reason: self.delivery.reason.or(found
                .delivery
                .reason
                .filter(|reason| Some(*reason) == twice)),
            ..self.delivery
        };
        rows.job_delete(found.entry.as_str()).await?;
        set(rows, found, delivery, changes).await
    }
}
