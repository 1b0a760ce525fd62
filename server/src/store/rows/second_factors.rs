//! Second factors: the key of an authenticator app, and recovery codes.

use async_trait::async_trait;
use shared::ids::UserId;

use crate::store::Stored;

/// A user's second factor.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecondFactorRow {
    /// The key whose codes count, in base32; none before it was confirmed.
    pub secret: Option<String>,
    /// A key that waits for its first code, in base32.
    pub setup: Option<String>,
    /// The time step of the last code that was taken.
    pub last_step: i64,
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
