//! Concurrent edits of one thing: an edit names the version that it started from, and the second editor learns what
//! changed.

use shared::error::{ConflictCause, Difference};

use crate::store::{Snapshot, StoreError, Stored};

/// What is stored in a field, unless the edit wants the same there.
pub(super) fn difference<T: PartialEq + Clone>(
    stored: &T,
    wanted: &T,
    field: fn(T) -> Difference,
) -> Option<Difference> {
    (stored != wanted).then(|| field(stored.clone()))
}

/// The refusal of an edit that started from an older version. `act` is what the audit log calls such an edit.
pub(super) async fn edited_meanwhile(
    rows: &mut dyn Snapshot,
    id: &str,
    act: &str,
    now: Vec<Difference>,
    deleting: bool,
) -> Stored<StoreError> {
    let by = rows.audit_last_by(act, id).await?;
    Ok(StoreError::Conflict(ConflictCause::EditedMeanwhile {
        by,
        now,
        deleting,
    }))
}
