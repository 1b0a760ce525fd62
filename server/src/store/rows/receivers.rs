//! Receivers of webhooks, with their addresses and keys as they are stored: sealed.

use async_trait::async_trait;
use shared::ids::{ReceiverId, TeamId, UserId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::webhooks::{EventKind, OffReason};

use crate::store::Stored;

/// A receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverRow {
    /// Which.
    pub id: ReceiverId,
    /// What administrators call it.
    pub name: String,
    /// Scheme, host and port of its address.
    pub place: String,
    /// What it is told of.
    pub events: Vec<EventKind>,
    /// Of whose workitems it is told; nothing: of all. A deleted team stays one of them.
    pub teams: Option<Vec<TeamId>>,
    /// Whether it is told anything.
    pub active: bool,
    /// How often it was edited.
    pub version: i64,
    /// On whose rights it rests: who added it or changed it last.
    pub rests_on: PersonRef,
    /// When it was added.
    pub created_at: Timestamp,
    /// What has become of its events.
    pub health: ReceiverHealth,
}

impl ReceiverRow {
    /// Whether it is told of what concerns these teams. A test is for every receiver.
    pub(crate) fn hears_of(&self, kind: EventKind, of: &[TeamId]) -> bool {
        kind == EventKind::Test
            || self.events.contains(&kind) && concerns(self.teams.as_deref(), of)
    }
}

/// Whether a receiver that is told of these teams, or of all, is told of what concerns those.
pub(crate) fn concerns(teams: Option<&[TeamId]>, of: &[TeamId]) -> bool {
    teams.is_none_or(|teams| of.iter().any(|team| teams.contains(team)))
}

/// How well a receiver takes its events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiverHealth {
    /// When it last took one.
    pub succeeded_at: Option<Timestamp>,
    /// When it first failed since then.
    pub failing_since: Option<Timestamp>,
    /// How often it failed since then.
    pub failures: i64,
    /// Until when it is left alone.
    pub paused_until: Timestamp,
    /// Why and when the program switched it off.
    pub off: Option<(OffReason, Timestamp)>,
}

/// The address of a receiver or one of its keys, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverSecret {
    /// Whose.
    pub receiver: ReceiverId,
    /// `url`, or a name of its own that begins with `key-`.
    pub name: String,
    /// The key that it was sealed with.
    pub key_id: String,
    /// The nonce, and what was encrypted.
    pub sealed: Vec<u8>,
    /// When it stops to be used; nothing for the present one.
    pub expires_at: Option<Timestamp>,
}

/// Reads of receivers.
#[async_trait]
pub trait ReceiverReads: Send {
    /// The receivers that are on and want events of this kind, with the teams that they are limited to.
    async fn receivers_wanting(
        &mut self,
        kind: EventKind,
    ) -> Stored<Vec<(ReceiverId, Option<Vec<TeamId>>)>>;
    /// A receiver that is not deleted.
    async fn receiver_find(&mut self, receiver: &ReceiverId) -> Stored<Option<ReceiverRow>>;
    /// All receivers that are not deleted, by name.
    async fn receiver_list(&mut self) -> Stored<Vec<ReceiverRow>>;
    /// Address and keys of a receiver, the present key in front of the one before.
    async fn receiver_secrets_of(&mut self, receiver: &ReceiverId) -> Stored<Vec<ReceiverSecret>>;
    /// Addresses and keys of all receivers.
    async fn receiver_secrets_list(&mut self) -> Stored<Vec<ReceiverSecret>>;
    /// For each receiver that is on and has something to be delivered: from when on.
    async fn receivers_due(&mut self) -> Stored<Vec<(ReceiverId, Timestamp)>>;
}

/// Writes of receivers.
#[async_trait]
pub trait ReceiverRows: Send {
    /// Inserts a receiver.
    async fn receiver_insert(&mut self, receiver: &ReceiverRow) -> Stored<()>;
    /// Replaces name, place, events, teams and version.
    async fn receiver_update(&mut self, receiver: &ReceiverRow) -> Stored<()>;
    /// Says on whose rights a receiver rests from now on.
    async fn receiver_rest_on(&mut self, receiver: &ReceiverId, user: &UserId) -> Stored<()>;
    /// Switches a receiver on or off, with the program's reason.
    async fn receiver_set_active(
        &mut self,
        receiver: &ReceiverId,
        active: bool,
        off: Option<(OffReason, Timestamp)>,
    ) -> Stored<()>;
    /// Sets how well a receiver takes its events; why it is off is set by [`ReceiverRows::receiver_set_active`].
    async fn receiver_set_health(
        &mut self,
        receiver: &ReceiverId,
        health: &ReceiverHealth,
    ) -> Stored<()>;
    /// Deletes a receiver: its address and its keys are wiped at once, its events by
    /// [`events_prune`](super::EventRows::events_prune).
    async fn receiver_delete(&mut self, receiver: &ReceiverId, at: Timestamp) -> Stored<()>;
    /// Inserts an address or a key, or replaces it.
    async fn receiver_secret_set(&mut self, secret: &ReceiverSecret) -> Stored<()>;
    /// Makes room for a new key: what is left of older ones is wiped, and the present one expires at this time.
    async fn receiver_keys_expire(&mut self, receiver: &ReceiverId, at: Timestamp) -> Stored<()>;
}
