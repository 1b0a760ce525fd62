//! Reading the staff's log of a workitem: a page of a conversation, and what changed after a revision.
//!
//! An entry stands at its last revision, so that reading on after one gives every entry at most once, as it is now.

use async_trait::async_trait;
use shared::ids::{EntryId, UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};
use shared::time::Timestamp;
use shared::transcript::{Author, EndReason, Entry, EntryBody, PAGE, Reaction, WorkitemChange};

use super::rows::{at, at_maybe, code, id, id_maybe, int, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, sql};
use super::{SqliteStore, entries, rights, workitems};
use crate::store::rows::{EntryPlace, EntryRow, NewEntry, TranscriptReads, TranscriptRows};
use crate::store::{EntryPage, StoreError, Stored};

/// An entry with whatever its kind keeps elsewhere.
macro_rules! select_entries {
    ($where:literal) => {
        concat!(
            "SELECT e.id, e.seq, e.rev, e.at, e.kind, e.author_id, e.name, e.reason,
                m.text AS message, c.text AS coaching, c.reaction, c.forwarded_at, c.seen_at, c.sealed_team,
                n.text AS notice
             FROM entries e
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
const PAGE_BEFORE: &str =
    select_entries!("e.workitem_id = $1 AND e.seq < $2 ORDER BY e.seq DESC LIMIT $3");
const AFTER: &str = select_entries!("e.workitem_id = $1 AND e.rev > $2 ORDER BY e.rev LIMIT $3");

#[async_trait]
impl<R: Runner> TranscriptReads for Rows<R> {
    async fn entry_find(&mut self, entry: &EntryId) -> Stored<Option<EntryRow>> {
        self.quick(|connection| find(connection, entry))
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
}

#[async_trait]
impl TranscriptRows for Rows<Inline<'_>> {
    async fn entry_append(
        &mut self,
        workitem: &WorkitemId,
        entry: &NewEntry,
    ) -> Stored<EntryPlace> {
        entries::insert_next(self.connection(), workitem, entry)
    }

    async fn entry_touch(&mut self, workitem: &WorkitemId, entry: &EntryId) -> Stored<i64> {
        entries::move_on(self.connection(), workitem, entry)
    }
}

/// The entry as somebody may read it.
fn shown_to(line: EntryRow, viewer: &Actor) -> Entry {
    match &line.former {
        Some((author, team)) => {
            let former = Action::FormerCoaching { team, author };
            if can(viewer, former).is_ok() {
                line.entry
            } else {
                line.entry.withheld()
            }
        }
        None => line.entry,
    }
}

/// An entry with its revision.
pub(super) fn find(connection: &Connection, entry: &EntryId) -> Stored<Option<EntryRow>> {
    sql(FIND)
        .bind(entry.as_str())
        .fetch_optional(connection)?
        .as_ref()
        .map(read)
        .transpose()
}

fn read(row: &Row) -> Stored<EntryRow> {
    let message = |author| -> Stored<EntryBody> {
        Ok(EntryBody::Message {
            author,
            name: text(row, "name")?,
            text: text(row, "message")?,
        })
    };
    let body = match text(row, "kind")?.as_str() {
        "customer" => message(Author::Customer)?,
        "agent" => message(Author::Agent)?,
        "coaching" => EntryBody::Coaching {
            supervisor: id(row, "author_id")?,
            name: text(row, "name")?,
            text: text(row, "coaching")?,
            reaction: text_maybe(row, "reaction")?
                .and_then(|reaction| Reaction::from_code(&reaction)),
            forwarded_at: at_maybe(row, "forwarded_at")?,
            seen_at: at_maybe(row, "seen_at")?,
        },
        "monitoring_started" => EntryBody::MonitoringStarted {
            supervisor: id(row, "author_id")?,
            name: text(row, "name")?,
        },
        "monitoring_ended" => EntryBody::MonitoringEnded {
            supervisor: id(row, "author_id")?,
            name: text(row, "name")?,
            reason: code(row, "reason", EndReason::from_code)?,
        },
        _ => EntryBody::Notice {
            text: text(row, "notice")?,
        },
    };
    let former = match (&body, id_maybe(row, "sealed_team")?) {
        (EntryBody::Coaching { supervisor, .. }, Some(team)) => Some((supervisor.clone(), team)),
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

/// See the trait.
pub(super) async fn conversation_page(
    store: &SqliteStore,
    workitem: &WorkitemId,
    viewer: &UserId,
    before: Option<i64>,
) -> Stored<EntryPage> {
    let (workitem, viewer) = (workitem.clone(), viewer.clone());
    store
        .read(move |connection| page(connection, &workitem, &viewer, before))
        .await
}

fn page(
    connection: &Connection,
    workitem: &WorkitemId,
    viewer: &UserId,
    before: Option<i64>,
) -> Stored<EntryPage> {
    let row = workitems::load(connection, workitem)?.ok_or(StoreError::NotFound)?;
    let viewer = rights::ask_in(connection, viewer, WorkitemAct::Read, &row)?;
    let rows = sql(PAGE_BEFORE)
        .bind(workitem.as_str())
        .bind(before.unwrap_or(i64::MAX))
        .bind(PAGE + 1)
        .fetch_all(connection)?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in &rows {
        entries.push(shown_to(read(row)?, &viewer));
    }
    let older = entries.len() as i64 > PAGE;
    if older {
        entries.pop();
    }
    entries.reverse();
    Ok(EntryPage {
        workitem: row.workitem,
        entries,
        older,
        rev: row.head,
    })
}

/// See the trait. A revision that was never given out answers `None` too: the asker knows another history.
pub(super) async fn workitem_changes(
    store: &SqliteStore,
    workitem: &WorkitemId,
    viewer: &UserId,
    after: i64,
    limit: i64,
) -> Stored<Option<Vec<(i64, WorkitemChange)>>> {
    let (workitem, viewer) = (workitem.clone(), viewer.clone());
    store
        .read(move |connection| changes_after(connection, &workitem, &viewer, after, limit))
        .await
}

fn changes_after(
    connection: &Connection,
    workitem: &WorkitemId,
    viewer: &UserId,
    after: i64,
    limit: i64,
) -> Stored<Option<Vec<(i64, WorkitemChange)>>> {
    let row = workitems::load(connection, workitem)?.ok_or(StoreError::NotFound)?;
    let viewer = rights::ask_in(connection, viewer, WorkitemAct::Read, &row)?;
    if after > row.head {
        return Ok(None);
    }
    let rows = sql(AFTER)
        .bind(workitem.as_str())
        .bind(after)
        .bind(limit.saturating_add(1))
        .fetch_all(connection)?;
    let mut changes = Vec::with_capacity(rows.len() + 1);
    for entry in &rows {
        let line = read(entry)?;
        let rev = line.rev;
        changes.push((rev, WorkitemChange::Entry(shown_to(line, &viewer))));
    }
    if row.rev > after {
        changes.push((row.rev, WorkitemChange::Workitem(row.workitem)));
    }
    changes.sort_by_key(|(rev, _)| *rev);
    Ok((changes.len() as i64 <= limit).then_some(changes))
}
