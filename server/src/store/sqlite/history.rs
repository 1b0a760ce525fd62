//! The history: two full-text indexes, filled with each entry and emptied with it.
//!
//! An entry's row in its index has the number `entries.search_id`, which rises with time, so the newest are read first and no more
//! of them than are shown. SQLite's query language is made here, of words without any of its signs.

use std::collections::HashMap;

use async_trait::async_trait;
use shared::fold::finds;
use shared::history::{HistoryFilter, Place};
use shared::ids::{UserId, WorkitemId};
use shared::notice::Notice;
use shared::search::{Search, Term, indexed};
use shared::time::Timestamp;
use shared::transcript::EntryBody;
use shared::workitem::{Channel, WorkitemState};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::names::words;
use super::rows::{id, ids_argument, int, text};
use super::runner::{Rows, Runner};
use super::statement::{Connection, Statement, sql};
use super::verify::Finding;
use crate::store::Stored;
use crate::store::rows::{FoundRow, HistoryReads, HistoryScope, SearchIndex};

/// What is asked of the workitem `w`: $5 to $8 whose it is and who asks, $9 to $13 the filter.
macro_rules! workitem_asked {
    () => {
        "(w.agent_id = $5 OR (w.agent_id IS NOT $6 AND (w.team_id IN (SELECT value FROM json_each($7))
            OR (w.state <> 'closed' AND EXISTS (SELECT 1 FROM team_members tm WHERE tm.user_id = w.agent_id
                AND tm.team_id IN (SELECT value FROM json_each($7)))))))
        AND ($9 IS NULL OR w.agent_id IN (SELECT value FROM json_each($9)))
        AND ($10 IS NULL OR w.channel = $10) AND ($11 IS NULL OR w.state = $11)
        AND NOT EXISTS (SELECT 1 FROM json_each($12) asked WHERE NOT EXISTS (SELECT 1 FROM name_words o
            WHERE o.workitem_id = w.id AND o.word >= asked.value AND o.word < asked.value || char(1114111)))
        AND ($13 IS NULL OR EXISTS (SELECT 1 FROM workitem_labels wl WHERE wl.workitem_id = w.id
            AND wl.label_id IN (SELECT value FROM json_each($13))))"
    };
}
macro_rules! search {
    ($index:literal, $join:literal) => {
        concat!(
            "SELECT e.search_id, e.id, e.workitem_id FROM ",
            $index,
            " f CROSS JOIN entries e ON e.search_id = f.rowid CROSS JOIN workitems w ON w.id = e.workitem_id ",
            $join,
            " WHERE f.",
            $index,
            " MATCH $1 AND f.rowid < $2 AND f.rowid >= $3 AND ",
            workitem_asked!(),
            " ORDER BY f.rowid DESC LIMIT $4"
        )
    };
}
const MESSAGES: &str = search!("message_words", "");
/// Coaching of a team whose workitem has moved on is for its author and for that team.
const COACHING: &str = search!(
    "coaching_words",
    "CROSS JOIN coaching c ON c.entry_id = e.id AND (c.sealed_team IS NULL OR e.author_id = $6
        OR c.sealed_team IN (SELECT value FROM json_each($8)))"
);
const WORKITEMS: &str = concat!(
    "SELECT w.id FROM workitems w INDEXED BY workitems_started
    WHERE w.started_at > 0 AND (w.started_at, w.id) < ($1, $2) AND w.started_at >= $3 AND ",
    workitem_asked!(),
    " ORDER BY w.started_at DESC, w.id DESC LIMIT $4"
);
const PEOPLE: &str = "SELECT u.id, u.username, u.name FROM users u ORDER BY u.name_key, u.id";

const ADD_MESSAGE: &str = "INSERT INTO message_words (rowid, words) VALUES ($1, $2)";
const ADD_COACHING: &str = "INSERT INTO coaching_words (rowid, words) VALUES ($1, $2)";
/// The entries of $1 behind $2 leave the indexes. In this order.
pub(super) const CUT: [&str; 3] = [
    "DELETE FROM message_words WHERE rowid IN (SELECT e.search_id FROM entries e
        WHERE e.workitem_id = $1 AND e.seq > $2 AND e.kind <> 'coaching' AND e.search_id IS NOT NULL)",
    "DELETE FROM coaching_words WHERE rowid IN (SELECT e.search_id FROM entries e
        WHERE e.workitem_id = $1 AND e.seq > $2 AND e.kind = 'coaching' AND e.search_id IS NOT NULL)",
    "UPDATE entries SET search_id = NULL WHERE workitem_id = $1 AND seq > $2 AND search_id IS NOT NULL",
];

/// How many numbers each millisecond has.
const OF_MOMENT: i64 = 1 << 20;
/// Beyond these, in milliseconds, numbers do not reach: the year 2248.
const MOMENT_MAX: i64 = i64::MAX / OF_MOMENT - 1;

/// The first number of the moment in which something was written.
pub(super) fn first_number(at: Timestamp) -> i64 {
    at.millis().clamp(-MOMENT_MAX, MOMENT_MAX) * OF_MOMENT
}

/// The words of an entry that is searched; nothing for one without any.
pub(super) fn words_of(body: &EntryBody) -> Option<String> {
    let text = match body {
        EntryBody::Message { text, .. }
        | EntryBody::Coaching { text, .. }
        | EntryBody::CoachingReply { text, .. }
        | EntryBody::Notice(Notice::Note { text, .. }) => text,
        _ => return None,
    };
    Some(indexed(text)).filter(|words| !words.is_empty())
}

