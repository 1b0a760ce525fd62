//! Alerts: raised once for one thing, settled when it is over, and dismissed for good.

use server::commands::{
    AlertDismiss, AlertRuleCreate, AlertRuleDelete, AlertRuleUpdate, AlertsRaise, AlertsSettle,
};
use server::store::rows::AlertKey;
use server::store::{Change, StoreError, Stored, Written};
use shared::alerts::{AlertCondition, AlertRule};
use shared::error::{ConflictCause, Problem};
use shared::ids::{AlertRuleId, WorkitemId};
use shared::time::Timestamp;

use crate::fixtures::*;
use crate::words::*;

fn rule(id: &str, condition: AlertCondition) -> AlertRule {
    AlertRule {
        id: AlertRuleId::parse(id).unwrap(),
        name: id.to_owned(),
        team: None,
        condition,
        active: true,
        version: 0,
    }
}

fn words() -> AlertCondition {
    AlertCondition::Words(vec!["refund".to_owned()])
}

impl Fixture {
    async fn add_rule(&self, rule: AlertRule) -> Stored<Written<()>> {
        let context = self.context_of("ada");
        self.store.execute(AlertRuleCreate { rule, context }).await
    }

    async fn change_rule(&self, rule: AlertRule) -> Stored<Written<()>> {
        let context = self.context_of("ada");
        self.store.execute(AlertRuleUpdate { rule, context }).await
    }

    async fn delete_rule(&self, rule: &str, version: i64, who: &str) -> Stored<Written<()>> {
        let delete = AlertRuleDelete {
            rule: AlertRuleId::parse(rule).unwrap(),
            version,
            context: self.context_of(who),
        };
        self.store.execute(delete).await
    }

    async fn raise(&self, key: &AlertKey) -> Written<Vec<AlertKey>> {
        let found = vec![key.clone()];
        let at = self.now();
        self.store.execute(AlertsRaise { found, at }).await.unwrap()
    }

    async fn settle_alerts(&self) -> Written<()> {
        let (workitem, at) = (None, self.now());
        let settle = AlertsSettle { workitem, at };
        self.store.execute(settle).await.unwrap()
    }

    async fn dismiss(&self, key: &AlertKey, who: &str) -> Stored<Written<()>> {
        let dismiss = AlertDismiss {
            alert: key.clone(),
            by: user(who),
            at: self.now(),
            key: self.fresh_key(),
        };
        self.store.execute(dismiss).await
    }

    async fn open_alerts(&self) -> Vec<AlertKey> {
        let open = self.rows().await.alerts_open(None).await.unwrap();
        open.into_iter().map(|alert| alert.key).collect()
    }

    /// An alert of a rule about the wait of a workitem's customer.
    async fn of_wait(&self, rule: &str, workitem: &WorkitemId) -> AlertKey {
        let since = self.workitem(workitem).await.waiting_since;
        AlertKey {
            rule: AlertRuleId::parse(rule).unwrap(),
            workitem: workitem.clone(),
            about: since.expect("somebody waits").0,
        }
    }

    async fn found(&self, rule: &AlertRule, until: Timestamp) -> Vec<AlertKey> {
        let mut rows = self.rows().await;
        rows.alert_candidates(rule, until, 10).await.unwrap()
    }
}

