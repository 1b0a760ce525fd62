//! Rules that raise alerts, and an alert that has been raised. For people alone: tests begin without any.

use shared::alerts::{AlertCondition, AlertRule};
use shared::error::AppError;
use shared::ids::AlertRuleId;
use shared::time::Timestamp;

use super::context;
use crate::commands::{AlertRuleCreate, AlertsRaise};
use crate::desk::{Desk, to_app_error};

/// How many of the conversations in which a customer waits have an alert.
const RAISED: i64 = 1;

fn rules() -> Result<[AlertRule; 3], AppError> {
    let rule = |id: &str, name: &str, condition| -> Result<AlertRule, AppError> {
        Ok(AlertRule {
            id: AlertRuleId::parse(id)?,
            name: name.to_owned(),
            team: None,
            condition,
            active: true,
            version: 0,
        })
    };
    let words = ["refund*", "money back", "lawyer*", "cancel my account"];
    let words = words.map(str::to_owned).to_vec();
    Ok([
        rule(
            "alert-unanswered",
            "No answer for 15 minutes",
            AlertCondition::Unanswered(15),
        )?,
        rule(
            "alert-words",
            "Refund or lawyer",
            AlertCondition::Words(words),
        )?,
        rule(
            "alert-queued",
            "Waits for 10 minutes",
            AlertCondition::Queued(10),
        )?,
    ])
}

/// Makes the rules, and lets the first of them find what waits.
pub(super) async fn raise(desk: &Desk, now: Timestamp) -> Result<(), AppError> {
    let rules = rules()?;
    for rule in rules.clone() {
        let context = context(rule.id.as_str(), now)?;
        let create = AlertRuleCreate { rule, context };
        desk.publish(desk.store().execute(create).await.map_err(to_app_error)?);
    }
    let mut rows = desk.store().snapshot().await.map_err(to_app_error)?;
    let found = rows.alert_candidates(&rules[0], now, RAISED).await;
    drop(rows);
    let found = found.map_err(to_app_error)?;
    let raise = AlertsRaise { found, at: now };
    desk.publish(desk.store().execute(raise).await.map_err(to_app_error)?);
    Ok(())
}
