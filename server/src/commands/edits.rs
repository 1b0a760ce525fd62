//! Two people who edit the same thing: an edit names the version that it started from, and the second learns what is
//! different now.

use crate::store::{Snapshot, StoreError, Stored};

/// What an edit ends with.
pub(super) const NOT_SAVED: &str = "Your changes are not saved.";

/// A field of which the stored value is not the one that an edit wants.
pub(super) struct Difference {
    field: &'static str,
    now: String,
}

impl Difference {
    /// Nothing when both say the same.
    pub(super) fn of<T: PartialEq>(
        field: &'static str,
        stored: &T,
        wanted: &T,
        words: impl FnOnce(&T) -> String,
    ) -> Option<Self> {
        (stored != wanted).then(|| Self {
            field,
            now: words(stored),
        })
    }
}

/// The refusal of an edit that started from an older version. `act` is what the audit log calls such an edit.
pub(super) async fn edited_meanwhile(
    rows: &mut dyn Snapshot,
    id: &str,
    act: &str,
    differences: &[Difference],
    nothing_done: &str,
) -> Stored<StoreError> {
    let by = rows.audit_last_by(act, id).await?;
    let mut reason = by.unwrap_or_else(|| "Somebody else".to_owned());
    reason.push_str(" has changed this meanwhile. ");
    for Difference { field, now } in differences {
        reason.push_str(&format!("{field}: {now}. "));
    }
    reason.push_str(nothing_done);
    Ok(StoreError::Conflict(reason))
}

/// A text as the refusal quotes it.
pub(super) fn quoted(text: &String) -> String {
    format!("now “{text}”")
}
