//! Views of the dashboard, and what it keeps for somebody.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId, ViewId};
use shared::views::{DashboardChoice, DashboardView};

use crate::store::Stored;

/// Reads of views.
#[async_trait]
pub trait ViewReads: Send {
    /// A view, whether anybody is offered it or not.
    async fn view_find(&mut self, view: &ViewId) -> Stored<Option<DashboardView>>;
    /// Somebody's own views, and those that are shared with these teams.
    async fn view_list(&mut self, owner: &UserId, teams: &[TeamId]) -> Stored<Vec<DashboardView>>;
    /// How many somebody keeps.
    async fn view_count(&mut self, owner: &UserId) -> Stored<i64>;
    /// How many workitems wait in each team's queue.
    async fn queued_counts(&mut self) -> Stored<Vec<(TeamId, i64)>>;
    /// What the dashboard keeps for somebody.
    async fn dashboard_choice(&mut self, user: &UserId) -> Stored<DashboardChoice>;
}

/// Writes of views.
#[async_trait]
pub trait ViewRows: Send {
    /// Inserts one.
    async fn view_insert(&mut self, view: &DashboardView) -> Stored<()>;
    /// Sets name, filter, team and version.
    async fn view_set(&mut self, view: &DashboardView) -> Stored<()>;
    /// Deletes one.
    async fn view_delete(&mut self, view: &ViewId) -> Stored<()>;
    /// Sets what the dashboard keeps for somebody.
    async fn dashboard_choice_set(&mut self, user: &UserId, choice: &DashboardChoice)
    -> Stored<()>;
}
