//! Attempts to sign in that count, where several nodes count them together.

use async_trait::async_trait;
use shared::time::Timestamp;

use crate::store::Stored;

/// How many attempts there were under a key, since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptRow {
    /// When the first one was made.
    pub since: Timestamp,
    /// How many.
    pub count: i64,
}

/// Reads and writes of attempts.
#[async_trait]
pub trait AttemptRows: Send {
    /// The attempts under a key.
    async fn attempts_find(&mut self, key: &str) -> Stored<Option<AttemptRow>>;
    /// Sets the attempts under a key.
    async fn attempts_set(&mut self, key: &str, attempts: AttemptRow) -> Stored<()>;
    /// Nothing is counted under a key.
    async fn attempts_delete(&mut self, key: &str) -> Stored<()>;
    /// Forgets what began before a time, at most so many keys.
    async fn attempts_forget(&mut self, before: Timestamp, at_most: i64) -> Stored<()>;
}
