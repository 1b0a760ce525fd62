//! The staff's log of a workitem, as somebody may read it.

use shared::ids::{FileId, UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};
use shared::transcript::{Entry, PAGE, PEEK_LINES, Peek, WorkitemChange};
use shared::workitem::Workitem;

use super::reviews::review_shown;
use crate::commands::rights;
use crate::store::rows::{EntryRow, FileContent, WorkitemRow};
use crate::store::{EntryPage, Snapshot, StoreError, Stored};

/// The newest page, or the one before entry number `older_than`, as `viewer` may read it. `Refused` for those who may not.
pub async fn conversation_page(
    rows: &mut dyn Snapshot,
    workitem: &WorkitemId,
    viewer: &UserId,
    older_than: Option<i64>,
) -> Stored<EntryPage> {
    let row = rows.workitem_find(workitem).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    let viewer = rights::ask_in(rows, viewer, WorkitemAct::Read, &row).await?;
    let before = older_than.unwrap_or(i64::MAX);
    let mut entries = rows.entries_before(workitem, before, PAGE + 1).await?;
    let older = entries.len() as i64 > PAGE;
    if older {
        entries.pop();
    }
    let shown = entries.into_iter().rev();
    let shown = shown.map(|entry| shown_to(entry, &viewer));
    let review = match older_than {
        None => review_shown(rows, &viewer, &row).await?,
        Some(_) => None,
    };
    Ok(EntryPage {
        workitem: row.workitem,
        entries: shown.collect(),
        older,
        rev: row.head,
        review,
    })
}

/// The last lines, for somebody who looks without monitoring. `Refused` for those who may not.
pub async fn peek(rows: &mut dyn Snapshot, workitem: &WorkitemId, viewer: &UserId) -> Stored<Peek> {
    let row = rows.workitem_find(workitem).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    let viewer = rights::ask_in(rows, viewer, WorkitemAct::Peek, &row).await?;
    let lines = rows
        .entries_before(workitem, i64::MAX, PEEK_LINES as i64)
        .await?;
    let shown = lines.into_iter().rev();
    Ok(Peek {
        workitem: row.workitem,
        entries: shown.map(|entry| shown_to(entry, &viewer)).collect(),
    })
}

/// At most `limit` entries after entry number `after` and up to number `last`, the oldest first, as `viewer` may read them. `Refused`
/// for those who may not.
pub async fn transcript_piece(
    rows: &mut dyn Snapshot,
    workitem: &WorkitemId,
    viewer: &UserId,
    (after, last): (i64, i64),
    limit: i64,
) -> Stored<Vec<Entry>> {
    let row = rows.workitem_find(workitem).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    let viewer = rights::ask_in(rows, viewer, WorkitemAct::Read, &row).await?;
    // Numbers have no gaps.
    let until = after.saturating_add(limit).min(last);
    let entries = rows.entries_before(workitem, until + 1, until - after);
    let entries = entries.await?.into_iter().rev();
    Ok(entries.map(|entry| shown_to(entry, &viewer)).collect())
}

/// What is behind revision `after`, in order of revision, as `viewer` may read it. The entries begin there or before.
pub(super) fn changes_shown(
    row: &WorkitemRow,
    entries: &[EntryRow],
    after: i64,
    viewer: &Actor,
) -> Vec<(i64, WorkitemChange)> {
    let later = entries.iter().filter(|entry| entry.rev > after);
    let shown = later.map(|entry| {
        let change = WorkitemChange::Entry(shown_to(entry.clone(), viewer));
        (entry.rev, change)
    });
    let mut changes: Vec<_> = shown.collect();
    if row.rev > after {
        let workitem = Box::new(row.workitem.clone());
        changes.push((row.rev, WorkitemChange::Workitem(workitem)));
    }
    changes.sort_by_key(|(rev, _)| *rev);
    changes
}

/// A file of a message with its content, and its workitem, for those who may read that; messages are withheld from none of them.
/// `Refused` for others.
pub async fn file_content(
    rows: &mut dyn Snapshot,
    file: &FileId,
    viewer: &UserId,
) -> Stored<(Workitem, FileContent)> {
    let workitem = rows.customer_file_place(file).await?;
    let workitem = workitem.ok_or(StoreError::NotFound)?;
    let row = rows.workitem_find(&workitem).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    rights::ask_in(rows, viewer, WorkitemAct::Read, &row).await?;
    let found = rows.customer_file_content(&workitem, file).await?;
    let found = found.ok_or(StoreError::NotFound)?;
    Ok((row.workitem, found))
}

/// The entry as somebody may read it.
pub(super) fn shown_to(row: EntryRow, viewer: &Actor) -> Entry {
    match &row.former {
        Some((author, team)) => {
            let former = Action::FormerCoaching { team, author };
            if can(viewer, former).is_ok() {
                row.entry
            } else {
                row.entry.withheld()
            }
        }
        None => row.entry,
    }
}
