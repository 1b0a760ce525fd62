//! Edits: one names the version that it started from, so that the second editor of one thing learns what changed; and a name
//! belongs to one thing, though it was deleted.

use shared::error::{ConflictCause, Difference, Problem};

use crate::store::rows::{LastAct, NameHolder};
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
    let (_, by) = last_edit(rows, id, &[act]).await?;
    Ok(edited_by(by, now, deleting))
}

/// The same, where it is known who was quicker.
pub(super) fn edited_by(by: Option<String>, now: Vec<Difference>, deleting: bool) -> StoreError {
    StoreError::Conflict(ConflictCause::EditedMeanwhile { by, now, deleting })
}

/// Which of these acts was done to it last, and by whom, where more than one of them makes another version.
pub(super) async fn last_edit<'a>(
    rows: &mut dyn Snapshot,
    id: &str,
    acts: &[&'a str],
) -> Stored<(Option<&'a str>, Option<String>)> {
    let mut last: Option<(&'a str, LastAct)> = None;
    for &act in acts {
        if let Some(found) = rows.audit_last(act, id).await?
            && last.as_ref().is_none_or(|(_, known)| known.row < found.row)
        {
            last = Some((act, found));
        }
    }
    Ok(match last {
        Some((act, found)) => (Some(act), found.by),
        None => (None, None),
    })
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
