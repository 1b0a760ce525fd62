//! The end of a workitem: wrap-up, when the conversation is over, and closing.

use shared::assistance::{Settled, SettledHow};
use shared::customer::CustomerBody;
use shared::ids::{EntryId, WorkitemId};
use shared::time::Timestamp;
use shared::transcript::EndReason;
use shared::workitem::{Workitem, WorkitemState};

use super::statement::{Connection, sql};
use super::{customers, entries, monitoring, requests};
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

/// Ends the conversation of an open workitem, with a sentence for staff: its agent wraps it up; one that nobody has is
/// closed.
pub(super) fn end(
    connection: &Connection,
    workitem: &Workitem,
    text: String,
    (entry, at): (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    match &workitem.agent {
        Some(agent) => {
            let notice = NewEntry::notice(entry, at, text);
            entries::append(connection, &workitem.id, notice, changes)?;
            move_to(connection, &workitem.id, WorkitemState::WrapUp)?;
            entries::touch_workitem(connection, &workitem.id, changes)?;
            let ended = Settled {
                how: SettledHow::ConversationEnded,
                by: None,
                at,
            };
            requests::settle_in(connection, &workitem.id, &ended, changes)?;
            changes.push(Change::Agent(agent.id.clone()));
        }
        None => {
            shut(connection, workitem, (entry, at), text, changes)?;
            changes.push(Change::Queue(workitem.team.clone()));
        }
    }
    let frame = customers::frame_append(connection, &workitem.id, at, CustomerBody::Ended)?;
    changes.push(Change::Customer {
        id: workitem.id.clone(),
        frame,
    });
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
pub(super) fn derived(entry: &EntryId, number: i64) -> Stored<EntryId> {
    EntryId::parse(format!("{entry}-{number}")).map_err(|_| {
        StoreError::Storage("the entry's id is too long to derive others from".to_owned())
    })
}
