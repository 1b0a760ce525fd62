//! What an administrator deletes, and what hangs on it. The rows stay: what people wrote keeps its names.

use serde::{Deserialize, Serialize};

use crate::ids::{ChannelKey, TeamId, UserId};

/// What can be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deletable {
    /// A user, with the account.
    User(UserId),
    /// A team. It must have no agents, no channels and no open work.
    Team(TeamId),
    /// A chat channel or a provider's. No conversation that was begun on it may be open.
    Channel(ChannelKey),
}

/// What hangs on something that is about to be deleted. A user's work goes back to its queues; with a team and a chat
/// channel all of this stands in the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletionExtent {
    /// Workitems that are not closed: of the user, of the team, or begun on the chat channel.
    pub open: i64,
    /// Agents of the team.
    pub agents: i64,
    /// Channels of the team.
    pub channels: i64,
}

impl DeletionExtent {
    /// Whether nothing hangs on it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
