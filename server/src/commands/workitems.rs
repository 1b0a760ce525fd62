//! What commands have in common that are about a workitem.

use shared::ids::{UserId, WorkitemId};
use shared::policy::WorkitemAct;

use super::rights;
use crate::store::rows::WorkitemRow;
use crate::store::{Snapshot, StoreError, Stored};

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
