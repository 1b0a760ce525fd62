//! Rules that raise alerts, and the alerts.

use async_trait::async_trait;
use shared::alerts::{AlertFacts, AlertKind, AlertRule, OpenAlert};
use shared::fold::folded;
use shared::ids::{AlertRuleId, TeamId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::{Channel, WorkitemState};

use super::names::shown_name;
use super::rows::{at, at_maybe, code, id, id_maybe, ids_argument, int, json, known_json, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{AlertKey, AlertReads, AlertRow, AlertRows, AlertedWorkitem};

const RULE_FIND: &str = "SELECT id, name, team_id, condition, active, version FROM alert_rules
    WHERE id = $1 AND deleted_at IS NULL";
const RULE_LIST: &str = "SELECT id, name, team_id, condition, active, version FROM alert_rules
    WHERE deleted_at IS NULL ORDER BY name_key, COALESCE(team_id, ''), id";
const NAME_TAKEN: &str = "SELECT EXISTS (SELECT 1 FROM alert_rules WHERE name_key = $1 AND id <> $3
        AND deleted_at IS NULL AND ($2 IS NULL OR team_id IS NULL OR team_id = $2)) AS taken";
const RULE_INSERT: &str =
    "INSERT INTO alert_rules (id, name, name_key, team_id, condition, active, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const RULE_SET: &str =
    "UPDATE alert_rules SET name = $2, name_key = $3, condition = $4, active = $5,
    version = $6 WHERE id = $1";

/// What alerts look at in a workitem. Work that was given before that was kept counts from its beginning.
macro_rules! looked_at {
    () => {
        "w.state, w.waiting_since, w.team_id, w.agent_id,
        CASE WHEN w.given_at > 0 THEN w.given_at ELSE w.started_at END AS given,
        (SELECT json_group_array(m.team_id) FROM team_members m WHERE m.user_id = w.agent_id) AS agent_teams,
        (SELECT COUNT(*) FROM entries e JOIN coaching c ON c.entry_id = e.id
            WHERE e.workitem_id = w.id AND e.kind = 'coaching' AND c.reaction = 'thumbs_down') AS thumbs_down"
    };
}
macro_rules! open {
    () => {
        concat!(
            "SELECT a.rule_id, a.workitem_id, a.about, r.id, r.name, r.condition, r.active, r.version,
                r.team_id AS rule_team, ",
            looked_at!(),
            " FROM alerts a INDEXED BY alerts_open JOIN alert_rules r ON r.id = a.rule_id
                JOIN workitems w ON w.id = a.workitem_id WHERE a.settled_at IS NULL"
        )
    };
}
const OPEN: &str = open!();
const OPEN_OF: &str = concat!(open!(), " AND a.workitem_id = $1");
const WORKITEM: &str = concat!("SELECT ", looked_at!(), " FROM workitems w WHERE w.id = $1");
/// The open alerts that somebody sees: of all workitems, or of one.
macro_rules! shown {
    ($only:literal) => {
        concat!(
            "SELECT a.rule_id, a.about, a.raised_at, r.name, w.id, w.channel, w.customer, w.subject, w.team_id,
                w.agent_id, ",
            shown_name!("u"),
            " AS agent_name
            FROM alerts a INDEXED BY alerts_open JOIN alert_rules r ON r.id = a.rule_id
                JOIN workitems w ON w.id = a.workitem_id LEFT JOIN users u ON u.id = w.agent_id
            WHERE a.settled_at IS NULL AND (w.agent_id IS NULL OR w.agent_id <> $2)
                AND (w.team_id IN (SELECT value FROM json_each($1)) OR w.agent_id IN (
                    SELECT m.user_id FROM team_members m WHERE m.team_id IN (SELECT value FROM json_each($1))))",
            $only,
            " ORDER BY a.raised_at DESC, a.workitem_id, a.rule_id"
        )
    };
}
const SHOWN: &str = shown!("");
const SHOWN_ONE: &str = shown!(" AND a.rule_id = $3 AND a.workitem_id = $4 AND a.about = $5");
const IS_OPEN: &str = "SELECT settled_at IS NULL AS open FROM alerts
    WHERE rule_id = $1 AND workitem_id = $2 AND about = $3";

/// Workitems in a state, for as long as `$since` says.
macro_rules! lasting {
    ($states:literal, $since:literal) => {
        concat!(
            "SELECT w.id, ",
            $since,
            " AS since FROM workitems w WHERE w.state IN (",
            $states,
            ") AND ($2 IS NULL OR w.team_id = $2) AND ",
            $since,
            " <= $3 AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.rule_id = $1 AND a.workitem_id = w.id
                AND (a.settled_at IS NULL OR (a.about = ",
            $since,
            " AND a.dismissed_by IS NOT NULL))) LIMIT $4"
        )
    };
}
const QUEUED: &str = lasting!("'queued'", "COALESCE(w.waiting_since, w.last_activity_at)");
const UNANSWERED: &str = lasting!("'active'", "w.waiting_since");
const HANDLED: &str = lasting!(
    "'active', 'wrap_up'",
    "CASE WHEN w.given_at > 0 THEN w.given_at ELSE w.started_at END"
);

/// One that ended by nobody's hand may begin again.
const RAISE: &str = "INSERT INTO alerts (rule_id, workitem_id, about, raised_at)
    SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM alerts a
        WHERE a.rule_id = $1 AND a.workitem_id = $2 AND a.settled_at IS NULL)
    ON CONFLICT (rule_id, workitem_id, about) DO UPDATE SET raised_at = excluded.raised_at, settled_at = NULL
        WHERE alerts.settled_at IS NOT NULL AND alerts.dismissed_by IS NULL";
const SETTLE: &str = "UPDATE alerts SET settled_at = $4, dismissed_by = $5
    WHERE rule_id = $1 AND workitem_id = $2 AND about = $3 AND settled_at IS NULL";

/// A rule; nothing for one that looks at what only a later release knows: nodes of that release see to it and to its alerts.
fn rule(row: &Row, team: &str) -> Stored<Option<AlertRule>> {
    let Some(condition) = known_json(row, "condition")? else {
        return Ok(None);
    };
    Ok(Some(AlertRule {
        id: id(row, "id")?,
        name: text(row, "name")?,
        team: id_maybe(row, team)?,
        condition,
        active: int(row, "active")? == 1,
        version: int(row, "version")?,
    }))
}

fn alerted(row: &Row) -> Stored<AlertedWorkitem> {
    Ok(AlertedWorkitem {
        team: id(row, "team_id")?,
        agent: id_maybe(row, "agent_id")?,
        agent_teams: json(row, "agent_teams")?,
        facts: AlertFacts {
            state: code(row, "state", WorkitemState::from_code)?,
            waiting_since: at_maybe(row, "waiting_since")?,
            given_at: at(row, "given")?,
            thumbs_down: int(row, "thumbs_down")?,
        },
    })
}

fn open_row(row: &Row) -> Stored<Option<AlertRow>> {
    let Some(rule) = rule(row, "rule_team")? else {
        return Ok(None);
    };
    Ok(Some(AlertRow {
        key: AlertKey {
            rule: id(row, "rule_id")?,
            workitem: id(row, "workitem_id")?,
            about: int(row, "about")?,
        },
        rule,
        workitem: alerted(row)?,
    }))
}

fn open_rows(rows: &[Row]) -> Stored<Vec<AlertRow>> {
    let known = rows.iter().filter_map(|row| open_row(row).transpose());
    known.collect()
}

fn shown(row: &Row) -> Stored<OpenAlert> {
    let agent: Option<UserId> = id_maybe(row, "agent_id")?;
    let agent = match agent {
        Some(id) => Some(PersonRef {
            id,
            name: text(row, "agent_name")?,
        }),
        None => None,
    };
    Ok(OpenAlert {
        rule: id(row, "rule_id")?,
        name: text(row, "name")?,
        about: int(row, "about")?,
        at: at(row, "raised_at")?,
        workitem: id(row, "id")?,
        channel: code(row, "channel", Channel::from_code)?,
        customer: text(row, "customer")?,
        subject: text(row, "subject")?,
        agent,
        team: id(row, "team_id")?,
    })
}

#[async_trait]
impl<R: Runner> AlertReads for Rows<R> {
    async fn alert_rule_find(&mut self, wanted: &AlertRuleId) -> Stored<Option<AlertRule>> {
        self.quick(|connection| {
            let row = sql(RULE_FIND)
                .bind(wanted.as_str())
                .fetch_optional(connection)?;
            let found = row.map(|row| rule(&row, "team_id")).transpose()?;
            Ok(found.flatten())
        })
    }

    async fn alert_rule_list(&mut self) -> Stored<Vec<AlertRule>> {
        self.quick(|connection| {
            let rows = sql(RULE_LIST).fetch_all(connection)?;
            let known = rows
                .iter()
                .filter_map(|row| rule(row, "team_id").transpose());
            known.collect()
        })
    }

    async fn alert_rule_name_taken(&mut self, rule: &AlertRule) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(NAME_TAKEN)
                .bind(folded(&rule.name))
                .bind(rule.team.as_ref().map(TeamId::as_str))
                .bind(rule.id.as_str())
                .fetch_one(connection)?;
            Ok(int(&row, "taken")? == 1)
        })
    }

    async fn alerted_workitem(&mut self, workitem: &WorkitemId) -> Stored<Option<AlertedWorkitem>> {
        self.quick(|connection| {
            let row = sql(WORKITEM)
                .bind(workitem.as_str())
                .fetch_optional(connection)?;
            row.as_ref().map(alerted).transpose()
        })
    }

    async fn alerts_open(&mut self, of: Option<&WorkitemId>) -> Stored<Vec<AlertRow>> {
        let Some(workitem) = of else {
            return self
                .slow(|connection| open_rows(&sql(OPEN).fetch_all(connection)?))
                .await;
        };
        self.quick(|connection| {
            let rows = sql(OPEN_OF).bind(workitem.as_str()).fetch_all(connection)?;
            open_rows(&rows)
        })
    }

    async fn alerts_shown(
        &mut self,
        teams: &[TeamId],
        but: &UserId,
        limit: i64,
    ) -> Stored<Vec<OpenAlert>> {
        let (teams, but) = (ids_argument(teams), but.to_string());
        self.slow(move |connection| {
            let rows = sql(SHOWN)
                .bind(teams.as_str())
                .bind(but.as_str())
                .fetch_all(connection)?;
            // Only what is open is sorted.
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            rows.iter().take(limit).map(shown).collect()
        })
        .await
    }

    async fn alert_shown(
        &mut self,
        teams: &[TeamId],
        but: &UserId,
        key: &AlertKey,
    ) -> Stored<Option<OpenAlert>> {
        let teams = ids_argument(teams);
        self.quick(|connection| {
            let row = sql(SHOWN_ONE)
                .bind(teams.as_str())
                .bind(but.as_str())
                .bind(key.rule.as_str())
                .bind(key.workitem.as_str())
                .bind(key.about)
                .fetch_optional(connection)?;
            row.as_ref().map(shown).transpose()
        })
    }

    async fn alert_is_open(&mut self, key: &AlertKey) -> Stored<Option<bool>> {
        self.quick(|connection| {
            let row = sql(IS_OPEN)
                .bind(key.rule.as_str())
                .bind(key.workitem.as_str())
                .bind(key.about)
                .fetch_optional(connection)?;
            row.map(|row| Ok(int(&row, "open")? == 1)).transpose()
        })
    }

    async fn alert_candidates(
        &mut self,
        rule: &AlertRule,
        until: Timestamp,
        limit: i64,
    ) -> Stored<Vec<AlertKey>> {
        let statement = match rule.condition.kind() {
            AlertKind::Queued => QUEUED,
            AlertKind::Unanswered => UNANSWERED,
            AlertKind::Handled => HANDLED,
            AlertKind::Words | AlertKind::Pattern | AlertKind::Capitals | AlertKind::ThumbsDown => {
                return Ok(Vec::new());
            }
        };
        let (rule, team) = (rule.id.clone(), rule.team.clone());
        self.slow(move |connection| {
            let rows = sql(statement)
                .bind(rule.as_str())
                .bind(team.as_ref().map(TeamId::as_str))
                .bind(until.0)
                .bind(limit)
                .fetch_all(connection)?;
            let key = |row: &Row| {
                Ok(AlertKey {
                    rule: rule.clone(),
                    workitem: id(row, "id")?,
                    about: int(row, "since")?,
                })
            };
            rows.iter().map(key).collect()
        })
        .await
    }
}

