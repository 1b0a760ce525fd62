//! Rows of the staff's log of a workitem.
//!
//! Each change takes the workitem's next revision. An entry stands at its last revision, so that reading on after one gives every entry at most once, as it is now.

use async_trait::async_trait;
use shared::ids::{EntryId, UserId, WorkitemId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::transcript::{Author, EndReason, Entry, EntryBody, Reaction, ReplySeen};

use super::customer_files::{files_of, read_files};
use super::deliveries::read_delivery;
use super::history;
use super::names::{name_then, shown_name};
use super::rows::{
    at, at_maybe, id, id_maybe, int, json, known_code, known_json, text, text_maybe,
};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, Sql, Statement, returning, sql};
use crate::store::rows::{EntryPlace, EntryRow, NewEntry, TranscriptReads, TranscriptRows};
use crate::store::{StoreError, Stored};

/// An entry with whatever its kind keeps elsewhere.
macro_rules! select_entries {
    ($where:literal) => {
        select_entries!("entries e", $where)
    };
    ($entries:expr, $where:literal) => {
        concat!(
            "SELECT e.id, e.workitem_id, e.seq, e.rev, e.at, e.kind, e.by_supervisor, e.author_id, ", name_then!("e.name", "e.author_id"), " AS name, e.reason,
                e.delivery, e.delivery_reason, e.delivery_code,
                m.text AS message, ", files_of!("m"), ", c.text AS coaching, c.reaction, c.reaction_by,
                (SELECT ", shown_name!("u"), " FROM users u WHERE u.id = c.reaction_by) AS reaction_name, c.forwarded_at, c.seen_at, c.sealed_team,
                CASE WHEN c.by_agent = 1 THEN
                    (SELECT json_group_array(json_array(r.seen_at, s.id, ", shown_name!("s"), "))
                     FROM coaching_readers r JOIN users s ON s.id = r.supervisor_id
                     WHERE r.entry_id = e.id AND r.seen_at IS NOT NULL) END AS seen_by,
                n.notice
             FROM ", $entries, "
             LEFT JOIN customer_entries m ON m.workitem_id = e.workitem_id AND m.seq = e.customer_seq
             LEFT JOIN coaching c ON c.entry_id = e.id
             LEFT JOIN notices n ON n.entry_id = e.id
             WHERE ",
            $where
        )
    };
}
const FIND: &str = select_entries!("e.id = $1");
const TIME: &str = "SELECT at FROM entries WHERE workitem_id = $1 AND seq = $2";
const ENDED_BY: &str = "SELECT json_extract(n.notice, '$.kind') AS kind FROM entries e
    JOIN notices n ON n.entry_id = e.id
    WHERE e.workitem_id = $1 AND json_extract(n.notice, '$.kind') IN ('ended', 'ended_by_customer', 'customer_forgotten')
    ORDER BY e.seq DESC LIMIT 1";
const BARGED: &str = "SELECT EXISTS (SELECT 1 FROM entries
    WHERE workitem_id = $1 AND by_supervisor = 1 AND author_id = $2) AS barged";
const BEFORE: &str =
    select_entries!("e.workitem_id = $1 AND e.seq < $2 ORDER BY e.seq DESC LIMIT $3");
/// Of the workitems of a list, each with a revision and how many its log may have behind it.
macro_rules! after_each {
    ($list:literal) => {
        select_entries!(
            concat!(
                "(SELECT p.id, MIN(p.rev) AS rev FROM ",
                $list,
                " WHERE (SELECT w.head FROM workitems w WHERE w.id = p.id) - p.rev BETWEEN 0 AND p.most GROUP BY p.id) f
                CROSS JOIN entries e ON e.workitem_id = f.id"
            ),
            "e.rev > f.rev ORDER BY e.workitem_id, e.rev"
        )
    };
}
const AFTER_EACH: Sql = Sql::of(
    after_each!(
        "(SELECT json_extract(value, '$.id') AS id, CAST(json_extract(value, '$.rev') AS BIGINT) AS rev,
            CAST(json_extract(value, '$.most') AS BIGINT) AS most FROM json_each($1)) p"
    ),
    after_each!("jsonb_to_recordset($1::JSONB) AS p (id TEXT, rev BIGINT, most BIGINT)"),
);

