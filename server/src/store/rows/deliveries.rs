//! Customers of providers' channels, and how far what was sent to them has come.

use async_trait::async_trait;
use shared::delivery::Delivery;
use shared::ids::{ChannelKey, EntryId, WorkitemId};
use shared::text::TextLimit;
use shared::time::Timestamp;

use crate::store::Stored;

/// A customer on a channel of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    /// Which; the visitor of the customer's conversations.
    pub id: String,
    /// On which channel.
    pub channel: ChannelKey,
    /// Their address there.
    pub address: String,
    /// Since when they want no messages.
    pub stopped_at: Option<Timestamp>,
    /// The longest message that their channel takes.
    pub text_limit: TextLimit,
    /// Until when they can be answered, unless they write again; nothing where that does not end.
    pub answer_until: Option<Timestamp>,
}

/// A message that a provider carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// The staff's entry of it.
    pub entry: EntryId,
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Where its text stands in the customer's view.
    pub customer_seq: i64,
    /// To whom it goes.
    pub identity: String,
    /// Which of the messages to them it is.
    pub number: i64,
    /// What the provider calls it.
    pub provider_id: Option<String>,
    /// Since when the provider may have it, although nobody knows: set while it is given up or waits again.
    pub unsettled_since: Option<Timestamp>,
    /// How far it has come.
    pub delivery: Delivery,
}

/// Reads of deliveries.
#[async_trait]
pub trait DeliveryReads: Send {
    /// A customer by their address on a channel.
    async fn identity_at(
        &mut self,
        channel: &ChannelKey,
        address: &str,
    ) -> Stored<Option<IdentityRow>>;
    /// A customer by what else their provider calls them on a channel.
    async fn identity_known_as(
        &mut self,
        channel: &ChannelKey,
        user_id: &str,
    ) -> Stored<Option<IdentityRow>>;
    /// A customer.
    async fn identity_find(&mut self, identity: &str) -> Stored<Option<IdentityRow>>;
    /// The customer of a workitem, where a provider carries its messages.
    async fn identity_of_workitem(&mut self, workitem: &WorkitemId) -> Stored<Option<IdentityRow>>;
    /// The delivery of an entry.
    async fn delivery_find(&mut self, entry: &EntryId) -> Stored<Option<DeliveryRow>>;
    /// The delivery with a number of a customer's.
    async fn delivery_numbered(
        &mut self,
        identity: &str,
        number: i64,
    ) -> Stored<Option<DeliveryRow>>;
    /// The delivery on a channel that the provider calls so.
    async fn delivery_named(
        &mut self,
        channel: &ChannelKey,
        provider_id: &str,
    ) -> Stored<Option<DeliveryRow>>;
    /// Deliveries to a customer that were handed over until then, the newest first, at most `limit`.
    async fn deliveries_handed(
        &mut self,
        identity: &str,
        until: Timestamp,
        limit: i64,
    ) -> Stored<Vec<DeliveryRow>>;
    /// Whether a message of a workitem did not arrive, and none that was written after it did.
    async fn workitem_undelivered(&mut self, workitem: &WorkitemId) -> Stored<bool>;
    /// Which of these names of a provider belong to a delivery, or did until it was sent again or erased.
    async fn provider_ids_known(&mut self, ids: &[String]) -> Stored<Vec<String>>;
}

/// Writes of deliveries.
#[async_trait]
pub trait DeliveryRows: Send {
    /// Inserts a customer.
    async fn identity_insert(
        &mut self,
        identity: &str,
        channel: &ChannelKey,
        address: &str,
    ) -> Stored<()>;
    /// From now on a customer is known by this as well. On their channel nobody else may be.
    async fn identity_set_known_as(&mut self, identity: &str, user_id: &str) -> Stored<()>;
    /// Deletes a customer to whom nothing was ever handed over, if there is one.
    async fn identity_delete(&mut self, identity: &str) -> Stored<()>;
    /// The customer has written at this time, unless they did later.
    async fn identity_heard(&mut self, identity: &str, at: Timestamp) -> Stored<()>;
    /// Since when they want no messages; `None`: they want some.
    async fn identity_set_stopped(&mut self, identity: &str, at: Option<Timestamp>) -> Stored<()>;
    /// The next number of a message to them.
    async fn identity_next_number(&mut self, identity: &str) -> Stored<i64>;
    /// Inserts the delivery of an entry, or gives it another number and forgets how it was handed over, all but that its former
    /// name at the provider is known.
    async fn delivery_set(&mut self, entry: &EntryId, identity: &str, number: i64) -> Stored<()>;
    /// The provider has it: what it is called there, and when the attempt began, where that is known.
    async fn delivery_set_handed(
        &mut self,
        entry: &EntryId,
        provider_id: &str,
        at: Option<Timestamp>,
    ) -> Stored<()>;
    /// The message was given up, and the provider may have it since then, unless it may have had it before.
    async fn delivery_set_unsettled(&mut self, entry: &EntryId, since: Timestamp) -> Stored<()>;
    /// Sets how far the message of an entry has come.
    async fn entry_set_delivery(&mut self, entry: &EntryId, delivery: &Delivery) -> Stored<()>;
}
