//! Links to walls.

use async_trait::async_trait;
use shared::ids::WallId;
use shared::time::Timestamp;
use shared::walls::Wall;

use crate::store::Stored;

/// Reads of links to walls.
#[async_trait]
pub trait WallReads: Send {
    /// A link, whether it was revoked or not.
    async fn wall_find(&mut self, wall: &WallId) -> Stored<Option<Wall>>;
    /// The link whose secret has this hash (SHA-256 in hex), whether it was revoked or not.
    async fn wall_of(&mut self, hash: &str) -> Stored<Option<Wall>>;
    /// All links, the newest first.
    async fn wall_list(&mut self) -> Stored<Vec<Wall>>;
}

/// Writes of links to walls.
#[async_trait]
pub trait WallRows: Send {
    /// Inserts a link with the hash of its secret.
    async fn wall_insert(&mut self, wall: &Wall, hash: &str) -> Stored<()>;
    /// Sets when a link was revoked.
    async fn wall_set_revoked(&mut self, wall: &WallId, at: Timestamp) -> Stored<()>;
    /// Moves the time at which a link was last used; never back.
    async fn wall_set_used(&mut self, wall: &WallId, at: Timestamp) -> Stored<()>;
}
