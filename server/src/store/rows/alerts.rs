//! Rules that raise alerts, and the alerts.

use async_trait::async_trait;
use shared::alerts::{AlertFacts, AlertRule, OpenAlert};
use shared::ids::{AlertRuleId, TeamId, UserId, WorkitemId};
use shared::time::Timestamp;

use crate::store::Stored;

/// One alert among all there have been.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AlertKey {
    /// Whose rule.
    pub rule: AlertRuleId,
    /// In which workitem.
    pub workitem: WorkitemId,
    /// What tells it apart from others of this rule and workitem.
    pub about: i64,
}

/// A workitem as alerts look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertedWorkitem {
    /// The team that it belongs to.
    pub team: TeamId,
    /// Who has it.
    pub agent: Option<UserId>,
    /// The teams of that agent.
    pub agent_teams: Vec<TeamId>,
    /// What decides whether an alert lasts.
    pub facts: AlertFacts,
}

/// An open alert with what decides about it.
#[derive(Clone, Debug)]
pub struct AlertRow {
    /// Which.
    pub key: AlertKey,
    /// Its rule.
    pub rule: AlertRule,
    /// Its workitem.
    pub workitem: AlertedWorkitem,
}

/// Reads of alerts and their rules.
#[async_trait]
pub trait AlertReads: Send {
    /// A rule; `None` also for one that was deleted.
    async fn alert_rule_find(&mut self, rule: &AlertRuleId) -> Stored<Option<AlertRule>>;
    /// All that were not deleted, by name.
    async fn alert_rule_list(&mut self) -> Stored<Vec<AlertRule>>;
    /// Whether another rule has its name, by the key of names, and is for the same team; one of every team is for each.
    async fn alert_rule_name_taken(&mut self, rule: &AlertRule) -> Stored<bool>;
    /// A workitem as alerts look at it.
    async fn alerted_workitem(&mut self, workitem: &WorkitemId) -> Stored<Option<AlertedWorkitem>>;
    /// The open alerts of one workitem, or all.
    async fn alerts_open(&mut self, of: Option<&WorkitemId>) -> Stored<Vec<AlertRow>>;
    /// The open alerts of workitems that belong to these teams or whose agents do, but for the user's own work: the latest
    /// first, and no more than `limit`.
    async fn alerts_shown(
        &mut self,
        teams: &[TeamId],
        but: &UserId,
        limit: i64,
    ) -> Stored<Vec<OpenAlert>>;
    /// One of those; `None` when it is not open, or the user does not see it.
    async fn alert_shown(
        &mut self,
        teams: &[TeamId],
        but: &UserId,
        key: &AlertKey,
    ) -> Stored<Option<OpenAlert>>;
    /// Whether an alert is open; `None` when there never was one.
    async fn alert_is_open(&mut self, key: &AlertKey) -> Stored<Option<bool>>;
    /// Workitems in which something lasts since `until` or longer that a rule about time looks for: with what the alert would be
    /// about. None that has an open alert of the rule, and none whose alert about the same was dismissed.
    async fn alert_candidates(
        &mut self,
        rule: &AlertRule,
        until: Timestamp,
        limit: i64,
    ) -> Stored<Vec<AlertKey>>;
}

/// Writes of alerts and their rules.
#[async_trait]
pub trait AlertRows: Send {
    /// Inserts a rule.
    async fn alert_rule_insert(&mut self, rule: &AlertRule) -> Stored<()>;
    /// Sets name, condition, activity and version of a rule.
    async fn alert_rule_set(&mut self, rule: &AlertRule) -> Stored<()>;
    /// Opens an alert, unless the rule has an open one in the workitem or this one was dismissed. Answers whether it did.
    async fn alert_raise(&mut self, key: &AlertKey, at: Timestamp) -> Stored<bool>;
    /// Settles an open alert: because somebody dismissed it, or because it is over.
    async fn alert_settle(
        &mut self,
        key: &AlertKey,
        at: Timestamp,
        by: Option<&UserId>,
    ) -> Stored<()>;
}
