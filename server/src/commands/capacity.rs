//! How much work an agent may be assigned: the organisation's number for each channel, or the agent's own.

use shared::ids::UserId;
use shared::organisation::capacity_check;
use shared::workitem::{Channel, ChannelCounts};

use crate::store::{Snapshot, StoreError, Stored};

/// Whether the agent may be given one more workitem of this channel.
pub(super) async fn has_room(
    rows: &mut dyn Snapshot,
    agent: &UserId,
    channel: Channel,
) -> Stored<bool> {
    let active = rows.agent_active_count(agent, channel).await?;
    let capacity = match rows.agent_capacity(agent).await? {
        Some(own) => own,
        None => rows.organisation_find().await?.settings.capacity,
    };
    Ok(active < capacity.of(channel))
}

/// An agent's own numbers, unless one is out of the limits of the organisation's.
pub(super) fn within_limits(own: ChannelCounts) -> Stored<ChannelCounts> {
    match capacity_check(&own) {
        Ok(()) => Ok(own),
        Err(refused) => Err(StoreError::Invalid {
            field: refused.field,
            problem: refused.problem,
        }),
    }
}
