//! Second factors: the key of an authenticator app, and recovery codes.

use async_trait::async_trait;
use shared::ids::UserId;

use crate::second_factor::StoredKey;
use crate::secrets::{Keyring, SecretError};
use crate::store::Stored;

/// A user's second factor.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecondFactorRow {
    /// The key whose codes count; none before it was confirmed.
    pub secret: Option<StoredKey>,
    /// A key that waits for its first code.
    pub setup: Option<StoredKey>,
    /// The time step of the last code that was taken.
    pub last_step: i64,
}

impl SecondFactorRow {
    /// The same with those of its keys sealed once more that are to be.
    pub fn sealed_again(
        &self,
        keys: &Keyring,
        user: &UserId,
        which: fn(&StoredKey) -> bool,
    ) -> Result<Self, SecretError> {
        let again = |stored: &StoredKey| match which(stored) {
            true => {
                let key = stored.open(keys, user)?;
                Ok(StoredKey::seal(keys, user, key.reveal()))
            }
            false => Ok(stored.clone()),
        };
        Ok(Self {
            secret: self.secret.as_ref().map(again).transpose()?,
            setup: self.setup.as_ref().map(again).transpose()?,
            last_step: self.last_step,
        })
    }
}

impl std::fmt::Debug for SecondFactorRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecondFactorRow(…)")
    }
}

/// Reads of second factors.
#[async_trait]
pub trait SecondFactorReads: Send {
    /// A user's second factor; without one, an empty one.
    async fn second_factor_of(&mut self, user: &UserId) -> Stored<SecondFactorRow>;
    /// Everybody's who has a key.
    async fn second_factors_list(&mut self) -> Stored<Vec<(UserId, SecondFactorRow)>>;
    /// How many recovery codes the user has left.
    async fn recovery_codes_count(&mut self, user: &UserId) -> Stored<i64>;
}

/// Writes of second factors.
#[async_trait]
pub trait SecondFactorRows: Send {
    /// Sets a user's second factor.
    async fn second_factor_set(&mut self, user: &UserId, row: &SecondFactorRow) -> Stored<()>;
    /// Deletes the key of a user's authenticator app. The recovery codes stay.
    async fn second_factor_delete(&mut self, user: &UserId) -> Stored<()>;
    /// Puts these hashes in the place of a user's recovery codes.
    async fn recovery_codes_set(&mut self, user: &UserId, hashes: &[String]) -> Stored<()>;
    /// Deletes a recovery code. Answers whether it was there.
    async fn recovery_code_take(&mut self, user: &UserId, hash: &str) -> Stored<bool>;
}
