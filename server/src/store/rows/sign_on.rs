//! Sign-in at a provider of OpenID Connect: how it is set up, whom the provider calls what, and what it has sent once.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use shared::ids::{RoleId, UserId};
use shared::people::Role;
use shared::time::Timestamp;

use crate::store::Stored;

/// A kind of role, and a role of that kind which an administrator built, if it is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenRole {
    /// The kind.
    pub kind: Role,
    /// The role; none: what its kind has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleId>,
}

/// Who may come in, and as what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOnSettings {
    /// Whether somebody who is not known becomes a user at the first sign-in.
    pub create: bool,
    /// What such a user is, unless a claim says it. A kind that only a later release knows is nothing here.
    #[serde(deserialize_with = "shared::lenient::list")]
    pub roles: Vec<GivenRole>,
    /// The claim that names the roles of a user; empty: administrators give them.
    pub roles_claim: String,
    /// The claim that holds the username.
    pub username_claim: String,
    /// Whether a user with that username is taken for the one whom the provider means.
    pub link: bool,
    /// Whether everybody may sign in with a password; if not, only those who manage users.
    pub passwords: bool,
}

/// How sign-in at the provider is set up.
#[derive(Clone, PartialEq, Eq)]
pub struct SignOnRow {
    /// Whether it is offered.
    pub active: bool,
    /// What users call the provider.
    pub name: String,
    /// The provider's identifier, an address.
    pub issuer: String,
    /// What the provider calls Sideline.
    pub client_id: String,
    /// The id of the key that sealed the client's secret.
    pub key_id: String,
    /// The client's secret, sealed.
    pub sealed: Vec<u8>,
    /// Who may come in, and as what.
    pub settings: SignOnSettings,
    /// How often it was edited; an edit names the version that it started from.
    pub version: i64,
}

impl fmt::Debug for SignOnRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignOnRow")
            .field("active", &self.active)
            .field("issuer", &self.issuer)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A user whom a provider knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedUser {
    /// Who.
    pub user: UserId,
    /// How they are called on screen.
    pub name: String,
    /// With what they sign in without the provider.
    pub username: String,
    /// Whether they can sign in.
    pub active: bool,
    /// The provider's identifier.
    pub issuer: String,
    /// What the provider calls them, for good.
    pub subject: String,
    /// Since when it leads to them.
    pub linked_at: Timestamp,
}

/// Reads of single sign-on.
#[async_trait]
pub trait SignOnReads: Send {
    /// How it is set up, if it is.
    async fn sign_on_find(&mut self) -> Stored<Option<SignOnRow>>;
    /// Which user a provider means by a subject.
    async fn subject_find(&mut self, issuer: &str, subject: &str) -> Stored<Option<UserId>>;
    /// Whether a provider knows a user by some subject.
    async fn subject_known(&mut self, issuer: &str, user: &UserId) -> Stored<bool>;
    /// The sessions that belong to a session of the provider's.
    async fn sessions_of_provider(&mut self, issuer: &str, session: &str) -> Stored<Vec<String>>;
    /// The sessions of a user that began at a provider.
    async fn sessions_begun_at(&mut self, issuer: &str, user: &UserId) -> Stored<Vec<String>>;
    /// Everybody whom a provider knows and who is not deleted, by name; once for each subject.
    async fn linked_users(&mut self) -> Stored<Vec<LinkedUser>>;
}

/// Writes of single sign-on.
#[async_trait]
pub trait SignOnRows: Send {
    /// Sets it up, or replaces how it is.
    async fn sign_on_set(&mut self, row: &SignOnRow) -> Stored<()>;
    /// Removes it. The users whom the provider knows stay known, for when it is set up again.
    async fn sign_on_delete(&mut self) -> Stored<()>;
    /// Links a subject of a provider to a user.
    async fn subject_link(
        &mut self,
        issuer: &str,
        subject: &str,
        user: &UserId,
        at: Timestamp,
    ) -> Stored<()>;
    /// Forgets which user a provider means by a subject.
    async fn subject_unlink(&mut self, issuer: &str, subject: &str) -> Stored<()>;
    /// Forgets by what subjects providers know a user.
    async fn subjects_delete_of(&mut self, user: &UserId) -> Stored<()>;
    /// Notes by which provider a session began, and what the provider calls its own.
    async fn session_set_provider(
        &mut self,
        session: &str,
        issuer: &str,
        provider_session: Option<&str>,
    ) -> Stored<()>;
    /// Takes a provider's message that ends sessions. Answers whether it came for the first time.
    async fn logout_token_take(
        &mut self,
        issuer: &str,
        token: &str,
        expires_at: Timestamp,
    ) -> Stored<bool>;
    /// Forgets the messages that nobody would take any more.
    async fn logout_tokens_forget(&mut self, now: Timestamp) -> Stored<()>;
}
