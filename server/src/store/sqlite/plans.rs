//! No statement reads a table that grows from end to end. Every text of the store goes through the query planner on a large
//! database: as it is made, and with what `ANALYZE` has to say about it.

mod texts;

use std::path::Path;

use super::open;
use super::statement::Connection;

/// Tables that an organisation keeps small: reading all of one is no matter.
const SMALL: [&str; 11] = [
    "channels",
    // Those of this moment: each row goes when its monitoring ends.
    "monitoring",
    "organisation",
    "probe",
    "schema_version",
    "sqlite_schema",
    "store",
    "team_members",
    "team_supervisors",
    "teams",
    "templates",
];
/// As many as people: only what lists everybody may read all of them.
const PEOPLE: [&str; 2] = ["user_roles", "users"];
/// What lists everybody: the file, and the end of the statement.
const EVERYBODY: [(&str, &str); 4] = [
    ("absence.rs", "RETURNING id, absent_since"),
    (
        "agents.rs",
        "WHERE u.active = 1 ORDER BY lower(u.name), u.id",
    ),
    (
        "directory.rs",
        "FROM users u WHERE u.active = 1 ORDER BY lower(u.name), u.id",
    ),
    ("users.rs", "FROM users u ORDER BY lower(u.name), u.id"),
];
/// What an operator asks of a whole database while nobody works.
const UPKEEP: &str = "verify";
/// Tests may ask what they like.
const TESTS: [&str; 3] = ["plans", "plans.rs", "tests.rs"];

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

/// Why a statement may not stand as it is.
fn faults(connection: &Connection, file: &str, text: &str) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {text}");
    let mut statement = match connection.prepare(&explain) {
        Ok(statement) => statement,
        Err(error) => return vec![format!("{error}")],
    };
    // What has no argument bound to it is NULL, which a plan does not look at.
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().expect("a plan") {
        steps.push(row.get::<_, String>("detail").expect("a step"));
    }
    let oneline = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let everybody = |(of, end): &(&str, &str)| *of == file && oneline.ends_with(end);
    let listing = EVERYBODY.iter().any(everybody);
    let partial = partial_indexes(connection);
    let of_partial = |step: &str| partial.iter().any(|index| step.ends_with(index.as_str()));
    let whole = steps.iter().filter(|step| !of_partial(step));
    let tables = whole.filter_map(|step| scanned(step));
    let grown: Vec<&str> = tables
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

fn found(connection: &Connection) -> Vec<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sqlite");
    let statements = texts::statements(&sources, &[&[UPKEEP][..], &TESTS].concat());
    assert!(statements.len() > 100, "{} statements", statements.len());
    let mut found = Vec::new();
    for (file, text) in statements {
        for fault in faults(connection, &file, &text) {
            found.push(format!("{file}: {fault}: {text}"));
        }
    }
    found
}

#[tokio::test]
async fn f61_no_statement_reads_a_table_that_grows_from_end_to_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sideline.db");
    super::SqliteStore::migrate(&path).await.expect("a schema");
    let connection = open::writer(&path).expect("a database");
    connection
        .execute_batch(concat!(
            "PRAGMA synchronous = OFF; BEGIN;",
            include_str!("plans/large.sql"),
            "COMMIT;"
        ))
        .expect("a large database");
    let fresh = found(&connection);
    assert!(fresh.is_empty(), "as it is made:\n{}", fresh.join("\n"));
    connection.execute_batch("ANALYZE").expect("statistics");
    drop(connection);
    let connection = open::writer(&path).expect("a database");
    let analysed = found(&connection);
    assert!(analysed.is_empty(), "analysed:\n{}", analysed.join("\n"));
}

#[test]
fn f61_a_statement_that_reads_all_is_found() {
    let connection = Connection::open_in_memory().expect("a database");
    let schema = "CREATE TABLE log (id INTEGER PRIMARY KEY, at INTEGER, what TEXT);";
    connection.execute_batch(schema).expect("a table");
    let of = |text| faults(&connection, "x.rs", text);
    assert!(of("SELECT what FROM log WHERE id = $1").is_empty());
    let all = ["reads all of log"];
    assert_eq!(of("SELECT l.id FROM log l WHERE l.at > $1"), all);
    assert_eq!(of("DELETE FROM log WHERE what = $1"), all);
    let sorted = of("SELECT id FROM log WHERE id > $1 ORDER BY at LIMIT 3");
    assert_eq!(sorted, ["sorts all that it finds to answer a few"]);
    assert_eq!(of("SELECT nothing FROM log").len(), 1);
}
