//! Alerts: what rules find in what customers write and in how long things take.
//!
//! Texts are searched after they were stored, published and answered, by one task that has the rules in memory: a message that
//! no rule fits costs no statement. What takes long is checked every few seconds, which also finds what began or ended
//! while the program was away. Nothing of it goes to customers, and nothing that they are answered waits for it.

mod rules;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::backend::{Alerts as Backend, ApiResult};
use async_trait::async_trait;
use shared::alerts::{ALERTS_SHOWN_MAX, AlertCondition, AlertKind, AlertRule, OpenAlert};
use shared::error::AppError;
use shared::ids::{AlertRuleId, CommandKey, TeamId, UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct};
use shared::text::AlertRuleName;
use shared::time::Timestamp;
use shared::transcript::{Author, Entry, EntryBody, Reaction, WorkitemChange};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use self::rules::Rules;
use super::{Desk, to_app_error};
use crate::commands::alerts::{concerned, is_over};
use crate::commands::{
    AlertDismiss, AlertRuleCreate, AlertRuleDelete, AlertRuleUpdate, AlertsRaise, AlertsSettle,
};
use crate::pattern::compile;
use crate::store::rows::{AlertKey, AlertRow, AlertedWorkitem};
use crate::store::{Change, Stored};

/// How often what takes long is checked.
const EVERY: Duration = Duration::from_secs(10);
/// How much may wait to be checked. Beyond it texts are left out: the log says so.
const WAITING: usize = 4_096;
/// How many workitems one check finds for a rule; the next one finds the others.
const FOUND: i64 = 200;

/// What the task is to check.
enum Check {
    /// The customer wrote something.
    Said {
        workitem: WorkitemId,
        at: Timestamp,
        text: String,
    },
    /// The agent found coaching of no use.
    ThumbsDown(WorkitemId),
    /// A workitem with open alerts changed.
    Changed(WorkitemId),
}

/// The rules as they were read last, and how often they changed.
#[derive(Default)]
struct Known {
    changes: u64,
    rules: Option<Arc<Rules>>,
}

/// What the desk remembers of alerts.
pub(super) struct Alerts {
    sender: mpsc::Sender<Check>,
    receiver: Mutex<Option<mpsc::Receiver<Check>>>,
    known: Mutex<Known>,
    /// Workitems with open alerts, and those about to have one.
    open: Mutex<HashMap<WorkitemId, Shown>>,
}

/// Whose work it was and which teams saw it when its alerts were last published to supervisors.
#[derive(Debug, Default, PartialEq, Eq)]
struct Shown {
    agent: Option<UserId>,
    teams: Vec<TeamId>,
}

impl Shown {
    fn of(workitem: &AlertedWorkitem) -> Self {
        Self {
            agent: workitem.agent.clone(),
            teams: concerned(workitem),
        }
    }
}

