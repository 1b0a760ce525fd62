//! What the commands about a workitem have in common.

use shared::ids::{UserId, WorkitemId};
use shared::policy::WorkitemAct;
use shared::workitem::Workitem;

use super::events::{self, Event};
use super::rights;
use crate::store::rows::{NewWorkitem, WorkitemRow};
use crate::store::{Change, Snapshot, StoreError, Stored, Transaction};

/// The list in which a workitem stands changed.
pub(super) fn list_change(workitem: &Workitem) -> Change {
    match &workitem.agent {
        Some(agent) => Change::Agent(agent.id.clone()),
        None => Change::Queue(workitem.team.clone()),
    }
}

/// Inserts a workitem and the customer's view of it. An import is no news, so nobody is notified.
pub(super) async fn insert(rows: &mut dyn Transaction, new: &NewWorkitem) -> Stored<()> {
    rows.workitem_insert(new).await?;
    rows.customer_view_insert(&new.id).await
}

/// Begins a workitem.
pub(super) async fn begin(
    rows: &mut dyn Transaction,
    new: &NewWorkitem,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    insert(rows, new).await?;
    events::report(rows, &Event::created(&new.id), new.started_at, changes).await?;
    if let Some(agent) = &new.agent {
        let assigned = Event::assigned(&new.id, agent);
        events::report(rows, &assigned, new.started_at, changes).await?;
    }
    Ok(())
}

/// A workitem that `agent` has and may handle. `NotFound` or `Refused` for anybody else.
pub(super) async fn load_of(
    rows: &mut dyn Snapshot,
    workitem: &WorkitemId,
    agent: &UserId,
) -> Stored<WorkitemRow> {
    let row = rows.workitem_find(workitem).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    rights::ask_in(rows, agent, WorkitemAct::Handle, &row).await?;
    Ok(row)
}