const NEXT_ENTRY: Sql = returning!(
    "UPDATE workitems SET head = head + 1, last_entry = last_entry + 1 WHERE id = $1",
    "head, last_entry"
);
const NEXT_REVISION: Sql = returning!("UPDATE workitems SET head = head + 1 WHERE id = $1", "head");
const HEADS: &str = "SELECT head, last_entry FROM workitems WHERE id = $1";
/// Adds an entry with its number in the history, which is one of its moment's.
macro_rules! insert_entry {
    ($number:literal) => {
        concat!(
            "INSERT INTO entries
            (workitem_id, seq, id, rev, at, kind, author_id, name, customer_seq, reason, delivery, by_supervisor, search_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $13, CASE WHEN $12 IS NOT NULL THEN ",
            $number,
            " END)"
        )
    };
}
/// $12 is the first number of its moment in the history, for what is searched. PostgreSQL counts on over all moments, because
/// to look for the next free number would be to read what others are writing.
const ADD: Sql = Sql::of(
    insert_entry!(
        "(SELECT COALESCE(MAX(o.search_id), $12 - 1) + 1 FROM entries o
          WHERE o.search_id >= $12 AND o.search_id < $12 + 1048576)"
    ),
    concat!(
        insert_entry!("$12 + (nextval('search_numbers') & 1048575)"),
        " RETURNING search_id"
    ),
);
const ADD_COACHING: &str = "INSERT INTO coaching (entry_id, text) VALUES ($1, $2)";
/// Its author has seen it.
const ADD_REPLY: &str = "INSERT INTO coaching (entry_id, text, by_agent, seen_at)
    VALUES ($1, $2, 1, (SELECT at FROM entries WHERE id = $1))";
const ADD_NOTICE: &str = "INSERT INTO notices (entry_id, notice) VALUES ($1, $2)";
const MOVE: &str = "UPDATE entries SET rev = $2 WHERE id = $1";

#[async_trait]
impl<R: Runner> TranscriptReads for Rows<R> {
    async fn entry_find(&mut self, entry: &EntryId) -> Stored<Option<EntryRow>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(entry.as_str()).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn entry_time(&mut self, workitem: &WorkitemId, seq: i64) -> Stored<Timestamp> {
        self.quick(|connection| {
            let row = sql(TIME)
                .bind(workitem.as_str())
                .bind(seq)
                .fetch_optional(connection)?
                .ok_or(StoreError::NotFound)?;
            at(&row, "at")
        })
    }

    async fn ended_by_customer(&mut self, workitem: &WorkitemId) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(ENDED_BY)
                .bind(workitem.as_str())
                .fetch_optional(connection)?;
            let kind = row.map(|row| text(&row, "kind")).transpose()?;
            Ok(kind.is_some_and(|kind| kind != "ended"))
        })
    }

    async fn barged(&mut self, workitem: &WorkitemId, supervisor: &UserId) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(BARGED)
                .bind(workitem.as_str())
                .bind(supervisor.as_str())
                .fetch_one(connection)?;
            Ok(int(&row, "barged")? == 1)
        })
    }

    async fn entries_before(
        &mut self,
        workitem: &WorkitemId,
        before: i64,
        limit: i64,
    ) -> Stored<Vec<EntryRow>> {
        let workitem = workitem.clone();
        self.slow(move |connection| list(connection, BEFORE, &workitem, before, limit))
            .await
    }
}

#[async_trait]
impl TranscriptRows for Rows<Inline<'_>> {
    async fn entry_append(
        &mut self,
        workitem: &WorkitemId,
        entry: &NewEntry,
    ) -> Stored<EntryPlace> {
        let row = sql(NEXT_ENTRY)
            .bind(workitem.as_str())
            .fetch_changed(self.connection(), HEADS)?
            .ok_or(StoreError::NotFound)?;
        let place = EntryPlace {
            seq: int(&row, "last_entry")?,
            rev: int(&row, "head")?,
        };
        insert(self.connection(), workitem, place, entry)?;
        Ok(place)
    }

    async fn entry_insert(
        &mut self,
        workitem: &WorkitemId,
        place: EntryPlace,
        entry: &NewEntry,
    ) -> Stored<()> {
        insert(self.connection(), workitem, place, entry)
    }

    async fn entry_touch(&mut self, workitem: &WorkitemId, entry: &EntryId) -> Stored<i64> {
        let row = sql(NEXT_REVISION)
            .bind(workitem.as_str())
            .fetch_changed(self.connection(), HEADS)?
            .ok_or(StoreError::NotFound)?;
        let rev = int(&row, "head")?;
        sql(MOVE)
            .bind(entry.as_str())
            .bind(rev)
            .execute(self.connection())?;
        Ok(rev)
    }
}