#[async_trait]
impl AlertRows for Rows<Inline<'_>> {
    async fn alert_rule_insert(&mut self, rule: &AlertRule) -> Stored<()> {
        sql(RULE_INSERT)
            .bind(rule.id.as_str())
            .bind(rule.name.as_str())
            .bind(folded(&rule.name))
            .bind(rule.team.as_ref().map(TeamId::as_str))
            .bind(serde_json::to_string(&rule.condition)?)
            .bind(i64::from(rule.active))
            .bind(rule.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn alert_rule_set(&mut self, rule: &AlertRule) -> Stored<()> {
        sql(RULE_SET)
            .bind(rule.id.as_str())
            .bind(rule.name.as_str())
            .bind(folded(&rule.name))
            .bind(serde_json::to_string(&rule.condition)?)
            .bind(i64::from(rule.active))
            .bind(rule.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn alert_raise(&mut self, key: &AlertKey, at: Timestamp) -> Stored<bool> {
        let raised = sql(RAISE)
            .bind(key.rule.as_str())
            .bind(key.workitem.as_str())
            .bind(key.about)
            .bind(at.0)
            .execute(self.connection())?;
        Ok(raised > 0)
    }

    async fn alert_settle(
        &mut self,
        key: &AlertKey,
        at: Timestamp,
        by: Option<&UserId>,
    ) -> Stored<()> {
        sql(SETTLE)
            .bind(key.rule.as_str())
            .bind(key.workitem.as_str())
            .bind(key.about)
            .bind(at.0)
            .bind(by.map(UserId::as_str))
            .execute(self.connection())?;
        Ok(())
    }
}
