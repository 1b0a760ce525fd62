//! What administrators delete: the row stays, marked, and is offered nowhere.

use async_trait::async_trait;
use shared::deletion::DeletionExtent;
use shared::ids::{AlertRuleId, ChannelKey, LabelId, TeamId, UserId};
use shared::time::Timestamp;

use crate::store::Stored;

/// What has a name that something else cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameHolder {
    /// Something that is there.
    Present,
    /// Something that was deleted.
    Deleted,
}

/// Reads of what hangs on something, and of what was deleted.
#[async_trait]
pub trait DeletionReads: Send {
    /// The open workitems of an agent.
    async fn user_extent(&mut self, user: &UserId) -> Stored<DeletionExtent>;
    /// The agents, channels and open workitems of a team.
    async fn team_extent(&mut self, team: &TeamId) -> Stored<DeletionExtent>;
    /// The open workitems that were begun on a channel, whose team they have now does not matter.
    async fn channel_extent(&mut self, channel: &ChannelKey) -> Stored<DeletionExtent>;
    /// Whether a label was there and is deleted.
    async fn label_is_deleted(&mut self, label: &LabelId) -> Stored<bool>;
    /// Whether a rule for alerts was there and is deleted.
    async fn alert_rule_is_deleted(&mut self, rule: &AlertRuleId) -> Stored<bool>;
}

/// Marks of what is deleted.
#[async_trait]
pub trait DeletionRows: Send {
    /// Marks a user as deleted, who cannot sign in from then on, and takes away everything that they signed in with, their
    /// roles and their teams. The username stays theirs.
    async fn user_delete(&mut self, user: &UserId, at: Timestamp) -> Stored<()>;
    /// Marks a team as deleted. Its supervisors stay, because they read its closed work.
    async fn team_delete(&mut self, team: &TeamId, at: Timestamp) -> Stored<()>;
    /// Marks a channel as deleted and switches it off. What customers write to of a provider's is free for another one.
    async fn channel_delete(&mut self, channel: &ChannelKey, at: Timestamp) -> Stored<()>;
    /// Marks a label as deleted and switches it off. Workitems keep it; its name is free for another one.
    async fn label_delete(&mut self, label: &LabelId, at: Timestamp) -> Stored<()>;
    /// Marks a rule for alerts as deleted and switches it off. Its name is free for another one.
    async fn alert_rule_delete(&mut self, rule: &AlertRuleId, at: Timestamp) -> Stored<()>;
}
