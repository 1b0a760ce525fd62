//! The end of a workitem: wrap-up, when the conversation is over, and closing.

use shared::ids::{EntryId, WorkitemId};
use shared::time::Timestamp;
use shared::transcript::EndReason;
use shared::workitem::{Workitem, WorkitemState};

use super::statement::{Connection, sql};
use super::{entries, monitoring};
use crate::store::rows::NewEntry;
use crate::store::{Change, StoreError, Stored};

const MOVE: &str = "UPDATE workitems SET state = $2, waiting_since = NULL WHERE id = $1";

/// The conversation is over.
pub(super) fn move_to(
    connection: &Connection,
    workitem: &WorkitemId,
    state: WorkitemState,
) -> Stored<()> {
    sql(MOVE)
        .bind(workitem.as_str())
        .bind(state.code())
        .execute(connection)?;
    Ok(())
}

/// Closes a workitem with a sentence for staff and ends every monitoring of it.
pub(super) fn shut(
    connection: &Connection,
    workitem: &Workitem,
    (entry, at): (EntryId, Timestamp),
    text: String,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let notice = NewEntry::notice(entry.clone(), at, text);
    entries::append(connection, &workitem.id, notice, changes)?;
    for (number, supervisor) in (1..).zip(&workitem.monitors) {
        let line = derived(&entry, number)?;
        let reason = EndReason::WorkitemClosed;
        monitoring::leave(
            connection,
            workitem,
            supervisor,
            reason,
            (line, at),
            changes,
        )?;
    }
    move_to(connection, &workitem.id, WorkitemState::Closed)?;
    entries::touch_workitem(connection, &workitem.id, changes)?;
    for supervisor in &workitem.monitors {
        monitoring::tell(connection, workitem, supervisor, changes)?;
    }
    Ok(())
}

/// The id of a further entry that the command with entry `entry` writes.
fn derived(entry: &EntryId, number: i64) -> Stored<EntryId> {
    EntryId::parse(format!("{entry}-{number}")).map_err(|_| {
        StoreError::Storage("the entry's id is too long to derive others from".to_owned())
    })
}