/// Writes the row of an entry whose place is known.
fn insert(
    connection: &Connection,
    workitem: &WorkitemId,
    place: EntryPlace,
    new: &NewEntry,
) -> Stored<()> {
    let searched = history::is_searched(&new.body);
    let moment = searched.then(|| history::first_number(new.at));
    let add = sql(ADD)
        .bind(workitem.as_str())
        .bind(place.seq)
        .bind(new.id.as_str())
        .bind(place.rev)
        .bind(new.at.0)
        .bind(kind(&new.body))
        .bind(new.author.as_ref().map(UserId::as_str))
        .bind(name(&new.body))
        .bind(new.customer_seq)
        .bind(reason(&new.body))
        .bind(delivery(&new.body))
        .bind(moment)
        .bind(i64::from(by_supervisor(&new.body)));
    // PostgreSQL answers each number, SQLite those of entries that cannot wait for their index.
    let indexed_now = match searched {
        true => add.fetch_changed(connection, history::LATE)?,
        false => add.execute(connection).map(|_| None)?,
    };
    if let Some(row) = indexed_now {
        history::index(connection, &new.body, int(&row, "search_id")?)?;
    }
    let kept_apart = match &new.body {
        EntryBody::Coaching { text, .. } => Some((ADD_COACHING, text.clone())),
        EntryBody::CoachingReply { text, .. } => Some((ADD_REPLY, text.clone())),
        EntryBody::Notice(notice) => Some((ADD_NOTICE, serde_json::to_string(notice)?)),
        _ => None,
    };
    if let Some((statement, content)) = kept_apart {
        sql(statement)
            .bind(new.id.as_str())
            .bind(content)
            .execute(connection)?;
    }
    Ok(())
}

/// Finds what stands behind each of these revisions, unless the log has more than so many behind it.
pub(super) fn after_each(logs: &[(WorkitemId, i64, i64)]) -> Statement<'static> {
    let logs = logs
        .iter()
        .map(|(id, rev, most)| serde_json::json!({ "id": id, "rev": rev, "most": most }));
    let logs: Vec<serde_json::Value> = logs.collect();
    sql(AFTER_EACH).bind(serde_json::Value::from(logs).to_string())
}

/// An entry that was found so, with its workitem.
pub(super) fn found(row: &Row) -> Stored<(WorkitemId, EntryRow)> {
    Ok((id(row, "workitem_id")?, read(row)?))
}

