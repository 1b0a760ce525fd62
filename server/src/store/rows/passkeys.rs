//! Passkeys, and what browsers are asked to sign until they answer.

use async_trait::async_trait;
use shared::ids::{PasskeyId, UserId};
use shared::time::Timestamp;

use crate::store::Stored;

/// A user's passkey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyRow {
    /// Its id here.
    pub id: PasskeyId,
    /// Whose.
    pub user: UserId,
    /// What the authenticator calls it, in base64url.
    pub credential_id: String,
    /// The name of the host for which it was made.
    pub host: String,
    /// What its user calls it.
    pub name: String,
    /// The public key and what was last said with it, as `crate::passkeys` writes it.
    pub credential: String,
    /// The authenticator's count of uses; one that does not count says 0.
    pub counter: i64,
    /// When it was added.
    pub added_at: Timestamp,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

/// What a browser was asked to sign.
#[derive(Clone, PartialEq, Eq)]
pub struct ChallengeRow {
    /// The id of the session or sign-in, or the hash of the browser's token.
    pub id: String,
    /// What the host needs to verify the answer.
    pub state: String,
    /// What the browser is given.
    pub options: String,
    /// When it was made.
    pub at: Timestamp,
}

/// Reads of passkeys.
#[async_trait]
pub trait PasskeyReads: Send {
    /// The passkeys of a user, the oldest first.
    async fn passkeys_of(&mut self, user: &UserId) -> Stored<Vec<PasskeyRow>>;
    /// A passkey by what its authenticator calls it.
    async fn passkey_find(&mut self, credential_id: &str) -> Stored<Option<PasskeyRow>>;
    /// What the browser behind an id was last asked to sign.
    async fn passkey_challenge_find(&mut self, id: &str) -> Stored<Option<ChallengeRow>>;
}

/// Writes of passkeys.
#[async_trait]
pub trait PasskeyRows: Send {
    /// Inserts a passkey.
    async fn passkey_insert(&mut self, passkey: &PasskeyRow) -> Stored<()>;
    /// Sets what was last said with a passkey: credential, counter, time of use.
    async fn passkey_set_used(&mut self, passkey: &PasskeyRow) -> Stored<()>;
    /// Deletes a passkey of a user. Answers whether it was there.
    async fn passkey_delete(&mut self, user: &UserId, id: &PasskeyId) -> Stored<bool>;
    /// Deletes the passkeys of a user.
    async fn passkeys_delete_of(&mut self, user: &UserId) -> Stored<()>;
    /// Puts a challenge in the place of an earlier one of the same id, and deletes those from before `since`.
    async fn passkey_challenge_set(
        &mut self,
        challenge: &ChallengeRow,
        since: Timestamp,
    ) -> Stored<()>;
    /// Deletes a challenge, and answers what it was.
    async fn passkey_challenge_take(&mut self, id: &str) -> Stored<Option<ChallengeRow>>;
}
