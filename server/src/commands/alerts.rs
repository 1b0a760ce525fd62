//! Alerts: the rules that administrators keep, what raises an alert, and what settles it.

use async_trait::async_trait;
use shared::alerts::{ALERT_RULES_MAX, AlertRule};
use shared::audit::AuditChange;
use shared::error::{Difference, Problem};
use shared::ids::{AlertRuleId, CommandKey, TeamId, UserId, WorkitemId};
use shared::policy::{Action, WorkitemAct};
use shared::time::Timestamp;

use super::edits::{difference, edited_meanwhile};
use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::rows::{AlertKey, AlertRow, AlertedWorkitem};
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// Adds a rule. `Invalid` when its name is taken, or there are too many.
#[derive(Clone, Debug)]
pub struct AlertRuleCreate {
    /// The rule.
    pub rule: AlertRule,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for AlertRuleCreate {
    type Answer = ();
    const NAME: &'static str = "alert_rule_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self { rule, context } = self;
        let content = (&rule.team, &rule.name, &rule.condition);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::OrganisationManage).await?;
        if let Some(team) = &rule.team
            && rows.team_find(team).await?.is_none()
        {
            return Err(invalid("team", Problem::NotATeam));
        }
        room(rows).await?;
        free(rows, rule).await?;
        rows.alert_rule_insert(rule).await?;
        let changes = audited(None, Some(rule))?;
        audit::changed(rows, context, Self::NAME, rule.id.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written {
            value: (),
            changes: vec![Change::AlertRules],
        })
    }
}

/// Changes name, condition or activity of a rule; its team and its kind stay. What it found by another condition is over, and so is
/// everything once it is switched off. `Conflict` when somebody else edited it since its `version`.
#[derive(Clone, Debug)]
pub struct AlertRuleUpdate {
    /// The rule as it shall be, with the version that this started from. Its team is not looked at.
    pub rule: AlertRule,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for AlertRuleUpdate {
    type Answer = ();
    const NAME: &'static str = "alert_rule_update";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self { rule, context } = self;
        let content = (
            (&rule.id, rule.version),
            (&rule.name, &rule.condition, rule.active),
        );
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::OrganisationManage).await?;
        let stored = rows.alert_rule_find(&rule.id).await?;
        let stored = stored.ok_or(StoreError::NotFound)?;
        if stored.condition.kind() != rule.condition.kind() {
            return Err(StoreError::NotFound);
        }
        let renamed = difference(&stored.name, &rule.name, Difference::Name);
        let switched = difference(&stored.active, &rule.active, Difference::Active);
        let looks_at_other = stored.condition != rule.condition;
        let edited = renamed.is_some() || switched.is_some() || looks_at_other;
        if edited && stored.version != rule.version {
            let now = renamed.into_iter().chain(switched).collect();
            let refusal = edited_meanwhile(rows, rule.id.as_str(), Self::NAME, now, false);
            return Err(refusal.await?);
        }
        let after = AlertRule {
            team: stored.team.clone(),
            version: stored.version + i64::from(edited),
            ..rule.clone()
        };
        if after.active && !stored.active {
            room(rows).await?;
        }
        free(rows, &after).await?;
        rows.alert_rule_set(&after).await?;
        if looks_at_other || !after.active {
            settle_of(rows, &rule.id, context.at).await?;
        }
        let changes = audited(Some(&stored), Some(&after))?;
        audit::changed(rows, context, Self::NAME, rule.id.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written {
            value: (),
            // All who see alerts of it see its name.
            changes: vec![Change::AlertRules, Change::People],
        })
    }
}

/// Raises what rules found, where it still lasts. A repeat finds the alert open and changes nothing. Answers what it raised.
#[derive(Clone, Debug)]
pub struct AlertsRaise {
    /// What was found.
    pub found: Vec<AlertKey>,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for AlertsRaise {
    type Answer = Vec<AlertKey>;
    const NAME: &'static str = "alerts_raise";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Vec<AlertKey>>> {
        let mut changes = Vec::new();
        let mut raised = Vec::new();
        for key in &self.found {
            let Some(rule) = rows.alert_rule_find(&key.rule).await? else {
                continue;
            };
            let Some(workitem) = rows.alerted_workitem(&key.workitem).await? else {
                continue;
            };
            let lasts = !rule.condition.is_over(key.about, &workitem.facts);
            if lasts && rule.is_for(&workitem.team) && rows.alert_raise(key, self.at).await? {
                tell(&workitem, &mut changes);
                raised.push(key.clone());
            }
        }
        Ok(Written {
            value: raised,
            changes,
        })
    }
}

