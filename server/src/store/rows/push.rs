//! Browsers that are told of news while no page of Sideline is open in them.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::language::Language;

use crate::store::Stored;

/// What a browser asked for, in one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushSubscription {
    /// The session's id. The subscription ends with it.
    pub session: String,
    /// Whose session it is.
    pub user: UserId,
    /// The address of the browser's push service.
    pub endpoint: String,
    /// The browser's public key, a point of P-256 in base64url.
    pub p256dh: String,
    /// The secret that browser and host share, 16 bytes in base64url.
    pub auth: String,
    /// Whether alerts are wanted beside messages.
    pub alerts: bool,
    /// From when until when nothing is wanted, as `22:00` and `07:30` on the clock of `zone`. Empty: no such time.
    pub quiet: (String, String),
    /// The browser's time zone by its IANA name.
    pub zone: String,
    /// The language in which it is told.
    pub language: Language,
}

/// Reads of them.
#[async_trait]
pub trait PushReads: Send {
    /// What the browser of a session asked for.
    async fn push_find(&mut self, session: &str) -> Stored<Option<PushSubscription>>;
    /// Those of a user, in sessions that may be over.
    async fn push_of(&mut self, user: &UserId) -> Stored<Vec<PushSubscription>>;
    /// Those that want alerts, by user, in sessions that may be over.
    async fn push_of_alerts(&mut self) -> Stored<Vec<PushSubscription>>;
}

/// Writes of them.
#[async_trait]
pub trait PushRows: Send {
    /// Sets what the browser of a session asked for. What the same browser asked for in another session is dropped.
    async fn push_save(&mut self, subscription: &PushSubscription) -> Stored<()>;
    /// Drops it. Answers whether there was one.
    async fn push_delete(&mut self, session: &str) -> Stored<bool>;
}
