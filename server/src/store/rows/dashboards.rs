//! What the User Dashboard shows.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId};
use shared::workitem::{AgentRow, Dashboard, TeamQueue};

use crate::store::Stored;

/// Reads of dashboards.
#[async_trait]
pub trait DashboardReads: Send {
    /// The agents of these teams with their open requests and their own capacity, and the queues, by name. Presences are as chosen;
    /// what is open at the agents is not filled in, and neither is whom their requests are about.
    async fn dashboard_skeleton(&mut self, teams: &[TeamId]) -> Stored<Dashboard>;
    /// Of it the rows of these agents alone.
    async fn dashboard_rows(
        &mut self,
        teams: &[TeamId],
        agents: &[UserId],
    ) -> Stored<Vec<AgentRow>>;
    /// Of it the queues alone.
    async fn dashboard_queues(&mut self, teams: &[TeamId]) -> Stored<Vec<TeamQueue>>;
}