/// At most `limit` entries from a number on.
fn list(
    connection: &Connection,
    statement: &'static str,
    workitem: &WorkitemId,
    from: i64,
    limit: i64,
) -> Stored<Vec<EntryRow>> {
    let rows = sql(statement)
        .bind(workitem.as_str())
        .bind(from)
        .bind(limit)
        .fetch_all(connection)?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Stored<EntryRow> {
    let message = |author| -> Stored<EntryBody> {
        Ok(EntryBody::Message {
            author,
            name: text(row, "name")?,
            text: text(row, "message")?,
            files: read_files(row)?,
            delivery: read_delivery(row)?,
        })
    };
    let body = match text(row, "kind")?.as_str() {
        "customer" => message(Author::Customer)?,
        "agent" if int(row, "by_supervisor")? == 1 => message(Author::Supervisor)?,
        "agent" => message(Author::Agent)?,
        "coaching" if text_maybe(row, "seen_by")?.is_some() => EntryBody::CoachingReply {
            agent: id(row, "author_id")?,
            name: text(row, "name")?,
            text: text(row, "coaching")?,
            seen: seen_by(row)?,
        },
        "coaching" => EntryBody::Coaching {
            supervisor: id(row, "author_id")?,
            name: text(row, "name")?,
            text: text(row, "coaching")?,
            reaction: text_maybe(row, "reaction")?
                .and_then(|reaction| Reaction::from_code(&reaction)),
            reaction_by: match id_maybe(row, "reaction_by")? {
                Some(id) => Some(PersonRef {
                    id,
                    name: text(row, "reaction_name")?,
                }),
                None => None,
            },
            forwarded_at: at_maybe(row, "forwarded_at")?,
            seen_at: at_maybe(row, "seen_at")?,
        },
        "monitoring_started" => EntryBody::MonitoringStarted {
            supervisor: id(row, "author_id")?,
            name: text(row, "name")?,
        },
        "monitoring_ended" => match known_code(row, "reason", EndReason::from_code)? {
            Some(reason) => EntryBody::MonitoringEnded {
                supervisor: id(row, "author_id")?,
                name: text(row, "name")?,
                reason,
            },
            None => EntryBody::Notice(Notice::Later),
        },
        "notice" => EntryBody::Notice(read_notice(row)?),
        _ => EntryBody::Notice(Notice::Later),
    };
    let former = match (&body, id_maybe(row, "sealed_team")?) {
        (
            EntryBody::Coaching {
                supervisor: author, ..
            }
            | EntryBody::CoachingReply { agent: author, .. },
            Some(team),
        ) => Some((author.clone(), team)),
        _ => None,
    };
    Ok(EntryRow {
        rev: int(row, "rev")?,
        entry: Entry {
            id: id(row, "id")?,
            seq: int(row, "seq")?,
            at: at(row, "at")?,
            body,
        },
        former,
    })
}

/// A line of the program, or a note. The author of a note is distinguished from their namesakes.
fn read_notice(row: &Row) -> Stored<Notice> {
    let mut notice = known_json(row, "notice")?.unwrap_or(Notice::Later);
    if let Notice::Note {
        by,
        author: Some(_),
        ..
    } = &mut notice
    {
        *by = text(row, "name")?;
    }
    Ok(notice)
}

/// Who has seen a reply, the first one first.
fn seen_by(row: &Row) -> Stored<Vec<ReplySeen>> {
    let mut seen: Vec<(Timestamp, UserId, String)> = json(row, "seen_by")?;
    seen.sort();
    let seen = seen.into_iter().map(|(at, id, name)| ReplySeen {
        by: PersonRef { id, name },
        at,
    });
    Ok(seen.collect())
}

/// The word in the database.
fn kind(body: &EntryBody) -> &'static str {
    match body {
        EntryBody::Message {
            author: Author::Customer,
            ..
        } => "customer",
        EntryBody::Message {
            author: Author::Agent | Author::Supervisor,
            ..
        } => "agent",
        EntryBody::Coaching { .. } | EntryBody::CoachingReply { .. } => "coaching",
        EntryBody::MonitoringStarted { .. } => "monitoring_started",
        EntryBody::MonitoringEnded { .. } => "monitoring_ended",
        EntryBody::Notice(_) => "notice",
    }
}

fn by_supervisor(body: &EntryBody) -> bool {
    matches!(
        body,
        EntryBody::Message {
            author: Author::Supervisor,
            ..
        }
    )
}

fn name(body: &EntryBody) -> &str {
    match body {
        EntryBody::Message { name, .. }
        | EntryBody::Coaching { name, .. }
        | EntryBody::CoachingReply { name, .. }
        | EntryBody::MonitoringStarted { name, .. }
        | EntryBody::MonitoringEnded { name, .. } => name,
        EntryBody::Notice(Notice::Note {
            by,
            author: Some(_),
            ..
        }) => by,
        EntryBody::Notice(_) => "",
    }
}

fn reason(body: &EntryBody) -> Option<&'static str> {
    match body {
        EntryBody::MonitoringEnded { reason, .. } => Some(reason.code()),
        _ => None,
    }
}

/// How far a new message has come: it can't have failed yet.
fn delivery(body: &EntryBody) -> Option<&'static str> {
    match body {
        EntryBody::Message { delivery, .. } => delivery.map(|delivery| delivery.state.code()),
        _ => None,
    }
}
