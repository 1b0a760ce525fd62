//! Sessions: who is signed in, and since when.

use async_trait::async_trait;
use shared::account::{SessionInfo, SignedInFrom};
use shared::ids::UserId;
use shared::people::Actor;
use shared::time::Timestamp;

use crate::store::Stored;

/// A session about to begin.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The hash of its token, in hex.
    pub id: String,
    /// Whose.
    pub user: UserId,
    /// When it begins.
    pub at: Timestamp,
    /// How long it lasts while nobody uses it, in microseconds.
    pub idle_us: i64,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// In which browser.
    pub from: SignedInFrom,
}

/// A session, and how long it lasts.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Who is signed in.
    pub actor: Actor,
    /// When it was last used, in microseconds.
    pub seen_at: i64,
    /// How long it lasts while nobody uses it, in microseconds.
    pub idle_us: i64,
    /// When it ends at the latest, in microseconds.
    pub expires_at: i64,
}

impl SessionRow {
    /// Whether it is not over yet.
    pub fn lasts(&self, now: Timestamp) -> bool {
        self.expires_at > now.0 && self.seen_at + self.idle_us > now.0
    }
}

/// Reads of sessions.
#[async_trait]
pub trait SessionReads: Send {
    /// A session of an active user that is not over.
    async fn session_find(&mut self, session: &str, now: Timestamp) -> Stored<Option<SessionRow>>;
    /// Whose session it is.
    async fn session_user(&mut self, session: &str) -> Stored<Option<UserId>>;
    /// When the session last proved its password; `None` for one that is not there.
    async fn session_proved_at(&mut self, session: &str) -> Stored<Option<Timestamp>>;
    /// The sessions of a user that are not over, the one that was used last first.
    async fn session_list(&mut self, user: &UserId, now: Timestamp) -> Stored<Vec<SessionInfo>>;
}

/// Writes of sessions.
#[async_trait]
pub trait SessionRows: Send {
    /// Inserts a session that has just proved its password.
    async fn session_insert(&mut self, session: &NewSession) -> Stored<()>;
    /// Moves the time at which a session was last used; never back.
    async fn session_set_seen(&mut self, session: &str, at: Timestamp) -> Stored<()>;
    /// Sets when a session last proved its password.
    async fn session_set_proved(&mut self, session: &str, at: Timestamp) -> Stored<()>;
    /// Deletes a session. Answers whose it was, if it was there.
    async fn session_delete(&mut self, session: &str) -> Stored<Option<UserId>>;
    /// Deletes the sessions of a user, all but the one named.
    async fn sessions_delete_of(&mut self, user: &UserId, except: Option<&str>) -> Stored<()>;
    /// Deletes the sessions of a user that are over, all but the last `kept`.
    async fn sessions_delete_ended(
        &mut self,
        user: &UserId,
        now: Timestamp,
        kept: i64,
    ) -> Stored<()>;
}
