//! Teams: their agents, their supervisors, and the chat channels that feed them.

use async_trait::async_trait;
use shared::admin::{ChatChannel, QueuePriority, Team};
use shared::ids::{ChannelKey, TeamId, UserId};
use shared::time::Timestamp;

use super::NameHolder;
use crate::store::Stored;

/// A team's row.
#[derive(Clone, Debug)]
pub struct TeamRow<'a> {
    /// Which.
    pub id: &'a TeamId,
    /// Its name.
    pub name: &'a str,
    /// How its queue stands beside others.
    pub priority: QueuePriority,
    /// How often it was edited.
    pub version: i64,
}

/// Reads of teams.
#[async_trait]
pub trait TeamReads: Send {
    /// All teams that were not deleted, by name.
    async fn team_list(&mut self) -> Stored<Vec<Team>>;
    /// A team that was not deleted.
    async fn team_find(&mut self, team: &TeamId) -> Stored<Option<Team>>;
    /// Which other team than this one has this name.
    async fn team_name_holder(&mut self, name: &str, team: &TeamId) -> Stored<Option<NameHolder>>;
    /// Which chat channel has this key.
    async fn channel_key_holder(&mut self, key: &ChannelKey) -> Stored<Option<NameHolder>>;
    /// A channel that was not deleted.
    async fn channel_find(&mut self, key: &ChannelKey) -> Stored<Option<ChatChannel>>;
    /// The settings of a chat channel that was not deleted, as they are stored.
    async fn channel_settings_find(&mut self, key: &ChannelKey) -> Stored<Option<String>>;
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
    /// Sets name and version of a chat channel.
    async fn channel_set_name(&mut self, channel: &ChatChannel) -> Stored<()>;
    /// Sets the settings of a chat channel, as they are stored, and its version.
    async fn channel_set_settings(
        &mut self,
        key: &ChannelKey,
        settings: &str,
        version: i64,
    ) -> Stored<()>;
    /// Switches a chat channel on or off. Answers whether there is one.
    async fn channel_set_active(&mut self, key: &ChannelKey, active: bool) -> Stored<bool>;
}