impl Default for Alerts {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self {
            sender,
            receiver: Mutex::new(Some(receiver)),
            known: Mutex::default(),
            open: Mutex::default(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks can panic half-way through a change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Alerts {
    /// Takes a change that was published, for the task. Never waits.
    pub(super) fn on_change(&self, change: &Change) {
        let check = match change {
            Change::AlertRules => {
                let mut known = lock(&self.known);
                known.changes += 1;
                known.rules = None;
                return;
            }
            Change::Workitem {
                id,
                change: WorkitemChange::Entry(entry),
                ..
            } => self.of_entry(id, entry),
            Change::Workitem {
                id,
                change: WorkitemChange::Workitem(_),
                ..
            } => self.of_open(id),
            _ => None,
        };
        if let Some(check) = check
            && let Err(mpsc::error::TrySendError::Full(_)) = self.sender.try_send(check)
        {
            tracing::warn!("too much waits to be looked at for alerts; one change was left out");
        }
    }

    fn of_open(&self, id: &WorkitemId) -> Option<Check> {
        let open = lock(&self.open).contains_key(id);
        open.then(|| Check::Changed(id.clone()))
    }

    fn of_entry(&self, id: &WorkitemId, entry: &Entry) -> Option<Check> {
        let wanted = |wants: fn(&Rules) -> bool| {
            let known = lock(&self.known);
            known.rules.as_ref().is_none_or(|rules| wants(rules))
        };
        match &entry.body {
            EntryBody::Message {
                author: Author::Customer,
                text,
                ..
            } if !text.is_empty() && wanted(Rules::search_texts) => Some(Check::Said {
                workitem: id.clone(),
                at: entry.at,
                text: text.clone(),
            }),
            EntryBody::Coaching {
                reaction: Some(Reaction::ThumbsDown),
                ..
            } if wanted(|rules| rules.any(AlertKind::ThumbsDown)) => {
                Some(Check::ThumbsDown(id.clone()))
            }
            EntryBody::Coaching { .. } => self.of_open(id),
            _ => None,
        }
    }
}

/// What the page of rules shows.
pub(crate) struct AlertRulesManaged {
    /// All rules, by name.
    pub(crate) rules: Vec<AlertRule>,
    /// The teams of the organisation, by name.
    pub(crate) teams: Vec<(TeamId, String)>,
}

/// What somebody typed of a rule.
pub(crate) struct AlertRuleDraft {
    /// What it is called.
    pub(crate) name: AlertRuleName,
    /// When it raises an alert.
    pub(crate) condition: CheckedCondition,
}

/// A condition within its limits, whose pattern can be read if it has one.
pub(crate) struct CheckedCondition(AlertCondition);

impl CheckedCondition {
    /// Checks one that was typed.
    ///
    /// # Errors
    /// `Invalid` with the field and the limit, or with the place in a pattern.
    pub(crate) fn of(typed: AlertCondition) -> ApiResult<Self> {
        let condition = typed.checked()?;
        if let AlertCondition::Pattern(pattern) = &condition {
            compile(pattern).map_err(|problem| AppError::invalid("pattern", problem))?;
        }
        Ok(Self(condition))
    }
}

impl Desk {
    /// All rules.
    ///
    /// # Errors
    /// `NotFound` for those who do not set up the organisation.
    pub(crate) async fn alert_rules_managed(&self, actor: &Actor) -> ApiResult<AlertRulesManaged> {
        self.allow(actor, Action::OrganisationManage).await?;
        let mut rows = self.snapshot().await?;
        Ok(AlertRulesManaged {
            rules: rows.alert_rule_list().await.map_err(to_app_error)?,
            teams: rows.team_names().await.map_err(to_app_error)?,
        })
    }

    /// Adds a rule for every team, or for one.
    pub(crate) async fn alert_rule_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        team: Option<TeamId>,
        draft: AlertRuleDraft,
    ) -> ApiResult<()> {
        self.allow(actor, Action::OrganisationManage).await?;
        let rule = AlertRule {
            id: AlertRuleId::parse(self.ids().next())?,
            name: draft.name.into(),
            team,
            condition: draft.condition.0,
            active: true,
            version: 0,
        };
        let context = self.context(actor, key);
        self.execute(AlertRuleCreate { rule, context }).await
    }

    /// Changes a rule, or switches it on or off.
    pub(crate) async fn alert_rule_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        (id, version): (AlertRuleId, i64),
        draft: AlertRuleDraft,
        active: bool,
    ) -> ApiResult<()> {
        self.allow(actor, Action::OrganisationManage).await?;
        let rule = AlertRule {
            id,
            name: draft.name.into(),
            team: None,
            condition: draft.condition.0,
            active,
            version,
        };
        let context = self.context(actor, key);
        self.execute(AlertRuleUpdate { rule, context }).await
    }

    /// Deletes a rule. Its open alerts end.
    pub(crate) async fn alert_rule_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        rule: AlertRuleId,
        version: i64,
    ) -> ApiResult<()> {
        self.allow(actor, Action::OrganisationManage).await?;
        let delete = AlertRuleDelete {
            rule,
            version,
            context: self.context(actor, key),
        };
        self.execute(delete).await
    }

    /// The open alerts that the actor sees.
    pub(crate) async fn alerts_open(&self, actor: &Actor) -> ApiResult<Vec<OpenAlert>> {
        self.allow(actor, Action::DashboardView).await?;
        let mut rows = self.snapshot().await?;
        let shown = rows.alerts_shown(&actor.supervises, &actor.id, ALERTS_SHOWN_MAX);
        shown.await.map_err(to_app_error)
    }

