//! No statement reads a table that grows from end to end. Debug builds put each statement through the query planner when it is
//! prepared for the first time, so every test checks the statements that it runs. Release builds check nothing.

use std::collections::BTreeSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use rusqlite::Connection;

/// Tables that an organisation keeps small: reading all of one is no matter.
const SMALL: [&str; 26] = [
    // A hundred that are switched on, and lines of those that are off or deleted.
    "alert_rules",
    // Fifty at most.
    "custom_roles",
    // One for each team.
    "escalations",
    // At most a hundred that last; one that does not is no more than a line.
    "api_tokens",
    "audit_anchor",
    "channel_secrets",
    "channels",
    // Only what is still to be done.
    "jobs",
    // Some hundred, and lines of those that were deleted.
    "labels",
    // Only what is monitored now: each row goes when its monitoring ends.
    "monitoring",
    // Nodes are few, and so is whom they hold connections and monitorings of.
    "node_monitorings",
    "node_presences",
    "nodes",
    "organisation",
    "probe",
    "schema_version",
    // One row at most.
    "sign_on",
    "sqlite_schema",
    "store",
    "team_members",
    "team_supervisors",
    "teams",
    "templates",
    // At most twenty of each supervisor that last.
    "walls",
    "webhook_receivers",
    "webhook_secrets",
];
/// As many as people: only a statement that lists everybody may read all of them.
const PEOPLE: [&str; 4] = ["provisioned_users", "second_factors", "user_roles", "users"];
/// The ends of the statements that list everybody.
const EVERYBODY: [&str; 9] = [
    "FROM provisioned_users ORDER BY user_id",
    "FROM second_factors ORDER BY user_id",
    "RETURNING id, absent_since",
    "FROM users u WHERE u.active = 1 ORDER BY u.name_key, u.id",
    "FROM users u ORDER BY u.name_key, u.id",
    "FROM users u WHERE u.deleted_at IS NULL ORDER BY u.name_key, u.id",
    "WHERE u.active = 1 ORDER BY u.name_key, u.id",
    "WHERE u.deleted_at IS NULL ORDER BY u.name_key, u.id, i.linked_at, i.subject",
    "WHERE u.deleted_at IS NULL ORDER BY u.name_key, u.id, r.place",
];
/// What has a plan.
const PLANNED: [&str; 6] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "REPLACE"];

/// The statements of this process that were checked.
static CHECKED: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
/// An empty database with the statistics of a large one.
static ANALYSED: OnceLock<Mutex<Connection>> = OnceLock::new();

