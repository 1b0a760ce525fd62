//! Writing the staff's log of a workitem: entries, and the row that lists show, under one row of revisions.

use shared::ids::{EntryId, WorkitemId};
use shared::transcript::{Entry, Sent, WorkitemChange};
use shared::workitem::Workitem;

use super::namesakes::tell_author_apart;
use super::requests;
use crate::store::rows::{EntryPlace, NewEntry, WorkitemRow};
use crate::store::{Change, Snapshot, StoreError, Stored, Transaction};

/// Appends an entry to an existing workitem.
pub(super) async fn append(
    rows: &mut dyn Transaction,
    workitem: &WorkitemId,
    new: NewEntry,
    changes: &mut Vec<Change>,
) -> Stored<Sent> {
    let place = rows.entry_append(workitem, &new).await?;
    appended(rows, workitem, place, new, changes).await
}

/// Inserts an entry at a place that the row of its workitem has left for it.
pub(super) async fn insert(
    rows: &mut dyn Transaction,
    workitem: &WorkitemId,
    place: EntryPlace,
    new: NewEntry,
    changes: &mut Vec<Change>,
) -> Stored<Sent> {
    rows.entry_insert(workitem, place, &new).await?;
    appended(rows, workitem, place, new, changes).await
}

async fn appended(
    rows: &mut dyn Snapshot,
    workitem: &WorkitemId,
    place: EntryPlace,
    new: NewEntry,
    changes: &mut Vec<Change>,
) -> Stored<Sent> {
    let mut body = new.body;
    tell_author_apart(rows, new.author.as_ref(), &mut body).await?;
    let entry = Entry {
        id: new.id,
        seq: place.seq,
        at: new.at,
        body,
    };
    changes.push(Change::Workitem {
        id: workitem.clone(),
        rev: place.rev,
        change: WorkitemChange::Entry(entry.clone()),
    });
    Ok(Sent {
        workitem: workitem.clone(),
        rev: place.rev,
        entry,
    })
}

/// Gives a changed entry the next revision.
pub(super) async fn touch(
    rows: &mut dyn Transaction,
    workitem: &WorkitemId,
    entry: &EntryId,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let rev = rows.entry_touch(workitem, entry).await?;
    let row = rows.entry_find(entry).await?.ok_or(StoreError::NotFound)?;
    let (id, entry) = (workitem.clone(), row.entry);
    changes.push(match row.former {
        Some((author, team)) => Change::FormerCoaching {
            id,
            rev,
            entry,
            author,
            team,
        },
        None => Change::Workitem {
            id,
            rev,
            change: WorkitemChange::Entry(entry),
        },
    });
    Ok(())
}

/// Gives the changed row of a workitem the next revision; once in a transaction, after its entries.
pub(super) async fn touch_workitem(
    rows: &mut dyn Transaction,
    workitem: &WorkitemId,
    changes: &mut Vec<Change>,
) -> Stored<WorkitemRow> {
    rows.workitem_touch(workitem).await?;
    let row = rows.workitem_find(workitem).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    push_workitem(&row.workitem, row.rev, changes);
    requests::follow(rows, &row, changes).await?;
    Ok(row)
}

/// This is how a workitem's row looks from this revision on.
pub(super) fn push_workitem(workitem: &Workitem, rev: i64, changes: &mut Vec<Change>) {
    changes.push(Change::Workitem {
        id: workitem.id.clone(),
        rev,
        change: WorkitemChange::Workitem(Box::new(workitem.clone())),
    });
}
