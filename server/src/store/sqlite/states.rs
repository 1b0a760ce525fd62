//! The end of a workitem: wrap-up, when the conversation is over, and closing.

use shared::assistance::{Settled, SettledHow};
use shared::customer::CustomerBody;
use shared::ids::EntryId;
use shared::time::Timestamp;
use shared::transcript::EndReason;
use shared::workitem::{Workitem, WorkitemState};

use super::SqliteStore;
use super::commands::Command;
use super::entries;
use super::rows::unchanged;
use super::statement::{Connection, sql};
use super::{customers, monitoring, requests, workitems};
use crate::store::rows::NewEntry;
use crate::store::{Change, StateChange, StoreError, Stored, Written};

const MOVE: &str = "UPDATE workitems SET state = $2, waiting_since = NULL WHERE id = $1";

fn move_to(connection: &Connection, workitem: &Workitem, state: WorkitemState) -> Stored<()> {
    sql(MOVE)
        .bind(workitem.id.as_str())
        .bind(state.code())
        .execute(connection)?;
    Ok(())
}

/// See the trait.
pub(super) async fn workitem_wrap_up(
    store: &SqliteStore,
    change: StateChange,
) -> Stored<Written<()>> {
    store
        .write(move |connection| wrap_up(connection, change))
        .await
}

fn wrap_up(connection: &Connection, change: StateChange) -> Stored<Written<()>> {
    let (sender, key) = (&change.agent.id, &change.key);
    let command = Command::of_user(sender, key, "workitem_wrap_up", &change.workitem)?;
    if command.first_answer::<()>(connection)?.is_some() {
        return Ok(unchanged(()));
    }
    let workitem = workitems::load_of(connection, &change.workitem, &change.agent.id)?.workitem;
    if workitem.state != WorkitemState::Active {
        return Err(StoreError::Conflict(
            "The conversation has ended already.".to_owned(),
        ));
    }
    let mut changes = Vec::new();
    let text = format!("{} ended the conversation.", change.agent.name);
    let line = (change.entry, change.at);
    end(connection, &workitem, text, line, &mut changes)?;
    command.keep(connection, change.at, &())?;
    Ok(Written { value: (), changes })
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
            move_to(connection, workitem, WorkitemState::WrapUp)?;
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

/// See the trait.
pub(super) async fn workitem_close(
    store: &SqliteStore,
    change: StateChange,
) -> Stored<Written<()>> {
    store
        .write(move |connection| close(connection, change))
        .await
}

fn close(connection: &Connection, change: StateChange) -> Stored<Written<()>> {
    let (sender, key) = (&change.agent.id, &change.key);
    let command = Command::of_user(sender, key, "workitem_close", &change.workitem)?;
    if command.first_answer::<()>(connection)?.is_some() {
        return Ok(unchanged(()));
    }
    let workitem = workitems::load_of(connection, &change.workitem, &change.agent.id)?.workitem;
    let refusal = match workitem.state {
        WorkitemState::WrapUp => None,
        WorkitemState::Closed => Some("This workitem is closed already."),
        WorkitemState::Active | WorkitemState::Queued => {
            Some("End the conversation first, then close the workitem.")
        }
    };
    if let Some(reason) = refusal {
        return Err(StoreError::Conflict(reason.to_owned()));
    }
    let mut changes = Vec::new();
    let text = format!("{} closed the workitem.", change.agent.name);
    shut(
        connection,
        &workitem,
        (change.entry, change.at),
        text,
        &mut changes,
    )?;
    changes.push(Change::Agent(change.agent.id));
    command.keep(connection, change.at, &())?;
    Ok(Written { value: (), changes })
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
    move_to(connection, workitem, WorkitemState::Closed)?;
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