    /// Checks as long as the process lives. There is one such task.
    pub async fn alerts_run(self) {
        let Some(mut checks) = lock(&self.0.alerts.receiver).take() else {
            return;
        };
        let mut tick = interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let checked = tokio::select! {
                check = checks.recv() => match check {
                    Some(check) => self.alerts_check_one(check).await,
                    None => return,
                },
                _ = tick.tick() => match self.0.nodes.on_duty() {
                    true => self.alerts_check().await,
                    false => Ok(()),
                },
            };
            if let Err(error) = checked {
                tracing::warn!(%error, "alerts could not be looked for");
            }
        }
    }

    /// Checks once what takes long, and whether what is open lasts. It remembers nothing of the check before.
    pub async fn alerts_check(&self) -> Stored<()> {
        let rules = self.alert_rules().await?;
        let now = self.now();
        let mut found = Vec::new();
        for rule in &rules.all {
            let (AlertCondition::Queued(minutes)
            | AlertCondition::Unanswered(minutes)
            | AlertCondition::Handled(minutes)) = rule.condition
            else {
                continue;
            };
            let until = Timestamp(now.0.saturating_sub(minutes.saturating_mul(60_000_000)));
            let mut rows = self.store().snapshot().await?;
            found.extend(rows.alert_candidates(rule, until, FOUND).await?);
        }
        self.alerts_raise(found).await?;
        let open = self.store().snapshot().await?.alerts_open(None).await?;
        self.alerts_review(None, open).await
    }

    async fn alerts_check_one(&self, check: Check) -> Stored<()> {
        let (workitem, found) = match check {
            Check::Changed(workitem) => (workitem, Vec::new()),
            Check::Said { workitem, at, text } => {
                let rules = self.alert_rules().await?;
                let found = rules.fitting(&text);
                let found = self.alert_keys(&workitem, found, at.0).await?;
                if found.is_empty() {
                    return Ok(());
                }
                (workitem, found)
            }
            Check::ThumbsDown(workitem) => {
                let rules = self.alert_rules().await?;
                let of_it = |rule: &&AlertRule| rule.condition.kind() == AlertKind::ThumbsDown;
                let asked: Vec<_> = rules.all.iter().filter(of_it).collect();
                if asked.is_empty() {
                    return Ok(());
                }
                let mut rows = self.store().snapshot().await?;
                let count = rows.alerted_workitem(&workitem).await?;
                drop(rows);
                let count = count.map_or(0, |workitem| workitem.facts.thumbs_down);
                let found = self.alert_keys(&workitem, asked, count).await?;
                (workitem, found)
            }
        };
        self.alerts_raise(found).await?;
        let mut rows = self.store().snapshot().await?;
        let open = rows.alerts_open(Some(&workitem)).await?;
        drop(rows);
        self.alerts_review(Some(workitem), open).await
    }

    /// What these rules would raise, without those of other teams.
    async fn alert_keys(
        &self,
        workitem: &WorkitemId,
        rules: Vec<&AlertRule>,
        about: i64,
    ) -> Stored<Vec<AlertKey>> {
        if rules.is_empty() {
            return Ok(Vec::new());
        }
        let Some(record) = self.reads().workitem_find(workitem).await? else {
            return Ok(Vec::new());
        };
        let here = rules
            .into_iter()
            .filter(|rule| rule.is_for(&record.workitem.team));
        let key = |rule: &AlertRule| AlertKey {
            rule: rule.id.clone(),
            workitem: workitem.clone(),
            about,
        };
        Ok(here.map(key).collect())
    }

    async fn alerts_raise(&self, found: Vec<AlertKey>) -> Stored<()> {
        if found.is_empty() {
            return Ok(());
        }
        {
            // Work that changes hands while the alert is being stored is checked again.
            let mut open = lock(&self.0.alerts.open);
            for alert in &found {
                open.entry(alert.workitem.clone()).or_default();
            }
        }
        let at = self.now();
        let written = self.store().execute(AlertsRaise { found, at }).await?;
        for raised in self.publish(written) {
            self.0.push.hear_alert(raised);
        }
        Ok(())
    }

    /// Settles what is over among the open alerts of one workitem or of all, and tells of work that moved on with its alerts.
    async fn alerts_review(&self, of: Option<WorkitemId>, open: Vec<AlertRow>) -> Stored<()> {
        let over = open.iter().any(is_over);
        let lasting = open.iter().filter(|alert| !is_over(alert));
        let shown = |alert: &AlertRow| (alert.key.workitem.clone(), Shown::of(&alert.workitem));
        let now: HashMap<WorkitemId, Shown> = lasting.map(shown).collect();
        let mut moved = Vec::new();
        {
            let mut known = lock(&self.0.alerts.open);
            for (workitem, shown) in &now {
                if let Some(before) = known.get(workitem)
                    && before != shown
                {
                    moved.extend(before.teams.iter().chain(&shown.teams).cloned());
                }
            }
            match &of {
                None => *known = now,
                Some(workitem) => {
                    known.remove(workitem);
                    known.extend(now);
                }
            }
        }
        moved.sort();
        moved.dedup();
        for team in moved {
            self.bus().publish(Change::Alerts(team));
        }
        if over {
            let (workitem, at) = (of, self.now());
            let written = self.store().execute(AlertsSettle { workitem, at }).await?;
            self.publish(written);
        }
        Ok(())
    }

    /// The rules that are switched on.
    async fn alert_rules(&self) -> Stored<Arc<Rules>> {
        let changes = {
            let known = lock(&self.0.alerts.known);
            if let Some(rules) = &known.rules {
                return Ok(rules.clone());
            }
            known.changes
        };
        let rules = self.store().snapshot().await?.alert_rule_list().await?;
        let rules = Arc::new(Rules::new(rules));
        let mut known = lock(&self.0.alerts.known);
        if known.changes == changes {
            known.rules = Some(rules.clone());
        }
        Ok(rules)
    }
}

#[async_trait]
impl Backend for Desk {
    async fn alert_dismiss(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        rule: AlertRuleId,
        about: i64,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Alert, &key)
            .await?;
        let alert = AlertKey {
            rule,
            workitem,
            about,
        };
        let command = AlertDismiss {
            alert,
            by: actor.id.clone(),
            at: self.now(),
            key,
        };
        self.execute(command).await
    }
}
