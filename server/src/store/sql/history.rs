//! The history: two full-text indexes of what was said, emptied with each entry that goes.
//!
//! An entry's row in its index has the number `entries.search_id`, which rises with time, so the newest are read first and no more
//! of them than are shown. What each database is asked is made here, of words without any of its signs.
//!
//! PostgreSQL's indexes are filled with each entry. SQLite's write a part of their own with each commit, so there entries wait for
//! the index and are added together ([`add_waiting`]). Nothing notes which: those wait whose numbers are above the last one that is in an index.
//! So what is in the indexes and what waits change in the same transaction, whatever that is, and an entry that goes waits no more.

use async_trait::async_trait;
use shared::fold::finds;
use shared::history::{CoachingFilter, HistoryCursor, HistoryFilter, RequestFilter};
use shared::ids::{UserId, WorkitemId};
use shared::notice::Notice;
use shared::reviews::ReviewState;
use shared::search::{Search, Term, has_words, indexed};
use shared::time::Timestamp;
use shared::transcript::EntryBody;
use shared::workitem::{Channel, WorkitemState};

use super::names::words;
use super::rows::{id, ids_argument, int, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Sql, Statement, sql};
use crate::store::Stored;
use crate::store::rows::{FoundRow, HistoryReads, HistoryRows, HistoryScope, SearchIndex};

/// Whether the coaching of an alias is what $18 asks for.
macro_rules! coaching_asked {
    ($coaching:literal) => {
        concat!(
            $coaching,
            ".by_agent = 0 AND CASE $18 WHEN 'forwarded' THEN ",
            $coaching,
            ".forwarded_at IS NOT NULL ELSE ",
            $coaching,
            ".reaction = $18 END"
        )
    };
}
/// What is asked of the workitem `w`: $5 to $8 whose it is and who asks, $9 to $18 the filter. A request is for its agent and for
/// those with authority over its agent, coaching of another team for its author and that team.
macro_rules! workitem_asked {
    () => {
        concat!(
            "(w.agent_id = $5 OR (w.agent_id IS DISTINCT FROM $6 AND (w.team_id IN (SELECT value FROM json_each($7))
            OR (w.state <> 'closed' AND EXISTS (SELECT 1 FROM team_members tm WHERE tm.user_id = w.agent_id
                AND tm.team_id IN (SELECT value FROM json_each($7)))))))
        AND ($9 IS NULL OR w.agent_id IN (SELECT value FROM json_each($9)))
        AND ($10 IS NULL OR w.channel = $10) AND ($11 IS NULL OR w.state = $11)
        AND NOT EXISTS (SELECT 1 FROM json_each($12) asked WHERE NOT EXISTS (SELECT 1 FROM name_words o
            WHERE o.workitem_id = w.id AND o.word >= asked.value AND o.word < asked.value || char(1114111)))
        AND ($13 IS NULL OR EXISTS (SELECT 1 FROM workitem_labels wl WHERE wl.workitem_id = w.id
            AND wl.label_id IN (SELECT value FROM json_each($13))))
        AND ($14 IS NULL OR EXISTS (SELECT 1 FROM customer_ratings r WHERE r.workitem_id = w.id
            AND r.rating BETWEEN $14 AND $15))
        AND ($16 IS NULL OR EXISTS (SELECT 1 FROM workitem_reviews r WHERE r.workitem_id = w.id
            AND CASE WHEN r.reviewed_at IS NULL THEN 'flagged' ELSE 'reviewed' END = $16
            AND NOT EXISTS (SELECT 1 FROM workitem_reviews n WHERE n.workitem_id = r.workitem_id AND n.number > r.number)))
        AND ($17 IS NULL OR EXISTS (SELECT 1 FROM requests q WHERE q.workitem_id = w.id
            AND (q.agent_id = $6 OR EXISTS (SELECT 1 FROM team_members qm WHERE qm.user_id = q.agent_id
                AND qm.team_id IN (SELECT value FROM json_each($7))))
            AND ($17 = 'any' OR $17 = CASE WHEN q.answered_at IS NULL THEN 'open'
                WHEN q.settled_how IS NULL OR q.settled_how IN ('answered', 'coached', 'handled') THEN 'done'
                WHEN q.settled_how = 'withdrawn' THEN 'withdrawn' ELSE 'lapsed' END)))
        AND ($18 IS NULL OR EXISTS (SELECT 1 FROM entries ce CROSS JOIN coaching cc ON cc.entry_id = ce.id
            WHERE ce.workitem_id = w.id AND ce.kind = 'coaching'
                AND (cc.sealed_team IS NULL OR ce.author_id = $6
                    OR cc.sealed_team IN (SELECT value FROM json_each($8))) AND ",
            coaching_asked!("cc"),
            "))"
        )
    };
}
macro_rules! search {
    ($index:literal, $join:expr) => {
        Sql::of(
            search!($index, $join, "f.", $index, " MATCH $1"),
            // Of a text as PostgreSQL wants it.
            search!($index, $join, "f.found @@ CAST($19 AS TSQUERY)"),
        )
    };
    ($index:literal, $join:expr, $($matches:literal),+) => {
        concat!(
            "SELECT e.search_id, e.id, e.workitem_id FROM ",
            $index,
            " f CROSS JOIN entries e ON e.search_id = f.rowid CROSS JOIN workitems w ON w.id = e.workitem_id ",
            $join,
            " WHERE ",
            $($matches,)+
            " AND f.rowid < $2 AND f.rowid >= $3 AND ",
            workitem_asked!(),
            " ORDER BY f.rowid DESC LIMIT $4"
        )
    };
}
const MESSAGES: Sql = search!("message_words", "");
/// Coaching of a team whose workitem has moved on is for its author and for that team.
const COACHING: Sql = search!(
    "coaching_words",
    concat!(
        "CROSS JOIN coaching c ON c.entry_id = e.id AND (c.sealed_team IS NULL OR e.author_id = $6
        OR c.sealed_team IN (SELECT value FROM json_each($8)))
        AND ($18 IS NULL OR ",
        coaching_asked!("c"),
        ")"
    )
);
const WORKITEMS: &str = concat!(
    "SELECT w.id, w.subject FROM workitems w INDEXED BY workitems_started
    WHERE w.started_at > 0 AND (w.started_at, w.id) < ($1, $2) AND w.started_at >= $3 AND ",
    workitem_asked!(),
    " ORDER BY w.started_at DESC, w.id DESC LIMIT $4"
);
const PEOPLE: &str = "SELECT u.id, u.username, u.name FROM users u ORDER BY u.name_key, u.id";

