//! Rows of the audit log, written in the transaction of the act that they record.

use async_trait::async_trait;
use i18n::audit_value_has_words;
use shared::audit::{ACTS, AuditChange, AuditCursor, AuditFilter, AuditOutcome, AuditRow, says};
use shared::fold::folded;
use shared::ids::{UserId, WorkitemId};
use shared::lenient::List;
use shared::organisation::SETTINGS;
use shared::people::PersonRef;
use shared::time::Timestamp;

use super::audit_chain::Link;
use super::names::{looks, person_key, shown_name};
use super::rows::{
    at, blob, code, id_maybe, ids_argument, int, json, known_json, text, text_maybe,
};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, Sql, sql};
use crate::store::Stored;
use crate::store::rows::{AuditReads, AuditRows, LastAct, NewAudit, ReadingRow};

const ADD: &str =
    "INSERT INTO audit (id, actor_id, what, about, outcome, changes, skipped, at, digest)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
/// The row that the next one follows: the last one, or the last one that was deleted.
const LAST: &str = "SELECT id, digest FROM audit WHERE id = (SELECT MAX(id) FROM audit)";
const ANCHOR: &str = "SELECT last_id AS id, digest FROM audit_anchor WHERE one = 1";
/// As far as the log still says so.
const LAST_ACT: &str = concat!(
    "SELECT a.id, ",
    shown_name!("u"),
    " AS name FROM audit a LEFT JOIN users u ON u.id = a.actor_id
    WHERE a.about = $1 AND a.what = $2 ORDER BY a.id DESC LIMIT 1"
);

/// What somebody read of late, by the index of who and when.
const READINGS: &str = "SELECT what, about, changes FROM audit
    WHERE actor_id = $1 AND at BETWEEN $2 AND $3
        AND what IN ('history_read', 'workitem_peek') AND about IN (SELECT value FROM json_each($4))";

/// What has ids that the log names, and is called something.
const NAME: &str = concat!(
    "SELECT COALESCE((SELECT ",
    shown_name!("x"),
    " FROM users x WHERE x.id = $1),
        (SELECT t.name FROM teams t WHERE t.id = $1),
        (SELECT r.name FROM custom_roles r WHERE r.id = $1),
        (SELECT k.name FROM api_tokens k WHERE k.id = $1),
        (SELECT l.name FROM labels l WHERE l.id = $1),
        (SELECT a.name FROM alert_rules a WHERE a.id = $1),
        (SELECT m.title FROM templates m WHERE m.id = $1),
        (SELECT c.name FROM channels c WHERE c.key = $1),
        (SELECT w.name FROM walls w WHERE w.id = $1),
        (SELECT NULLIF(h.name, '') FROM webhook_receivers h WHERE h.id = $1),
        (SELECT s.title FROM saved_texts s WHERE s.id = $1 AND s.team_id IS NOT NULL),
        (SELECT v.name FROM dashboard_views v WHERE v.id = $1 AND v.team_id IS NOT NULL)) AS name"
);
/// What a thing was when it was deleted: of these acts' objects no row is left that has their name.
const DELETED: &str = "SELECT changes FROM audit WHERE about = $1
    AND what IN ('role_delete', 'saved_text_delete', 'template_delete', 'view_delete', 'webhook_delete') LIMIT 1";
/// $1 is the name as names are compared, $2 as it was typed, $3 as those of people are compared.
const NAMED: &str = concat!(
    "SELECT id FROM users WHERE ",
    looks!("name_key"),
    " IN (",
    looks!("$1"),
    ", ",
    looks!("$3"),
    ")
    UNION SELECT id FROM users WHERE username = $1
    UNION SELECT id FROM teams WHERE name_key = $1
    UNION SELECT id FROM custom_roles WHERE name_key = $1
    UNION SELECT id FROM labels WHERE name_key = $1
    UNION SELECT id FROM alert_rules WHERE name_key = $1
    UNION SELECT id FROM api_tokens WHERE name = $2
    UNION SELECT id FROM templates WHERE title = $2
    UNION SELECT key AS id FROM channels WHERE name = $2
    UNION SELECT id FROM walls WHERE name = $2
    UNION SELECT id FROM webhook_receivers WHERE name = $2"
);

