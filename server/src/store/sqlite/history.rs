//! The full-text indexes of the history as a whole: filled by the migrations that began them, and verified.

use std::collections::HashMap;

use shared::search::indexed;
use shared::time::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::finding::Finding;
use crate::store::sql::history::{ADD_MESSAGE, OF_MOMENT, first_number, last_indexed};

/// What is searched of an entry: its place, its text, and whether it waits for its index.
const TEXTS: &str = concat!(
    "SELECT e.workitem_id, e.seq, e.id, e.at, e.kind, e.search_id,
        COALESCE(m.text, c.text, json_extract(n.notice, '$.text'), '') AS text, COALESCE(f.words, g.words, '') AS words,
        COALESCE(e.search_id > ",
    last_indexed!(),
    ", 0) AS waits
    FROM entries e
    LEFT JOIN customer_entries m ON m.workitem_id = e.workitem_id AND m.seq = e.customer_seq
    LEFT JOIN coaching c ON c.entry_id = e.id
    LEFT JOIN notices n ON n.entry_id = e.id
    LEFT JOIN message_words f ON f.rowid = e.search_id AND e.kind <> 'coaching'
    LEFT JOIN coaching_words g ON g.rowid = e.search_id AND e.kind = 'coaching'
    WHERE (e.kind IN ('customer', 'agent', 'coaching') OR json_extract(n.notice, '$.kind') = 'note')
        AND (e.workitem_id, e.seq) > (?1, ?2)
    ORDER BY e.workitem_id, e.seq LIMIT 1000"
);

/// The next thousand entries that are searched, and the place behind them; none behind the last one.
async fn next_texts(
    connection: &mut SqliteConnection,
    place: &mut (String, i64),
) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let rows = sqlx::query(TEXTS)
        .bind(place.0.clone())
        .bind(place.1)
        .fetch_all(connection)
        .await?;
    if let Some(last) = rows.last() {
        *place = (last.try_get("workitem_id")?, last.try_get("seq")?);
    }
    Ok(rows)
}

/// What a thousand entries are at once, as lists of an entry, its number and its words.
const BEGIN: [&str; 3] = [
    "UPDATE entries SET search_id = asked.value ->> 1 FROM json_each(?1) asked WHERE entries.id = asked.value ->> 0",
    "INSERT INTO message_words (rowid, words) SELECT value ->> 1, value ->> 2 FROM json_each(?1) WHERE NOT value ->> 3",
    "INSERT INTO coaching_words (rowid, words) SELECT value ->> 1, value ->> 2 FROM json_each(?1) WHERE value ->> 3",
];

/// Fills the indexes with what is stored.
pub(super) async fn begin(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut place = (String::new(), 0);
    // How many numbers of each moment are given.
    let mut given: HashMap<i64, i64> = HashMap::new();
    loop {
        let rows = next_texts(connection, &mut place).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut entries = Vec::new();
        for row in &rows {
            let words = indexed(row.try_get("text")?);
            if words.is_empty() {
                continue;
            }
            let first = first_number(Timestamp(row.try_get("at")?));
            let number = given.entry(first).or_insert(first);
            let coaching = row.try_get::<&str, _>("kind")? == "coaching";
            entries.push((row.try_get::<String, _>("id")?, *number, words, coaching));
            *number += 1;
        }
        let entries = serde_json::to_string(&entries).unwrap_or_default();
        for statement in BEGIN {
            sqlx::query(statement)
                .bind(entries.as_str())
                .execute(&mut *connection)
                .await?;
        }
    }
}

/// Notes that are in no index yet.
const NOTES: &str = "SELECT e.id, e.at, json_extract(n.notice, '$.text') AS text FROM notices n
    JOIN entries e ON e.id = n.entry_id
    WHERE json_extract(n.notice, '$.kind') = 'note' AND e.search_id IS NULL ORDER BY e.id";
/// $2 is the first number of its moment.
const NUMBER: &str =
    "UPDATE entries SET search_id = (SELECT COALESCE(MAX(o.search_id), ?2 - 1) + 1 FROM entries o
        WHERE o.search_id >= ?2 AND o.search_id < ?2 + 1048576)
    WHERE id = ?1 RETURNING search_id";

/// Adds the notes that other systems wrote before notes were searched.
pub(super) async fn begin_notes(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for row in sqlx::query(NOTES).fetch_all(&mut *connection).await? {
        let words = indexed(row.try_get("text")?);
        if words.is_empty() {
            continue;
        }
        let number: i64 = sqlx::query_scalar(NUMBER)
            .bind(row.try_get::<String, _>("id")?)
            .bind(first_number(Timestamp(row.try_get("at")?)))
            .fetch_one(&mut *connection)
            .await?;
        sqlx::query(ADD_MESSAGE)
            .bind(number)
            .bind(words)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// What an operator reads in front of a finding.
const RULE: &str = "search";
/// Rows of the indexes that are no entry's.
const NOBODYS: &str = "SELECT 'row ' || f.rowid || ' of message_words is no entry''s' AS what FROM message_words f
    WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.search_id = f.rowid AND e.kind IN ('customer', 'agent', 'notice'))
    UNION ALL
    SELECT 'row ' || f.rowid || ' of coaching_words is no entry''s' FROM coaching_words f
    WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.search_id = f.rowid AND e.kind = 'coaching')
    LIMIT 100";

/// The indexes have the words of each entry that does not wait in its place, and no others.
pub(super) async fn verify(connection: &mut SqliteConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let mut findings = Vec::new();
    let mut find = |what| findings.push(Finding { rule: RULE, what });
    let mut place = (String::new(), 0);
    loop {
        let rows = next_texts(connection, &mut place).await?;
        for row in &rows {
            let entry: String = row.try_get("id")?;
            let own = match row.try_get::<i64, _>("waits")? {
                0 => indexed(row.try_get("text")?),
                _ => String::new(),
            };
            if own != row.try_get::<&str, _>("words")? {
                find(format!(
                    "entry {entry} is found by other words than its own"
                ));
            }
            let first = first_number(Timestamp(row.try_get("at")?));
            let number: Option<i64> = row.try_get("search_id")?;
            if number.is_some_and(|number| !(first..first + OF_MOMENT).contains(&number)) {
                find(format!(
                    "entry {entry} is found at another time than its own"
                ));
            }
        }
        if rows.is_empty() {
            break;
        }
    }
    findings.truncate(100);
    for row in sqlx::query(NOBODYS).fetch_all(connection).await? {
        findings.push(Finding {
            rule: RULE,
            what: row.try_get("what")?,
        });
    }
    Ok(findings)
}
