//! How much work an agent may be given: the organisation's number for each channel, or the agent's own.

use shared::ids::UserId;
use shared::workitem::{Channel, ChannelCounts};

use super::organisation;
use super::rows::{int, text_maybe};
use super::statement::{Connection, sql};
use crate::store::Stored;

const OWN: &str = "SELECT capacity FROM users WHERE id = $1";
const ACTIVE: &str = "SELECT COUNT(*) AS count FROM workitems
    WHERE agent_id = $1 AND state = 'active' AND channel = $2";

/// The agent's own numbers, or the organisation's where they have none.
fn of(connection: &Connection, agent: &UserId) -> Stored<ChannelCounts> {
    let own = sql(OWN)
        .bind(agent.as_str())
        .fetch_optional(connection)?
        .map(|row| text_maybe(&row, "capacity"))
        .transpose()?
        .flatten();
    match own {
        Some(own) => Ok(serde_json::from_str(&own)?),
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
