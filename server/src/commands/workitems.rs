//! What the commands about a workitem have in common.

use shared::ids::{UserId, WorkitemId};
use shared::policy::WorkitemAct;
use shared::workitem::Workitem;

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

/// Begins a workitem and the customer's view of it.
pub(super) async fn begin(rows: &mut dyn Transaction, new: &NewWorkitem) -> Stored<()> {
    rows.workitem_insert(new).await?;
    rows.customer_view_insert(&new.id).await
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
