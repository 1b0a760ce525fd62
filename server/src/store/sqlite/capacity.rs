//! How much work an agent may be given: the organisation's number for each channel, or the agent's own.

use shared::ids::UserId;
use shared::organisation::capacity_check;
use shared::workitem::{Channel, ChannelCounts};

use super::organisation;
use super::rows::{int, text_maybe};
use super::statement::{Connection, Row, sql};
use crate::store::{StoreError, Stored};

const OWN: &str = "SELECT capacity FROM users WHERE id = $1";
const ACTIVE: &str = "SELECT COUNT(*) AS count FROM workitems
    WHERE agent_id = $1 AND state = 'active' AND channel = $2";

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

/// The agent's own numbers, or the organisation's where they have none.
fn of(connection: &Connection, agent: &UserId) -> Stored<ChannelCounts> {
    let row = sql(OWN).bind(agent.as_str()).fetch_optional(connection)?;
    match row.as_ref().map(own).transpose()?.flatten() {
        Some(own) => Ok(own),
        None => Ok(organisation::load(connection)?.capacity),
    }
}

/// Whether the agent may be given one more workitem of this channel.
pub(super) fn has_room(connection: &Connection, agent: &UserId, channel: Channel) -> Stored<bool> {
    let row = sql(ACTIVE)
        .bind(agent.as_str())
        .bind(channel.code())
        .fetch_one(connection)?;
    Ok(int(&row, "count")? < of(connection, agent)?.of(channel))
}