pub(in crate::store) const ADD_MESSAGE: &str =
    "INSERT INTO message_words (rowid, words) VALUES ($1, $2)";
const ADD_COACHING: &str = "INSERT INTO coaching_words (rowid, words) VALUES ($1, $2)";

/// The number of the last entry that is in one of SQLite's indexes; less than all numbers where they are empty.
macro_rules! last_indexed {
    () => {
        "MAX(COALESCE((SELECT MAX(mw.id) FROM message_words_content mw), -9223372036854775807),
            COALESCE((SELECT MAX(cw.id) FROM coaching_words_content cw), -9223372036854775807))"
    };
}
pub(in crate::store) use last_indexed;

/// The number of the entry $2 of $1, where a later one is in an index already: it cannot wait.
pub(super) const LATE: &str = concat!(
    "SELECT e.search_id FROM entries e WHERE e.workitem_id = $1 AND e.seq = $2 AND e.search_id < ",
    last_indexed!()
);
/// Whether an entry waits for its index.
const WAITS: &str = concat!(
    "SELECT EXISTS (SELECT 1 FROM entries e INDEXED BY entries_search WHERE e.search_id > ",
    last_indexed!(),
    ") AS waits"
);
/// The first $1 entries that wait, with their texts as they are now.
const WAITING: Sql = Sql::of(
    concat!(
        "SELECT e.search_id, e.kind, COALESCE(m.text, c.text, json_extract(n.notice, '$.text'), '') AS text
        FROM entries e INDEXED BY entries_search
        LEFT JOIN customer_entries m ON m.workitem_id = e.workitem_id AND m.seq = e.customer_seq
        LEFT JOIN coaching c ON c.entry_id = e.id
        LEFT JOIN notices n ON n.entry_id = e.id
        WHERE e.search_id > ",
        last_indexed!(),
        " ORDER BY e.search_id LIMIT $1"
    ),
    "SELECT CAST(0 AS BIGINT) AS search_id, '' AS kind, '' AS text WHERE FALSE LIMIT $1",
);
/// How many entries one transaction adds to the indexes at most.
const TOGETHER: i64 = 500;
/// Behind so many bytes of text a transaction adds no more: that many entries of the greatest length would take seconds.
const TEXT_TOGETHER: usize = 128 * 1024;
/// The entries of $1 behind $2 leave the indexes. In this order.
pub(super) const CUT: [&str; 3] = [
    "DELETE FROM message_words WHERE rowid IN (SELECT e.search_id FROM entries e
        WHERE e.workitem_id = $1 AND e.seq > $2 AND e.kind <> 'coaching' AND e.search_id IS NOT NULL)",
    "DELETE FROM coaching_words WHERE rowid IN (SELECT e.search_id FROM entries e
        WHERE e.workitem_id = $1 AND e.seq > $2 AND e.kind = 'coaching' AND e.search_id IS NOT NULL)",
    "UPDATE entries SET search_id = NULL WHERE workitem_id = $1 AND seq > $2 AND search_id IS NOT NULL",
];

/// How many numbers each millisecond has.
pub(in crate::store) const OF_MOMENT: i64 = 1 << 20;
/// Beyond these, in milliseconds, numbers do not reach: the year 2248.
const MOMENT_MAX: i64 = i64::MAX / OF_MOMENT - 1;

/// The first number of the moment in which something was written.
pub(in crate::store) fn first_number(at: Timestamp) -> i64 {
    at.millis().clamp(-MOMENT_MAX, MOMENT_MAX) * OF_MOMENT
}