#[tokio::test]
async fn an_alert_is_raised_once_and_is_over_when_the_customer_has_an_answer() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.add_rule(rule("rude", words())).await.unwrap();
        let key = fixture.of_wait("rude", &chat).await;
        let raised = fixture.raise(&key).await;
        assert_eq!(raised.changes, [Change::Alerts(team("care"))]);
        let later = AlertKey {
            about: key.about + 1,
            ..key.clone()
        };
        for again in [&key, &later] {
            assert_eq!(fixture.raise(again).await.changes, []);
        }
        assert_eq!(fixture.settle_alerts().await.changes, [], "it lasts");
        assert_eq!(fixture.open_alerts().await, std::slice::from_ref(&key));

        let frames = fixture.frames(&chat).await;
        let (sam, amy) = (user("sam"), user("amy"));
        let mut rows = fixture.rows().await;
        let shown = rows.alerts_shown(&[team("care")], &sam, 5).await.unwrap();
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].agent.as_ref().unwrap().id, amy);
        let others = rows.alerts_shown(&[team("sales")], &sam, 5).await.unwrap();
        let own = rows.alerts_shown(&[team("care")], &amy, 5).await.unwrap();
        assert_eq!((others.len(), own.len()), (0, 0));
        for (teams, but, key, is_shown) in [
            (team("care"), &sam, &key, true),
            (team("sales"), &sam, &key, false),
            (team("care"), &amy, &key, false),
            (team("care"), &sam, &later, false),
        ] {
            let one = rows.alert_shown(&[teams], but, key).await.unwrap();
            assert_eq!(one.as_ref(), is_shown.then_some(&shown[0]));
        }
        drop(rows);

        fixture
            .agent_says(&chat, "amy", "You get it back.")
            .await
            .unwrap();
        assert_eq!(fixture.settle_alerts().await.changes.len(), 1);
        assert_eq!(fixture.open_alerts().await, []);
        assert_eq!(fixture.raise(&key).await.changes, [], "it was answered");
        assert_eq!(fixture.frames(&chat).await.len(), frames.len() + 1);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn what_was_dismissed_comes_back_only_about_something_else() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        fixture.add_rule(rule("rude", words())).await.unwrap();
        let key = fixture.of_wait("rude", &chat).await;
        let none = fixture.dismiss(&key, "sam").await;
        assert!(matches!(none, Err(StoreError::NotFound)), "{none:?}");
        fixture.raise(&key).await;
        for who in ["amy", "sid", "ada"] {
            let refused = fixture.dismiss(&key, who).await;
            assert!(
                matches!(refused, Err(StoreError::Refused { .. })),
                "{refused:?}"
            );
        }
        let done = fixture.dismiss(&key, "sam").await.unwrap();
        assert_eq!(done.changes, [Change::Alerts(team("care"))]);
        let late = fixture.dismiss(&key, "sue").await.unwrap();
        assert_eq!(late.changes, [], "somebody did");
        assert_eq!(fixture.raise(&key).await.changes, []);
        let next = AlertKey {
            about: key.about + 1,
            ..key
        };
        assert_eq!(fixture.raise(&next).await.changes.len(), 1);
        assert_eq!(fixture.open_alerts().await, [next]);
    }
}

#[tokio::test]
async fn what_takes_long_is_found_until_it_has_its_alert() {
    for fixture in every().await {
        let waits = fixture.customer_says("eve", "Hello?").await.value.workitem;
        let chat = fixture.chat_of("amy", "kim").await;
        let now = fixture.now();
        let before = Timestamp(0);
        for (condition, workitem) in [
            (AlertCondition::Queued(5), &waits),
            (AlertCondition::Unanswered(5), &chat),
            (AlertCondition::Handled(5), &chat),
        ] {
            let rule = rule(condition.kind().code(), condition);
            fixture.add_rule(rule.clone()).await.unwrap();
            assert_eq!(fixture.found(&rule, before).await, []);
            let found = fixture.found(&rule, now).await;
            let of_it: Vec<_> = found
                .iter()
                .filter(|key| key.workitem == *workitem)
                .collect();
            assert_eq!(of_it.len(), 1, "{rule:?}: {found:?}");
            let key = of_it[0].clone();
            assert_eq!(fixture.raise(&key).await.changes.len(), 1, "{rule:?}");
            assert!(!fixture.found(&rule, now).await.contains(&key));
            fixture.dismiss(&key, "sam").await.unwrap();
            assert!(!fixture.found(&rule, now).await.contains(&key));
            let of_sales = AlertRule {
                team: Some(team("sales")),
                ..rule
            };
            assert_eq!(fixture.found(&of_sales, now).await, []);
        }
    }
}

