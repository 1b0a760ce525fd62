//! Agents: whether somebody is one, and how much work they have and may have.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId};
use shared::people::{PersonRef, Presence};
use shared::time::Timestamp;
use shared::workitem::{Channel, ChannelCounts};

use crate::store::Stored;

/// Reads of agents.
#[async_trait]
pub trait AgentReads: Send {
    /// The person with the presence that they chose, if they are an active user with the agent role.
    async fn agent_find(&mut self, agent: &UserId) -> Stored<Option<(PersonRef, Presence)>>;
    /// Every active user with the agent role, by name, with the presence that they chose.
    async fn agent_list(&mut self) -> Stored<Vec<(PersonRef, Presence)>>;
    /// The name of every team, by name.
    async fn team_names(&mut self) -> Stored<Vec<(TeamId, String)>>;
    /// The name of every team that has an active agent, by name.
    async fn team_names_with_agents(&mut self) -> Stored<Vec<(TeamId, String)>>;
    /// The teams that an agent belongs to, by name.
    async fn agent_teams(&mut self, agent: &UserId) -> Stored<Vec<TeamId>>;
    /// How much work an agent may have, if there are numbers for this agent alone.
    async fn agent_capacity(&mut self, agent: &UserId) -> Stored<Option<ChannelCounts>>;
    /// How many active workitems of a channel an agent has.
    async fn agent_active_count(&mut self, agent: &UserId, channel: Channel) -> Stored<i64>;
    /// A team's name, and how many active agents it has.
    async fn team_agent_count(&mut self, team: &TeamId) -> Stored<Option<(String, i64)>>;
}

/// Writes of agents.
#[async_trait]
pub trait AgentRows: Send {
    /// Sets when an agent was last given work.
    async fn agent_set_assigned(&mut self, agent: &UserId, at: Timestamp) -> Stored<()>;
}
