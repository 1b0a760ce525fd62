//! Channels of providers, and their secrets as they are stored: sealed.

use async_trait::async_trait;
use shared::channels::NamedValue;
use shared::ids::{ChannelKey, TeamId};
use shared::text::TextLimit;
use shared::time::Timestamp;

use crate::store::Stored;

/// A channel of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderChannelRow {
    /// Which.
    pub key: ChannelKey,
    /// The code of its kind.
    pub kind: String,
    /// What administrators call it.
    pub name: String,
    /// The team that it feeds.
    pub team: TeamId,
    /// That team's name; not read when the row is written.
    pub team_name: String,
    /// To which customers write.
    pub address: String,
    /// Its settings by name.
    pub settings: Vec<NamedValue>,
    /// The longest message.
    pub text_limit: TextLimit,
    /// For how long after a customer's message they can be answered, in microseconds; nothing: for ever.
    pub answer_window: Option<i64>,
    /// Whether it begins conversations.
    pub active: bool,
    /// How often it was edited.
    pub version: i64,
    /// When the provider last reported something; not read when the row is written.
    pub heard_at: Option<Timestamp>,
}

/// A secret of a channel, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSecret {
    /// Whose.
    pub channel: ChannelKey,
    /// Its name.
    pub name: String,
    /// The key that it was sealed with.
    pub key_id: String,
    /// The nonce, and what was encrypted.
    pub sealed: Vec<u8>,
}

/// Reads of providers' channels.
#[async_trait]
pub trait ChannelReads: Send {
    /// All of them but the deleted, by name.
    async fn provider_channel_list(&mut self) -> Stored<Vec<ProviderChannelRow>>;
    /// One; `None` for a chat page and for one that was deleted as well.
    async fn provider_channel_find(
        &mut self,
        channel: &ChannelKey,
    ) -> Stored<Option<ProviderChannelRow>>;
    /// The channel of this kind with this address.
    async fn provider_channel_at(
        &mut self,
        kind: &str,
        address: &str,
    ) -> Stored<Option<ChannelKey>>;
    /// The secrets of a channel.
    async fn channel_secrets_of(&mut self, channel: &ChannelKey) -> Stored<Vec<SealedSecret>>;
    /// All secrets.
    async fn channel_secrets_list(&mut self) -> Stored<Vec<SealedSecret>>;
}

/// Writes of providers' channels.
#[async_trait]
pub trait ChannelRows: Send {
    /// Inserts a channel, or replaces what is stored of it.
    async fn provider_channel_set(&mut self, row: &ProviderChannelRow, at: Timestamp)
    -> Stored<()>;
    /// Inserts a secret or replaces it.
    async fn channel_secret_set(&mut self, secret: &SealedSecret) -> Stored<()>;
    /// Deletes a secret.
    async fn channel_secret_delete(&mut self, channel: &ChannelKey, name: &str) -> Stored<()>;
    /// The provider has reported something, or a customer has written on a chat page.
    async fn channel_heard(&mut self, channel: &ChannelKey, at: Timestamp) -> Stored<()>;
}