#[tokio::test]
async fn what_a_rule_found_is_over_when_it_looks_for_something_else_or_is_switched_off() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let first = rule("rude", words());
        fixture.add_rule(first.clone()).await.unwrap();
        let taken = fixture
            .add_rule(AlertRule {
                id: AlertRuleId::parse("other").unwrap(),
                name: "RUDE".to_owned(),
                team: Some(team("care")),
                ..first.clone()
            })
            .await;
        let problem = Problem::Taken;
        assert!(
            matches!(taken, Err(StoreError::Invalid { field: "name", problem: found }) if found == problem)
        );
        let key = fixture.of_wait("rude", &chat).await;
        fixture.raise(&key).await;
        let other = AlertRule {
            condition: AlertCondition::Words(vec!["lawyer".to_owned()]),
            ..first.clone()
        };
        fixture.change_rule(other.clone()).await.unwrap();
        assert_eq!(fixture.open_alerts().await, []);
        let late = fixture.change_rule(first.clone()).await;
        assert!(matches!(
            late,
            Err(StoreError::Conflict(ConflictCause::EditedMeanwhile { .. }))
        ));
        fixture.raise(&key).await;
        assert_eq!(fixture.open_alerts().await.len(), 1);
        let off = AlertRule {
            active: false,
            version: 1,
            ..other.clone()
        };
        fixture.change_rule(off).await.unwrap();
        assert_eq!(fixture.open_alerts().await, []);
        assert_eq!(fixture.raise(&key).await.changes, [], "it is off");
        let other_kind = AlertRule {
            condition: AlertCondition::Queued(3),
            version: 2,
            ..other
        };
        let refused = fixture.change_rule(other_kind).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
        let sales = AlertRule {
            team: Some(team("sales")),
            ..rule("sales-only", words())
        };
        fixture.add_rule(sales).await.unwrap();
        let of_sales = fixture.of_wait("sales-only", &chat).await;
        assert_eq!(fixture.raise(&of_sales).await.changes, []);
    }
}

#[tokio::test]
async fn u28_what_a_deleted_rule_found_is_over_and_it_finds_nothing_more() {
    for fixture in every().await {
        let chat = fixture.chat_of("amy", "kim").await;
        let first = rule("rude", words());
        fixture.add_rule(first.clone()).await.unwrap();
        let key = fixture.of_wait("rude", &chat).await;
        fixture.raise(&key).await;
        let gone = fixture.delete_rule("rude", 0, "ada").await.unwrap();
        assert_eq!(gone.changes, [Change::AlertRules, Change::People]);
        assert_eq!(fixture.open_alerts().await, []);
        let mut rows = fixture.rows().await;
        assert!(rows.alert_rule_list().await.unwrap().is_empty());
        drop(rows);
        assert_eq!(fixture.raise(&key).await.changes, [], "there is no rule");
        not_found(fixture.change_rule(first.clone()).await);
        let late = fixture.dismiss(&key, "sam").await.unwrap();
        assert_eq!(late.changes, [], "it is over");

        // Another one can be called so.
        let namesake = AlertRule {
            id: AlertRuleId::parse("ruder").unwrap(),
            ..first
        };
        fixture.add_rule(namesake).await.unwrap();
        let other = fixture.of_wait("ruder", &chat).await;
        fixture.raise(&other).await;
        assert_eq!(fixture.open_alerts().await, [other]);
        assert_eq!(fixture.findings().await, []);
    }
}

#[tokio::test]
async fn u28_a_rule_that_two_delete_at_once_is_deleted_once() {
    for fixture in every().await {
        let first = rule("rude", words());
        fixture.add_rule(first.clone()).await.unwrap();
        let renamed = AlertRule {
            name: "Very rude".to_owned(),
            ..first
        };
        fixture.change_rule(renamed).await.unwrap();
        let stale = conflict(fixture.delete_rule("rude", 0, "ada").await);
        let meanwhile = matches!(stale, ConflictCause::EditedMeanwhile { deleting: true, .. });
        assert!(meanwhile, "{stale:?}");
        for who in ["sam", "amy"] {
            not_found(fixture.delete_rule("rude", 1, who).await);
        }
        not_found(fixture.delete_rule("nothing", 0, "ada").await);

        let (one, other) = tokio::join!(
            fixture.delete_rule("rude", 1, "ada"),
            fixture.delete_rule("rude", 1, "ada"),
        );
        let changes = [one.unwrap().changes, other.unwrap().changes].concat();
        assert_eq!(changes, [Change::AlertRules, Change::People]);
        assert_eq!(fixture.acts("alert_rule_delete").await, ["Very rude"]);
    }
}
