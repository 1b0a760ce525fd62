//! Sign-ins that are under way: the password was right, something else is still asked for.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::time::Timestamp;

use crate::store::Stored;

/// A sign-in that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRow {
    /// The hash of its token, in hex.
    pub id: String,
    /// Who signs in.
    pub user: UserId,
    /// The password hash that was verified.
    pub verified: String,
    /// Whether the second factor was given.
    pub factor: bool,
    /// How many wrong codes were given.
    pub wrong: i64,
    /// When it began.
    pub at: Timestamp,
}

/// Reads of sign-ins.
#[async_trait]
pub trait SignInReads: Send {
    /// A sign-in.
    async fn sign_in_find(&mut self, id: &str) -> Stored<Option<SignInRow>>;
}

/// Writes of sign-ins.
#[async_trait]
pub trait SignInRows: Send {
    /// Inserts a sign-in, and deletes those of its user beyond the last `kept`.
    async fn sign_in_insert(&mut self, sign_in: &SignInRow, kept: i64) -> Stored<()>;
    /// Sets what was given so far.
    async fn sign_in_set(&mut self, sign_in: &SignInRow) -> Stored<()>;
    /// Deletes a sign-in.
    async fn sign_in_delete(&mut self, id: &str) -> Stored<()>;
    /// Deletes the sign-ins of a user.
    async fn sign_ins_delete_of(&mut self, user: &UserId) -> Stored<()>;
}