/// Checks the plan of a statement that is prepared for the first time.
///
/// # Panics
/// If the statement would read all of a table that grows, in a database as it is created or after `ANALYZE`.
pub(super) fn check(connection: &Connection, text: &'static str) {
    let first = text.split_whitespace().next().unwrap_or_default();
    if !PLANNED.contains(&first) || lock(&CHECKED).contains(text) {
        return;
    }
    let analysed = lock(ANALYSED.get_or_init(|| Mutex::new(analysed(connection))));
    for (database, kind) in [(connection, "as created"), (&analysed, "analysed")] {
        let faults = faults(database, text);
        assert!(faults.is_empty(), "{kind}: {}: {text}", faults.join(", "));
    }
    lock(&CHECKED).insert(text);
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A statement that failed its check leaves nothing half-done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The planner asks the statistics, never the rows.
fn analysed(original: &Connection) -> Connection {
    // What an index of words keeps its rows in is made with it.
    let schema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'
        AND name NOT IN (SELECT t.name FROM pragma_table_list t WHERE t.type = 'shadow')";
    let mut statement = original.prepare(schema).expect("a schema");
    let parts = statement.query_map([], |row| row.get::<_, String>(0));
    let parts: Result<Vec<_>, _> = parts.expect("a schema").collect();
    let copy = Connection::open_in_memory().expect("a database");
    let schema = parts.expect("a schema").join(";");
    copy.execute_batch(&format!("{schema}; ANALYZE"))
        .expect("a schema");
    let statistics = include_str!("plans/statistics.sql");
    copy.execute_batch(&format!("{statistics} ANALYZE sqlite_schema"))
        .expect("statistics");
    copy
}

/// What a step of a plan reads from end to end.
fn scanned(step: &str) -> Option<&str> {
    let name = step.strip_prefix("SCAN ")?.split(' ').next()?;
    // A subquery, a constant row, or the list of an argument.
    let table = !name.starts_with('(') && name != "CONSTANT" && !step.contains("VIRTUAL TABLE");
    table.then_some(name)
}

/// Indexes that hold only what is open: those may be read from end to end.
fn partial_indexes(connection: &Connection) -> Vec<String> {
    let text = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'";
    let mut statement = connection.prepare(text).expect("a schema");
    let names = statement.query_map([], |row| row.get(0)).expect("indexes");
    names.map(|name| name.expect("a name")).collect()
}

/// The table that an alias stands for.
fn table<'a>(text: &'a str, alias: &'a str) -> &'a str {
    let words: Vec<&str> = text
        .split(|sign: char| sign.is_whitespace() || "(),;".contains(sign))
        .filter(|word| !word.is_empty())
        .collect();
    let named = words.windows(3).find_map(|three| match three {
        ["FROM" | "JOIN" | "INTO" | "UPDATE", table, name] if *name == alias => Some(*table),
        _ => None,
    });
    named.unwrap_or(alias)
}

/// Whether an alias stands for a subquery: what that reads are steps of their own.
fn is_subquery(text: &str, alias: &str) -> bool {
    let named = [") ", alias].concat();
    let mut ends = text.match_indices(&named).map(|(at, _)| at + named.len());
    ends.any(|end| !text[end..].starts_with(|sign: char| sign.is_alphanumeric() || sign == '_'))
}

/// What is wrong with the plan of a statement.
fn faults(connection: &Connection, text: &str) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {text}");
    // What cannot be prepared has no plan; the store reports it.
    let Ok(mut statement) = connection.prepare(&explain) else {
        return Vec::new();
    };
    // What has no argument bound to it is NULL, which a plan does not depend on.
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().expect("a plan") {
        steps.push(row.get::<_, String>("detail").expect("a step"));
    }
    let oneline = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let listing = EVERYBODY.iter().any(|end| oneline.ends_with(end));
    let partial = partial_indexes(connection);
    let of_partial = |step: &str| partial.iter().any(|index| step.ends_with(index.as_str()));
    let whole = steps.iter().filter(|step| !of_partial(step));
    let tables = whole.filter_map(|step| scanned(step));
    let grown: Vec<&str> = tables
        .filter(|alias| !is_subquery(&oneline, alias))
        .map(|alias| table(&oneline, alias))
        .filter(|table| !SMALL.contains(table))
        .filter(|table| !listing || !PEOPLE.contains(table))
        .collect();
    let mut faults: Vec<String> = grown
        .iter()
        .map(|table| format!("reads all of {table}"))
        .collect();
    let of_small = oneline.contains("FROM templates");
    if oneline.contains(" LIMIT ")
        && !of_small
        && steps
            .iter()
            .any(|step| step.contains("TEMP B-TREE FOR ORDER BY"))
    {
        faults.push("sorts all that it finds to answer a few".to_owned());
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sql::statement::sql;

    const LOG: &str = "CREATE TABLE log (id INTEGER PRIMARY KEY, at INTEGER, what TEXT);";

    fn log() -> Connection {
        let connection = Connection::open_in_memory().expect("a database");
        connection.execute_batch(LOG).expect("a table");
        connection
    }

    #[test]
    fn f61_a_statement_that_reads_all_is_found() {
        let connection = log();
        let of = |text| faults(&connection, text);
        assert!(of("SELECT what FROM log WHERE id = $1").is_empty());
        let all = ["reads all of log"];
        assert_eq!(of("SELECT l.id FROM log l WHERE l.at > $1"), all);
        assert_eq!(of("DELETE FROM log WHERE what = $1"), all);
        let sorted = of("SELECT id FROM log WHERE id > $1 ORDER BY at LIMIT 3");
        assert_eq!(sorted, ["sorts all that it finds to answer a few"]);
        let few = "SELECT f.id FROM (SELECT id FROM log WHERE id > $1 LIMIT 3) f";
        assert!(of(few).is_empty());
        assert_eq!(
            of("SELECT f.id FROM (SELECT id FROM log WHERE at > $1 LIMIT 3) f"),
            all
        );
    }

    #[tokio::test]
    #[should_panic(expected = "as created: reads all of coaching: SELECT text FROM coaching")]
    async fn f61_no_statement_reads_a_table_that_grows_from_end_to_end() {
        let connection = migrated().await;
        let _ = sql("SELECT text FROM coaching WHERE text = $1")
            .bind("any")
            .fetch_all(&connection);
    }

    async fn migrated() -> Connection {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("sideline.db");
        super::super::SqliteStore::migrate(&path)
            .await
            .expect("a schema");
        super::super::open::writer(&path).expect("a database")
    }
}
