//! Edits: one names the version that it started from, so that the second editor of one thing learns what changed; and a name
//! belongs to one thing, though it was deleted.

use shared::error::{ConflictCause, Difference, Problem};

use crate::store::rows::NameHolder;
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

/// `Invalid` when something has the name that a field asks for.
pub(super) fn free(holder: Option<NameHolder>, field: &'static str) -> Stored<()> {
    let problem = match holder {
        None => return Ok(()),
        Some(NameHolder::Present) => Problem::Taken,
        Some(NameHolder::Deleted) => Problem::TakenBefore,
    };
    Err(StoreError::Invalid { field, problem })
}
