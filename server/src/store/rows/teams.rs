//! Teams: their agents, their supervisors, and the chat channels that feed them.

use async_trait::async_trait;
use shared::admin::{ChatChannel, Team};
use shared::ids::{ChannelKey, TeamId, UserId};
use shared::time::Timestamp;

use crate::store::Stored;

/// A team's row.
#[derive(Clone, Debug)]
pub struct TeamRow<'a> {
    /// Which.
    pub id: &'a TeamId,
    /// Its name.
    pub name: &'a str,
    /// How often it was edited.
    pub version: i64,
}

/// Reads of teams.
#[async_trait]
pub trait TeamReads: Send {
    /// All teams, by name.
    async fn team_list(&mut self) -> Stored<Vec<Team>>;
    /// A team.
    async fn team_find(&mut self, team: &TeamId) -> Stored<Option<Team>>;
    /// Whether another team than this one has this name.
    async fn team_name_taken(&mut self, name: &str, team: &TeamId) -> Stored<bool>;
}

/// Writes of teams.
#[async_trait]
pub trait TeamRows: Send {
    /// Sets name and version of a team; inserts it where there is none.
    async fn team_set(&mut self, team: &TeamRow<'_>, at: Timestamp) -> Stored<()>;
    /// Sets the agents of a team.
    async fn team_set_members(&mut self, team: &TeamId, members: &[UserId]) -> Stored<()>;
    /// Sets the supervisors of a team.
    async fn team_set_supervisors(&mut self, team: &TeamId, supervisors: &[UserId]) -> Stored<()>;
    /// Inserts a chat channel of a team.
    async fn channel_insert(
        &mut self,
        team: &TeamId,
        channel: &ChatChannel,
        at: Timestamp,
    ) -> Stored<()>;
    /// Switches a chat channel on or off. Answers whether there is one.
    async fn channel_set_active(&mut self, key: &ChannelKey, active: bool) -> Stored<bool>;
}
