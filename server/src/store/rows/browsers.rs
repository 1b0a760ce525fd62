//! Browsers in which a user has signed in before.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::time::Timestamp;

use crate::store::Stored;

/// Reads of browsers.
#[async_trait]
pub trait BrowserReads: Send {
    /// The browsers from which the user has signed in before.
    async fn browsers_of(&mut self, user: &UserId) -> Stored<Vec<String>>;
}

/// Writes of browsers.
#[async_trait]
pub trait BrowserRows: Send {
    /// The user has signed in from this browser. Forgets all but the last `kept` that they used.
    async fn browser_remember(
        &mut self,
        user: &UserId,
        browser: &str,
        at: Timestamp,
        kept: i64,
    ) -> Stored<()>;
    /// The user is known by this browser no more.
    async fn browser_forget(&mut self, user: &UserId, browser: &str) -> Stored<()>;
}
