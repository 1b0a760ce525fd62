//! Rows of monitorings.

use async_trait::async_trait;
use shared::directory::OwnEvent;
use shared::ids::{EntryId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::transcript::{EndReason, EntryBody};
use shared::workitem::Workitem;

use super::rows::id;
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, sql};
use super::{entries, own};
use crate::store::rows::{MonitoringReads, MonitoringRows, NewEntry};
use crate::store::{Change, Stored};

const INSERT: &str =
    "INSERT INTO monitoring (workitem_id, supervisor_id, started_at) VALUES ($1, $2, $3)";
const DELETE: &str = "DELETE FROM monitoring WHERE workitem_id = $1 AND supervisor_id = $2";
const LIST: &str = "SELECT workitem_id, supervisor_id FROM monitoring
    ORDER BY started_at, workitem_id, supervisor_id";

#[async_trait]
impl<R: Runner> MonitoringReads for Rows<R> {
    async fn monitoring_list(&mut self) -> Stored<Vec<(WorkitemId, UserId)>> {
        self.slow(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "workitem_id")?, id(row, "supervisor_id")?)))
                .collect()
        })
        .await
    }
}

#[async_trait]
impl MonitoringRows for Rows<Inline<'_>> {
    async fn monitoring_insert(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
        at: Timestamp,
    ) -> Stored<()> {
        sql(INSERT)
            .bind(workitem.as_str())
            .bind(supervisor.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn monitoring_delete(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
    ) -> Stored<()> {
        sql(DELETE)
            .bind(workitem.as_str())
            .bind(supervisor.as_str())
            .execute(self.connection())?;
        Ok(())
    }
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
    sql(DELETE)
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