/// The text of an entry that is searched; nothing for one without words.
fn searched(body: &EntryBody) -> Option<&str> {
    let text = match body {
        EntryBody::Message { text, .. }
        | EntryBody::Coaching { text, .. }
        | EntryBody::CoachingReply { text, .. }
        | EntryBody::Notice(Notice::Note { text, .. }) => text,
        _ => return None,
    };
    Some(text.as_str()).filter(|text| has_words(text))
}

/// Whether an entry has a number in the history.
pub(super) fn is_searched(body: &EntryBody) -> bool {
    searched(body).is_some()
}

/// Adds an entry to its index at once.
pub(super) fn index(connection: &Connection, body: &EntryBody, number: i64) -> Stored<()> {
    let coaching = matches!(
        body,
        EntryBody::Coaching { .. } | EntryBody::CoachingReply { .. }
    );
    let text = searched(body).unwrap_or_default();
    add(connection, coaching, number, text)
}

fn add(connection: &Connection, coaching: bool, number: i64, text: &str) -> Stored<()> {
    let statement = match coaching {
        true => ADD_COACHING,
        false => ADD_MESSAGE,
    };
    sql(statement)
        .bind(number)
        .bind(indexed(text))
        .execute(connection)?;
    Ok(())
}

/// Whether an entry waits for SQLite's indexes.
pub(in crate::store) fn waits(connection: &Connection) -> Stored<bool> {
    let row = sql(WAITS).fetch_one(connection)?;
    Ok(int(&row, "waits")? == 1)
}

/// Adds entries that wait to the indexes, from the front, and no more than keep other writes waiting for some milliseconds. Answers whether
/// more may wait.
pub(in crate::store) fn add_waiting(connection: &Connection) -> Stored<bool> {
    let waiting = sql(WAITING).bind(TOGETHER).fetch_all(connection)?;
    let mut bytes = 0;
    for row in &waiting {
        let coaching = text(row, "kind")? == "coaching";
        let said = text(row, "text")?;
        add(connection, coaching, int(row, "search_id")?, &said)?;
        bytes += said.len();
        if bytes > TEXT_TOGETHER {
            return Ok(true);
        }
    }
    Ok(waiting.len() as i64 == TOGETHER)
}

/// The search as SQLite wants it. Quoted, nothing in it is a sign of the query language.
pub(super) fn matching(search: &Search) -> String {
    let phrase = |term: &Term| {
        let words = term.words.join(" ").replace('"', " ");
        let prefix = if term.prefix { " *" } else { "" };
        ["\"", &words, "\"", prefix].concat()
    };
    let phrases: Vec<String> = search.terms.iter().map(phrase).collect();
    phrases.join(" AND ")
}

/// The search as PostgreSQL wants it: words that stand one behind the other, and all of them.
pub(super) fn places(search: &Search) -> String {
    let quoted = |word: &String| {
        let word = word.replace('\\', "\\\\").replace('\'', "''");
        ["'", &word, "'"].concat()
    };
    let phrase = |term: &Term| {
        let words: Vec<String> = term.words.iter().map(quoted).collect();
        let prefix = if term.prefix { ":*" } else { "" };
        ["(", &words.join(" <-> "), prefix, ")"].concat()
    };
    let phrases: Vec<String> = search.terms.iter().map(phrase).collect();
    phrases.join(" & ")
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
        .bind(filter.rating.map(|band| band.bounds().0))
        .bind(filter.rating.map(|band| band.bounds().1))
        .bind(filter.review.map(ReviewState::code))
        .bind(filter.request.map(RequestFilter::code))
        .bind(filter.reaction.map(CoachingFilter::code))
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
        let (matching, places) = (matching(search), places(search));
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
            let asked = bind_asked(asked, &filter, &scope).bind(places);
            let rows = asked.fetch_all(connection)?;
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
        before: &HistoryCursor,
        limit: i64,
    ) -> Stored<Vec<WorkitemId>> {
        let (filter, scope) = (filter.clone(), scope.clone());
        // No id stands in front of the empty one.
        let end = HistoryCursor(filter.to.0, String::new());
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

    async fn subjects_latest(
        &mut self,
        filter: &HistoryFilter,
        scope: &HistoryScope,
        limit: i64,
    ) -> Stored<Vec<(WorkitemId, String)>> {
        let (filter, scope) = (filter.clone(), scope.clone());
        self.slow(move |connection| {
            let asked = sql(WORKITEMS)
                .bind(filter.to.0)
                .bind("")
                .bind(filter.from.0)
                .bind(limit);
            let rows = bind_asked(asked, &filter, &scope).fetch_all(connection)?;
            let found = rows.iter();
            let found = found.map(|row| Ok((id(row, "id")?, text(row, "subject")?)));
            found.collect()
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

#[async_trait]
impl HistoryRows for Rows<Inline<'_>> {
    async fn history_index(&mut self) -> Stored<bool> {
        add_waiting(self.connection())
    }
}
