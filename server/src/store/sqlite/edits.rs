//! Two people who edit the same thing: an edit names the version that it started from, and the second is told
//! what is different now.

use super::audit;
use super::statement::Connection;
use crate::store::{StoreError, Stored};

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
pub(super) fn edited_meanwhile(
    connection: &Connection,
    id: &str,
    act: &str,
    differences: &[Difference],
    nothing_done: &str,
) -> Stored<StoreError> {
    let by = audit::last_by(connection, act, id)?;
    let mut reason = by.unwrap_or_else(|| "Somebody else".to_owned());
    reason.push_str(" has changed this meanwhile. ");
    for Difference { field, now } in differences {
        reason.push_str(&format!("{field}: {now}. "));
    }
    reason.push_str(nothing_done);
    Ok(StoreError::Conflict(reason))
}

/// What an edit ends with.
pub(super) const NOT_SAVED: &str = "Your changes are not saved.";

/// A text as the refusal quotes it.
pub(super) fn quoted(text: &String) -> String {
    format!("now “{text}”")
}
