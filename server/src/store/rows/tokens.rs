//! Tokens of the HTTP API.

use async_trait::async_trait;
use shared::ids::TokenId;
use shared::time::Timestamp;
use shared::tokens::ApiToken;

use crate::store::Stored;

/// Reads of tokens.
#[async_trait]
pub trait TokenReads: Send {
    /// A token, whether it lasts or not.
    async fn token_find(&mut self, token: &TokenId) -> Stored<Option<ApiToken>>;
    /// The token whose secret has this hash (SHA-256 in hex), whether it lasts or not.
    async fn token_of(&mut self, hash: &str) -> Stored<Option<ApiToken>>;
    /// All tokens, the newest first.
    async fn token_list(&mut self) -> Stored<Vec<ApiToken>>;
}

/// Writes of tokens.
#[async_trait]
pub trait TokenRows: Send {
    /// Inserts a token with the hash of its secret.
    async fn token_insert(&mut self, token: &ApiToken, hash: &str) -> Stored<()>;
    /// Sets when a token was revoked.
    async fn token_set_revoked(&mut self, token: &TokenId, at: Timestamp) -> Stored<()>;
    /// Moves the time at which a token was last used; never back.
    async fn token_set_used(&mut self, token: &TokenId, at: Timestamp) -> Stored<()>;
}