/// Adds an entry to its index.
pub(super) fn index(
    connection: &Connection,
    body: &EntryBody,
    number: i64,
    words: &str,
) -> Stored<()> {
    let statement = match body {
        EntryBody::Coaching { .. } | EntryBody::CoachingReply { .. } => ADD_COACHING,
        _ => ADD_MESSAGE,
    };
    sql(statement)
        .bind(number)
        .bind(words)
        .execute(connection)?;
    Ok(())
}

/// The search as SQLite wants it. Quoted, nothing in it is a sign of the query language.
fn matching(search: &Search) -> String {
    let phrase = |term: &Term| {
        let words = term.words.join(" ").replace('"', " ");
        let prefix = if term.prefix { " *" } else { "" };
        ["\"", &words, "\"", prefix].concat()
    };
    let phrases: Vec<String> = search.terms.iter().map(phrase).collect();
    phrases.join(" AND ")
}

/// Binds what `workitem_asked` names.
fn bind_asked<'a>(
    statement: Statement<'a>,
    filter: &'a HistoryFilter,
    scope: &'a HistoryScope,
) -> Statement<'a> {
    let viewer = scope.viewer.as_str();
    let customer = match filter.customer.is_empty() {
        true => Vec::new(),
        false => Vec::from_iter(words(&filter.customer)),
    };
    statement
        .bind(scope.handles.then_some(viewer))
        .bind(viewer)
        .bind(ids_argument(&scope.supervises))
        .bind(ids_argument(&scope.teams))
        .bind(scope.agents.as_deref().map(ids_argument))
        .bind(filter.channel.map(Channel::code))
        .bind(filter.state.map(WorkitemState::code))
        .bind(ids_argument(&customer))
        .bind(scope.labels.as_deref().map(ids_argument))
}

#[async_trait]
impl<R: Runner> HistoryReads for Rows<R> {
    async fn entries_search(
        &mut self,
        index: SearchIndex,
        search: &Search,
        filter: &HistoryFilter,
        scope: &HistoryScope,
        before: i64,
        limit: i64,
    ) -> Stored<Vec<FoundRow>> {
        let (filter, scope) = (filter.clone(), scope.clone());
        let matching = matching(search);
        let statement = match index {
            SearchIndex::Messages => MESSAGES,
            SearchIndex::Coaching => COACHING,
        };
        self.slow(move |connection| {
            let asked = sql(statement)
                .bind(matching)
                .bind(before.min(first_number(filter.to)))
                .bind(first_number(filter.from))
                .bind(limit);
            let rows = bind_asked(asked, &filter, &scope).fetch_all(connection)?;
            let found = rows.iter().map(|row| {
                Ok(FoundRow {
                    place: int(row, "search_id")?,
                    entry: id(row, "id")?,
                    workitem: id(row, "workitem_id")?,
                })
            });
            found.collect()
        })
        .await
    }

    async fn workitems_search(
        &mut self,
        filter: &HistoryFilter,
        scope: &HistoryScope,
        before: &Place,
        limit: i64,
    ) -> Stored<Vec<WorkitemId>> {
        let (filter, scope) = (filter.clone(), scope.clone());
        // No id stands in front of the empty one.
        let end = Place(filter.to.0, String::new());
        let before = match before.0 < end.0 {
            true => before.clone(),
            false => end,
        };
        self.slow(move |connection| {
            let asked = sql(WORKITEMS)
                .bind(before.0)
                .bind(before.1.as_str())
                .bind(filter.from.0)
                .bind(limit);
            let rows = bind_asked(asked, &filter, &scope).fetch_all(connection)?;
            rows.iter().map(|row| id(row, "id")).collect()
        })
        .await
    }

    async fn people_named(&mut self, name: &str) -> Stored<Vec<UserId>> {
        let name = name.to_owned();
        self.slow(move |connection| {
            let mut found = Vec::new();
            for row in &sql(PEOPLE).fetch_all(connection)? {
                let username = text(row, "username")?;
                if username == name.to_lowercase() || finds(&name, &text(row, "name")?) {
                    found.push(id(row, "id")?);
                }
            }
            Ok(found)
        })
        .await
    }
}

/// What is searched of an entry: its place, and its text.
const TEXTS: &str = "SELECT e.workitem_id, e.seq, e.id, e.at, e.kind, e.search_id,
        COALESCE(m.text, c.text, json_extract(n.notice, '$.text'), '') AS text, COALESCE(f.words, g.words, '') AS words
    FROM entries e
    LEFT JOIN customer_entries m ON m.workitem_id = e.workitem_id AND m.seq = e.customer_seq
    LEFT JOIN coaching c ON c.entry_id = e.id
    LEFT JOIN notices n ON n.entry_id = e.id
    LEFT JOIN message_words f ON f.rowid = e.search_id AND e.kind <> 'coaching'
    LEFT JOIN coaching_words g ON g.rowid = e.search_id AND e.kind = 'coaching'
    WHERE (e.kind IN ('customer', 'agent', 'coaching') OR json_extract(n.notice, '$.kind') = 'note')
        AND (e.workitem_id, e.seq) > (?1, ?2)
    ORDER BY e.workitem_id, e.seq LIMIT 1000";

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

/// The indexes have the words of each entry in its place, and no others.
pub(super) async fn verify(connection: &mut SqliteConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let mut findings = Vec::new();
    let mut find = |what| findings.push(Finding { rule: RULE, what });
    let mut place = (String::new(), 0);
    loop {
        let rows = next_texts(connection, &mut place).await?;
        for row in &rows {
            let entry: String = row.try_get("id")?;
            if indexed(row.try_get("text")?) != row.try_get::<&str, _>("words")? {
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
