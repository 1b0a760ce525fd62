//! Flags for review, as somebody may see them: supervisors with authority over the workitem, and nobody else.

use shared::people::Actor;
use shared::policy::{Action, WorkitemAct, can};
use shared::reviews::Review;

use crate::store::rows::WorkitemRow;
use crate::store::{Snapshot, Stored};

/// The latest flag of a workitem; nothing where there is none, and for those who may not review it.
pub(super) async fn review_shown(
    rows: &mut dyn Snapshot,
    viewer: &Actor,
    row: &WorkitemRow,
) -> Stored<Option<Box<Review>>> {
    if !may_review(viewer, row) {
        return Ok(None);
    }
    let latest = rows.review_latest(&row.workitem.id).await?;
    Ok(latest.map(Box::new))
}

/// Whether somebody may see flags of the workitem, and set them.
pub(super) fn may_review(viewer: &Actor, row: &WorkitemRow) -> bool {
    let facts = row.facts();
    can(viewer, Action::Workitem(WorkitemAct::Review, &facts)).is_ok()
}
