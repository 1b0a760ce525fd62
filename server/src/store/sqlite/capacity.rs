//! How much work an agent may be given: the organisation's number for each channel, or the agent's own.

use shared::organisation::capacity_check;
use shared::workitem::{Channel, ChannelCounts};

use super::rows::text_maybe;
use super::statement::Row;
use crate::store::{StoreError, Stored};

/// The own numbers of the agent in this row, if there are any.
pub(super) fn own(row: &Row) -> Stored<Option<ChannelCounts>> {
    match text_maybe(row, "capacity")? {
        Some(own) => Ok(Some(serde_json::from_str(&own)?)),
        None => Ok(None),
    }
}

/// As they are stored.
pub(super) fn stored(own: Option<ChannelCounts>) -> Stored<Option<String>> {
    Ok(own.as_ref().map(serde_json::to_string).transpose()?)
}

/// The numbers, unless one is out of the limits of the organisation's.
pub(super) fn within_limits(own: ChannelCounts) -> Stored<ChannelCounts> {
    match capacity_check(&own) {
        Ok(()) => Ok(own),
        Err(refused) => Err(StoreError::Invalid {
            field: refused.field,
            reason: refused.reason,
        }),
    }
}

/// As the refusal of a late edit says them.
pub(super) fn words(own: &Option<ChannelCounts>) -> String {
    let Some(own) = own else {
        return "now the organisation’s numbers".to_owned();
    };
    let each = Channel::ALL.map(|channel| format!("{} {}", channel.label(), own.of(channel)));
    format!("now {}", each.join(", "))
}
