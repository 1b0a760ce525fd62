//! The staff's log of a workitem: entries, and the row that lists show, under one row of revisions.
//!
//! Each change takes the next revision; a changed entry moves to its new revision.

use shared::ids::{EntryId, UserId, WorkitemId};
use shared::transcript::{Author, Entry, EntryBody, Sent, WorkitemChange};
use shared::workitem::Workitem;

use super::rows::int;
use super::statement::{Connection, sql};
use super::{requests, workitems};
use crate::store::rows::{EntryPlace, NewEntry, WorkitemRow};
use crate::store::{Change, StoreError, Stored};

const NEXT_ENTRY: &str = "UPDATE workitems SET head = head + 1, last_entry = last_entry + 1
    WHERE id = $1 RETURNING head, last_entry";
const NEXT_REVISION: &str = "UPDATE workitems SET head = head + 1 WHERE id = $1 RETURNING head";
const TOUCH: &str = "UPDATE workitems SET head = head + 1, rev = head + 1 WHERE id = $1";
const ADD: &str = "INSERT INTO entries
    (workitem_id, seq, id, rev, at, kind, author_id, name, customer_seq, reason)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const ADD_COACHING: &str = "INSERT INTO coaching (entry_id, text) VALUES ($1, $2)";
const ADD_NOTICE: &str = "INSERT INTO notices (entry_id, text) VALUES ($1, $2)";
const MOVE: &str = "UPDATE entries SET rev = $2 WHERE id = $1";

/// The word in the database.
fn kind(body: &EntryBody) -> &'static str {
    match body {
        EntryBody::Message {
            author: Author::Customer,
            ..
        } => "customer",
        EntryBody::Message {
            author: Author::Agent,
            ..
        } => "agent",
        EntryBody::Coaching { .. } => "coaching",
        EntryBody::MonitoringStarted { .. } => "monitoring_started",
        EntryBody::MonitoringEnded { .. } => "monitoring_ended",
        EntryBody::Notice { .. } => "notice",
    }
}

fn name(body: &EntryBody) -> &str {
    match body {
        EntryBody::Message { name, .. }
        | EntryBody::Coaching { name, .. }
        | EntryBody::MonitoringStarted { name, .. }
        | EntryBody::MonitoringEnded { name, .. } => name,
        EntryBody::Notice { .. } => "",
    }
}

fn reason(body: &EntryBody) -> Option<&'static str> {
    match body {
        EntryBody::MonitoringEnded { reason, .. } => Some(reason.code()),
        _ => None,
    }
}

/// Writes the row of an entry whose place is known.
pub(super) fn insert(
    connection: &Connection,
    workitem: &WorkitemId,
    place: EntryPlace,
    new: &NewEntry,
) -> Stored<()> {
    sql(ADD)
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
        .execute(connection)?;
    let kept_apart = match &new.body {
        EntryBody::Coaching { text, .. } => Some((ADD_COACHING, text)),
        EntryBody::Notice { text } => Some((ADD_NOTICE, text)),
        _ => None,
    };
    if let Some((statement, text)) = kept_apart {
        sql(statement)
            .bind(new.id.as_str())
            .bind(text.as_str())
            .execute(connection)?;
    }
    Ok(())
}

/// Writes the row of an entry at the workitem's next number and revision.
pub(super) fn insert_next(
    connection: &Connection,
    workitem: &WorkitemId,
    new: &NewEntry,
) -> Stored<EntryPlace> {
    let row = sql(NEXT_ENTRY)
        .bind(workitem.as_str())
        .fetch_optional(connection)?
        .ok_or(StoreError::NotFound)?;
    let place = EntryPlace {
        seq: int(&row, "last_entry")?,
        rev: int(&row, "head")?,
    };
    insert(connection, workitem, place, new)?;
    Ok(place)
}

/// Appends an entry to an existing workitem.
pub(super) fn append(
    connection: &Connection,
    workitem: &WorkitemId,
    new: NewEntry,
    changes: &mut Vec<Change>,
) -> Stored<Sent> {
    let EntryPlace { seq, rev } = insert_next(connection, workitem, &new)?;
    let entry = Entry {
        id: new.id,
        seq,
        at: new.at,
        body: new.body,
    };
    changes.push(Change::Workitem {
        id: workitem.clone(),
        rev,
        change: WorkitemChange::Entry(entry.clone()),
    });
    Ok(Sent {
        workitem: workitem.clone(),
        rev,
        entry,
    })
}

/// Moves a changed entry to the next revision.
pub(super) fn move_on(
    connection: &Connection,
    workitem: &WorkitemId,
    entry: &EntryId,
) -> Stored<i64> {
    let row = sql(NEXT_REVISION)
        .bind(workitem.as_str())
        .fetch_one(connection)?;
    let rev = int(&row, "head")?;
    sql(MOVE)
        .bind(entry.as_str())
        .bind(rev)
        .execute(connection)?;
    Ok(rev)
}

/// Moves the row of a workitem to the next revision.
pub(super) fn touch_row(connection: &Connection, workitem: &WorkitemId) -> Stored<()> {
    sql(TOUCH).bind(workitem.as_str()).execute(connection)?;
    Ok(())
}

/// Gives the changed row of a workitem the next revision; once in a transaction, after its entries.
pub(super) fn touch_workitem(
    connection: &Connection,
    workitem: &WorkitemId,
    changes: &mut Vec<Change>,
) -> Stored<WorkitemRow> {
    touch_row(connection, workitem)?;
    let row = workitems::load(connection, workitem)?.ok_or(StoreError::NotFound)?;
    looks(&row.workitem, row.rev, changes);
    requests::follow(connection, &row, changes)?;
    Ok(row)
}

/// This is how a workitem's row looks from this revision on.
pub(super) fn looks(workitem: &Workitem, rev: i64, changes: &mut Vec<Change>) {
    changes.push(Change::Workitem {
        id: workitem.id.clone(),
        rev,
        change: WorkitemChange::Workitem(workitem.clone()),
    });
}