/// Rows of the log, by the index of one of its columns.
macro_rules! rows_by {
    ($by:literal) => {
        concat!(
            "SELECT a.id AS id, a.at AS at, a.actor_id, ", shown_name!("u"), " AS actor_name, a.what, a.about, a.outcome, a.changes,
                a.skipped, lower(hex(a.digest)) AS digest,
                COALESCE((SELECT ", shown_name!("x"), " FROM users x WHERE x.id = a.about),
                    (SELECT t.name FROM teams t WHERE t.id = a.about)) AS about_name
            FROM audit a LEFT JOIN users u ON u.id = a.actor_id
            WHERE ",
            $by,
            " AND a.at >= $1 AND a.at <= $2 AND (a.at, a.id) < ($2, $3)
                AND ($4 IS NULL OR a.actor_id = (SELECT x.id FROM users x WHERE x.username = $4))
                AND ($5 IS NULL OR a.what = $5) AND ($6 IS NULL OR a.about = $6)
                AND ($7 IS NULL OR a.outcome = $7)
                AND ($9 IS NULL OR a.changes LIKE '%\"field\":\"agent\"%' AND a.changes <>
                    REPLACE(a.changes, '\"' || (SELECT x.id FROM users x WHERE x.username = $9) || '\"', ''))"
        )
    };
}
/// A page of them. Times rise with numbers unless a clock was set back.
macro_rules! page {
    ($by:literal) => {
        concat!(rows_by!($by), " ORDER BY a.at DESC, a.id DESC LIMIT $8")
    };
}
/// A page of what concerns an agent, who stands in the first change of a row (`commands/audit.rs`): as the one whose work it is, or was
/// until then. Each has an index, and both are read in order.
macro_rules! page_of_agent {
    ($is:literal, $was:literal) => {
        concat!(
            rows_by!($is),
            " UNION ALL ",
            rows_by!($was),
            " ORDER BY at DESC, id DESC LIMIT $8"
        )
    };
}
const PAGE: &str = page!("TRUE");
const PAGE_OF_OBJECT: &str = page!("a.about = $6");
const PAGE_OF_USER: &str = page!("a.actor_id = (SELECT x.id FROM users x WHERE x.username = $4)");
// An index of SQLite's on an expression is used for a value that is no column's.
const PAGE_OF_AGENT: Sql = Sql::of(
    page_of_agent!(
        "json_extract(a.changes, '$[0].field') = 'agent'
            AND json_extract(a.changes, '$[0].is') = (SELECT x.id || '' FROM users x WHERE x.username = $9)",
        "json_extract(a.changes, '$[0].field') = 'agent' AND json_extract(a.changes, '$[0].was') IS NOT NULL
            AND json_extract(a.changes, '$[0].was') = (SELECT x.id || '' FROM users x WHERE x.username = $9)"
    ),
    page_of_agent!(
        "(a.changes::JSONB #>> '{0,field}') = 'agent'
            AND (a.changes::JSONB #>> '{0,is}') = (SELECT x.id FROM users x WHERE x.username = $9)",
        "(a.changes::JSONB #>> '{0,field}') = 'agent' AND (a.changes::JSONB #>> '{0,was}') IS NOT NULL
            AND (a.changes::JSONB #>> '{0,was}') = (SELECT x.id FROM users x WHERE x.username = $9)"
    ),
);
const PAGE_OF_ACT: &str = page!("a.what = $5");
const PAGE_OF_OUTCOME: &str = page!("a.outcome = $7");

#[async_trait]
impl<R: Runner> AuditReads for Rows<R> {
    async fn audit_last(&mut self, what: &str, about: &str) -> Stored<Option<LastAct>> {
        self.quick(|connection| {
            let row = sql(LAST_ACT)
                .bind(about)
                .bind(what)
                .fetch_optional(connection)?;
            row.map(|row| {
                Ok(LastAct {
                    row: int(&row, "id")?,
                    by: text_maybe(&row, "name")?,
                })
            })
            .transpose()
        })
    }

    async fn audit_name(&mut self, id: &str) -> Stored<Option<String>> {
        self.quick(|connection| {
            let row = sql(NAME).bind(id).fetch_one(connection)?;
            text_maybe(&row, "name")
        })
    }

    async fn audit_deleted(&mut self, id: &str) -> Stored<Vec<AuditChange>> {
        self.quick(|connection| {
            let row = sql(DELETED).bind(id).fetch_optional(connection)?;
            match row {
                Some(row) => Ok(json::<List<AuditChange>>(&row, "changes")?.0),
                None => Ok(Vec::new()),
            }
        })
    }

    async fn audit_objects_named(&mut self, name: &str) -> Stored<Vec<String>> {
        self.quick(|connection| {
            let rows = sql(NAMED)
                .bind(folded(name))
                .bind(name)
                .bind(person_key(name))
                .fetch_all(connection)?;
            rows.iter().map(|row| text(row, "id")).collect()
        })
    }

    async fn audit_readings(
        &mut self,
        reader: &UserId,
        workitems: &[WorkitemId],
        (from, to): (Timestamp, Timestamp),
    ) -> Stored<Vec<ReadingRow>> {
        self.quick(|connection| {
            let rows = sql(READINGS)
                .bind(reader.as_str())
                .bind(from.0)
                .bind(to.0)
                .bind(ids_argument(workitems))
                .fetch_all(connection)?;
            let known = rows.iter().filter_map(|row| reading(row).transpose());
            known.collect()
        })
    }

    async fn audit_page(
        &mut self,
        filter: &AuditFilter,
        before: AuditCursor,
        limit: i64,
    ) -> Stored<Vec<AuditRow>> {
        let filter = filter.clone();
        // Few rows may pass the filter among many that are read.
        self.slow(move |connection| {
            let rows = sql(statement(&filter))
                .bind(filter.from.0)
                .bind(before.0.0)
                .bind(before.1)
                .bind(filter.user.as_deref())
                .bind(filter.act.as_deref())
                .bind(filter.object.as_deref())
                .bind(filter.outcome.map(AuditOutcome::code))
                .bind(limit)
                .bind(filter.agent.as_deref())
                .fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
    }
}

/// The statement with the index of the column that leaves the fewest rows, as a rule.
fn statement(filter: &AuditFilter) -> Sql {
    if filter.object.is_some() {
        PAGE_OF_OBJECT.into()
    } else if filter.user.is_some() {
        PAGE_OF_USER.into()
    } else if filter.agent.is_some() {
        PAGE_OF_AGENT
    } else if filter.act.is_some() {
        PAGE_OF_ACT.into()
    } else if filter.outcome.is_some() {
        PAGE_OF_OUTCOME.into()
    } else {
        PAGE.into()
    }
}

/// What somebody read; nothing where a later release says more of it: who is shown something has a row of this release then.
fn reading(row: &Row) -> Stored<Option<ReadingRow>> {
    let Some(changes) = known_json(row, "changes")? else {
        return Ok(None);
    };
    Ok(Some(ReadingRow {
        what: text(row, "what")?,
        about: text(row, "about")?,
        changes,
    }))
}

fn read(row: &Row) -> Stored<AuditRow> {
    let actor = match id_maybe(row, "actor_id")? {
        Some(id) => Some(PersonRef {
            id,
            name: text_maybe(row, "actor_name")?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(AuditRow {
        id: int(row, "id")?,
        at: at(row, "at")?,
        actor,
        what: text(row, "what")?,
        about: text(row, "about")?,
        about_name: text_maybe(row, "about_name")?,
        outcome: code(row, "outcome", AuditOutcome::from_code)?,
        changes: json::<List<AuditChange>>(row, "changes")?.0,
        skipped: int(row, "skipped")?,
        digest: text(row, "digest")?,
    })
}

/// The code of this row for which the page of the log has no words.
fn without_words<'a>(new: &'a NewAudit<'_>) -> Option<&'a str> {
    let mut changes = new.changes.iter();
    match ACTS.contains(&new.what) {
        true => changes.find_map(|change| unsaid(new.what, change)),
        false => Some(new.what),
    }
}

/// The field or the value of a change for which there are none.
fn unsaid<'a>(act: &str, change: &'a AuditChange) -> Option<&'a str> {
    let field = change.field.as_str();
    if says(field).is_none() && !SETTINGS.iter().any(|setting| setting.name == field) {
        return Some(field);
    }
    let mut values = [&change.was, &change.is].into_iter().flatten();
    let unsaid = values.find(|value| !audit_value_has_words(act, field, value));
    unsaid.map(String::as_str)
}

#[async_trait]
impl AuditRows for Rows<Inline<'_>> {
    async fn audit_append(&mut self, new: &NewAudit<'_>) -> Stored<()> {
        // So every test checks the rows that it writes.
        debug_assert_eq!(without_words(new), None, "the audit page has no words");
        let connection = self.connection();
        let last = match sql(LAST).fetch_optional(connection)? {
            Some(last) => last,
            None => sql(ANCHOR).fetch_one(connection)?,
        };
        let changes = serde_json::to_string(new.changes)?;
        let link = Link {
            id: int(&last, "id")? + 1,
            at: new.at.0,
            actor: new.actor.map(UserId::as_str),
            what: new.what,
            about: new.about,
            outcome: new.outcome.code(),
            changes: &changes,
            skipped: new.skipped,
        };
        let digest = link.digest(&blob(&last, "digest")?)?;
        sql(ADD)
            .bind(link.id)
            .bind(link.actor)
            .bind(link.what)
            .bind(link.about)
            .bind(link.outcome)
            .bind(link.changes)
            .bind(link.skipped)
            .bind(link.at)
            .bind(digest)
            .execute(connection)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::SqliteStore;

    /// What the planner does for a statement.
    async fn plan(statement: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sideline.db");
        SqliteStore::migrate(&path).await.expect("a schema");
        let connection = rusqlite::Connection::open(&path).expect("a database");
        let explain = format!("EXPLAIN QUERY PLAN {statement}");
        let mut statement = connection.prepare(&explain).expect("a statement");
        let mut rows = statement.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().expect("a plan") {
            steps.push(row.get::<_, String>("detail").expect("a step"));
        }
        steps
    }

    #[test]
    fn e51_a_row_without_words_is_noticed() {
        let setting = SETTINGS[0].name;
        for (what, field, is, unknown) in [
            ("refused_agent", "team", "care", None),
            ("organisation_save", setting, "1", None),
            ("team_update", "priority", "high", None),
            ("refused_moon", "team", "care", Some("refused_moon")),
            ("team_update", "colour", "1", Some("colour")),
            ("team_update", "priority", "urgent", Some("urgent")),
            ("role_update", "permissions", "moon.land", Some("moon.land")),
            ("alert_rule_update", "condition", "{}", Some("{}")),
        ] {
            let change = AuditChange {
                field: field.to_owned(),
                was: None,
                is: Some(is.to_owned()),
            };
            let row = NewAudit {
                actor: None,
                what,
                about: "",
                outcome: AuditOutcome::Done,
                changes: &[change],
                skipped: 0,
                at: Timestamp(0),
            };
            assert_eq!(without_words(&row), unknown, "{what} {field}");
        }
    }

    #[tokio::test]
    async fn e51_what_a_deleted_thing_was_called_is_found_by_an_index() {
        let plan = plan(DELETED).await;
        let index = "audit_about (about=? AND what=?)";
        assert!(plan.iter().any(|step| step.contains(index)), "{plan:?}");
    }

    #[tokio::test]
    async fn e51_what_concerns_an_agent_is_found_by_an_index_in_its_order() {
        let of_amy = AuditFilter {
            from: Timestamp(0),
            user: None,
            act: None,
            object: None,
            agent: Some("amy".to_owned()),
            outcome: None,
        };
        let plan = plan(statement(&of_amy).sqlite).await;
        for index in ["audit_agent_is (<expr>=?", "audit_agent_was (<expr>=?"] {
            let used = |step: &&String| step.contains(index);
            assert_eq!(plan.iter().filter(used).count(), 1, "{plan:?}");
        }
        let sorted = plan.iter().any(|step| step.contains("TEMP B-TREE"));
        assert!(!sorted, "{plan:?}");
    }

    #[tokio::test]
    async fn e51_what_somebody_read_of_late_is_found_among_what_they_did_of_late() {
        let plan = plan(READINGS).await;
        let index = "audit_actor (actor_id=? AND at>? AND at<?)";
        assert!(plan.iter().any(|step| step.contains(index)), "{plan:?}");
    }
}