/// Settles the alerts of a workitem, or all, that are over.
#[derive(Clone, Debug)]
pub struct AlertsSettle {
    /// Of which workitem; all where there is none.
    pub workitem: Option<WorkitemId>,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for AlertsSettle {
    type Answer = ();
    const NAME: &'static str = "alerts_settle";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let mut changes = Vec::new();
        let open = rows.alerts_open(self.workitem.as_ref()).await?;
        for alert in open.iter().filter(|alert| is_over(alert)) {
            rows.alert_settle(&alert.key, self.at, None).await?;
            tell(&alert.workitem, &mut changes);
        }
        Ok(Written { value: (), changes })
    }
}

/// A supervisor saw an alert and wants to hear no more of what it is about; for all supervisors. One that is over stays as it is.
#[derive(Clone, Debug)]
pub struct AlertDismiss {
    /// Which.
    pub alert: AlertKey,
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

#[async_trait]
impl Command for AlertDismiss {
    type Answer = ();
    const NAME: &'static str = "alert_dismiss";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let AlertKey {
            rule,
            workitem,
            about,
        } = &self.alert;
        let content = (rule, workitem, about);
        let key = IdempotencyKey::of_user(&self.by, &self.key, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let row = rows.workitem_find(workitem).await?;
        let row = row.ok_or(StoreError::NotFound)?;
        rights::ask_in(rows, &self.by, WorkitemAct::Alert, &row).await?;
        let open = rows.alert_is_open(&self.alert).await?;
        let open = open.ok_or(StoreError::NotFound)?;
        let mut changes = Vec::new();
        if open {
            rows.alert_settle(&self.alert, self.at, Some(&self.by))
                .await?;
            if let Some(workitem) = rows.alerted_workitem(workitem).await? {
                tell(&workitem, &mut changes);
            }
        }
        key.keep(rows, self.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// Whether an open alert is over: what it is about, its rule, or the way of the workitem through the rule's team.
pub(crate) fn is_over(alert: &AlertRow) -> bool {
    let AlertRow {
        key,
        rule,
        workitem,
    } = alert;
    !rule.is_for(&workitem.team) || rule.condition.is_over(key.about, &workitem.facts)
}

/// The teams whose supervisors see the alerts of a workitem.
pub(crate) fn concerned(workitem: &AlertedWorkitem) -> Vec<TeamId> {
    let mut teams = vec![workitem.team.clone()];
    let agents = workitem.agent_teams.iter();
    teams.extend(agents.filter(|team| **team != workitem.team).cloned());
    teams
}

fn tell(workitem: &AlertedWorkitem, changes: &mut Vec<Change>) {
    for team in concerned(workitem) {
        let change = Change::Alerts(team);
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
}

/// Settles all that a rule found: it looks for something else now, or no more.
pub(super) async fn settle_of(
    rows: &mut dyn Transaction,
    rule: &AlertRuleId,
    at: Timestamp,
) -> Stored<()> {
    let open = rows.alerts_open(None).await?;
    for alert in open.iter().filter(|alert| alert.key.rule == *rule) {
        rows.alert_settle(&alert.key, at, None).await?;
    }
    Ok(())
}

/// There is room for one more that is switched on.
async fn room(rows: &mut dyn Snapshot) -> Stored<()> {
    let rules = rows.alert_rule_list().await?;
    let on = rules.iter().filter(|rule| rule.active).count();
    let max = ALERT_RULES_MAX;
    match on as i64 >= max {
        true => Err(invalid("rules", Problem::TooMany { max })),
        false => Ok(()),
    }
}

/// No other rule has its name where both could raise alerts.
async fn free(rows: &mut dyn Snapshot, rule: &AlertRule) -> Stored<()> {
    match rows.alert_rule_name_taken(rule).await? {
        true => Err(invalid("name", Problem::Taken)),
        false => Ok(()),
    }
}

fn invalid(field: &'static str, problem: Problem) -> StoreError {
    StoreError::Invalid { field, problem }
}

/// What the audit log says of a change.
pub(super) fn audited(
    before: Option<&AlertRule>,
    after: Option<&AlertRule>,
) -> Stored<Vec<AuditChange>> {
    let values = |rule: &AlertRule| -> Stored<[String; 4]> {
        let team = rule.team.as_ref();
        Ok([
            rule.name.clone(),
            team.map_or_else(String::new, TeamId::to_string),
            serde_json::to_string(&rule.condition)?,
            rule.active.to_string(),
        ])
    };
    let names = ["name", "team", "condition", "active"];
    let before = before.map(values).transpose()?;
    let after = after.map(values).transpose()?;
    Ok(audit::differences(names, before, after))
}
