//! Walls: large pages for a screen that everybody in the room sees. They show how teams stand, and nothing of customers. Who has the
//! link needs no account.

use crate::ids::{TeamId, WallId};
use crate::people::PersonRef;
use crate::time::Timestamp;

/// How many links of one person there may be that are not revoked.
pub const WALLS_MAX: i64 = 20;

/// A link to a wall, without its secret, which nobody can read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wall {
    /// Which.
    pub id: WallId,
    /// What it is called; the page shows it.
    pub name: String,
    /// The teams that it shows.
    pub teams: Vec<TeamId>,
    /// Who made it. It shows nothing once they have lost the right to any of its teams.
    pub created_by: PersonRef,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last shown, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}
