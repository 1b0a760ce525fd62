//! What a user signs in with and sets for themselves: password, settings, presence.

use async_trait::async_trait;
use shared::directory::Settings;
use shared::ids::UserId;
use shared::language::Language;
use shared::people::Presence;
use shared::time::Timestamp;

use crate::store::{Credentials, Stored};

/// Reads of accounts.
#[async_trait]
pub trait AccountReads: Send {
    /// What signing in under this username needs.
    async fn credentials_find(&mut self, username: &str) -> Stored<Option<Credentials>>;
    /// What signing in as this user needs.
    async fn credentials_of(&mut self, user: &UserId) -> Stored<Option<Credentials>>;
    /// The settings of a user. `NotFound` without such a user.
    async fn settings_find(&mut self, user: &UserId) -> Stored<Settings>;
}

/// Writes of accounts.
#[async_trait]
pub trait AccountRows: Send {
    /// Sets the hash of a user's password.
    async fn account_set_password(&mut self, user: &UserId, hash: &str) -> Stored<()>;
    /// Marks a user's password as one that somebody else chose, or not.
    async fn account_set_temporary(&mut self, user: &UserId, temporary: bool) -> Stored<()>;
    /// Sets what of the settings is on or off.
    async fn account_set_switches(&mut self, user: &UserId, settings: &Settings) -> Stored<()>;
    /// Sets the language of a user's pages; none is the browser's.
    async fn account_set_language(
        &mut self,
        user: &UserId,
        language: Option<Language>,
    ) -> Stored<()>;
    /// Sets the presence that a user chose, and when.
    async fn account_set_presence(
        &mut self,
        user: &UserId,
        presence: Presence,
        at: Timestamp,
    ) -> Stored<()>;
}
