//! What the desk hands to the store: commands whose authority and texts were checked already.

use shared::admin::TeamChange;
use shared::ids::{CommandKey, TeamId, UserId};
use shared::time::Timestamp;

/// By whom, when and under which key something is changed that has no command of its own.
#[derive(Clone, Debug)]
pub struct CommandContext {
    /// Who; nobody: the operator of the program.
    pub actor: Option<UserId>,
    /// Repeating it (per actor) gives the first answer.
    pub key: CommandKey,
    /// When.
    pub at: Timestamp,
}

/// A team as it shall be.
#[derive(Clone, Debug)]
pub struct TeamSave {
    /// Which.
    pub team: TeamId,
    /// Whether it is a new one.
    pub create: bool,
    /// Name and people, and the version that they started from.
    pub change: TeamChange,
}
