//! Who monitors what: one row while a supervisor is there, a line in the conversation at both ends.

use shared::directory::OwnEvent;
use shared::ids::{EntryId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::policy::WorkitemAct;
use shared::time::Timestamp;
use shared::transcript::{EndReason, EntryBody};
use shared::workitem::{Workitem, WorkitemState};

use super::SqliteStore;
use super::entries::{self, NewEntry};
use super::rows::{id, unchanged};
use super::statement::{Connection, sql};
use super::{own, rights, workitems};
use crate::store::{Change, StoreError, Stored, Written};

const BEGIN: &str =
    "INSERT INTO monitoring (workitem_id, supervisor_id, started_at) VALUES ($1, $2, $3)";
const END: &str = "DELETE FROM monitoring WHERE workitem_id = $1 AND supervisor_id = $2";
const LIST: &str = "SELECT workitem_id, supervisor_id FROM monitoring
    ORDER BY started_at, workitem_id, supervisor_id";

/// See the trait.
pub(super) async fn monitoring_begin(
    store: &SqliteStore,
    workitem: &WorkitemId,
    supervisor: &PersonRef,
    entry: EntryId,
    at: Timestamp,
) -> Stored<Written<bool>> {
    let (workitem, supervisor) = (workitem.clone(), supervisor.clone());
    store
        .write(move |connection| begin(connection, workitem, supervisor, entry, at))
        .await
}

fn begin(
    connection: &Connection,
    workitem: WorkitemId,
    supervisor: PersonRef,
    entry: EntryId,
    at: Timestamp,
) -> Stored<Written<bool>> {
    let row = workitems::load(connection, &workitem)?.ok_or(StoreError::NotFound)?;
    rights::ask_in(connection, &supervisor.id, WorkitemAct::Monitor, &row)?;
    let workitem = row.workitem;
    if workitem.state == WorkitemState::Closed {
        return Err(StoreError::Conflict("This workitem is closed.".to_owned()));
    }
    if monitor(&workitem, &supervisor.id).is_some() {
        return Ok(unchanged(false));
    }
    sql(BEGIN)
        .bind(workitem.id.as_str())
        .bind(supervisor.id.as_str())
        .bind(at.0)
        .execute(connection)?;
    let mut changes = Vec::new();
    let body = EntryBody::MonitoringStarted {
        supervisor: supervisor.id.clone(),
        name: supervisor.name.clone(),
    };
    let line = NewEntry::of_supervisor(entry, at, &supervisor, body);
    entries::append(connection, &workitem.id, line, &mut changes)?;
    entries::touch_workitem(connection, &workitem.id, &mut changes)?;
    if let Some(agent) = &workitem.agent {
        let event = OwnEvent::MonitoringStarted {
            workitem: workitem.id.clone(),
            subject: workitem.subject.clone(),
            supervisor,
        };
        own::append(connection, &agent.id, event, &mut changes)?;
        changes.push(Change::Agent(agent.id.clone()));
    }
    Ok(Written {
        value: true,
        changes,
    })
}

fn monitor<'a>(workitem: &'a Workitem, supervisor: &UserId) -> Option<&'a PersonRef> {
    workitem.monitors.iter().find(|who| who.id == *supervisor)
}

/// See the trait.
pub(super) async fn monitoring_end(
    store: &SqliteStore,
    workitem: &WorkitemId,
    supervisor: &UserId,
    reason: EndReason,
    entry: EntryId,
    at: Timestamp,
) -> Stored<Written<bool>> {
    let (workitem, supervisor) = (workitem.clone(), supervisor.clone());
    store
        .write(move |connection| end(connection, workitem, supervisor, reason, entry, at))
        .await
}

fn end(
    connection: &Connection,
    workitem: WorkitemId,
    supervisor: UserId,
    reason: EndReason,
    entry: EntryId,
    at: Timestamp,
) -> Stored<Written<bool>> {
    let Some(row) = workitems::load(connection, &workitem)? else {
        return Ok(unchanged(false));
    };
    let Some(supervisor) = monitor(&row.workitem, &supervisor) else {
        return Ok(unchanged(false));
    };
    let mut changes = Vec::new();
    let workitem = &row.workitem;
    leave(
        connection,
        workitem,
        supervisor,
        reason,
        (entry, at),
        &mut changes,
    )?;
    entries::touch_workitem(connection, &workitem.id, &mut changes)?;
    tell(connection, workitem, supervisor, &mut changes)?;
    if let Some(agent) = &workitem.agent {
        changes.push(Change::Agent(agent.id.clone()));
    }
    Ok(Written {
        value: true,
        changes,
    })
}

/// Takes a supervisor out and writes the line. The workitem's row has yet to get its revision, and the agent has
/// yet to be told.
pub(super) fn leave(
    connection: &Connection,
    workitem: &Workitem,
    supervisor: &PersonRef,
    reason: EndReason,
    (entry, at): (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    sql(END)
        .bind(workitem.id.as_str())
        .bind(supervisor.id.as_str())
        .execute(connection)?;
    let body = EntryBody::MonitoringEnded {
        supervisor: supervisor.id.clone(),
        name: supervisor.name.clone(),
        reason,
    };
    let line = NewEntry::of_supervisor(entry, at, supervisor, body);
    entries::append(connection, &workitem.id, line, changes)?;
    Ok(())
}

/// Tells the agent, if there is one, that a supervisor is gone.
pub(super) fn tell(
    connection: &Connection,
    workitem: &Workitem,
    supervisor: &PersonRef,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let Some(agent) = &workitem.agent else {
        return Ok(());
    };
    let event = OwnEvent::MonitoringEnded {
        workitem: workitem.id.clone(),
        subject: workitem.subject.clone(),
        supervisor: supervisor.clone(),
    };
    own::append(connection, &agent.id, event, changes)
}

/// See the trait.
pub(super) async fn monitoring_list(store: &SqliteStore) -> Stored<Vec<(WorkitemId, UserId)>> {
    store
        .read(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "workitem_id")?, id(row, "supervisor_id")?)))
                .collect()
        })
        .await
}
