//! How much work an agent may be given: the organisation's number for each channel, or the agent's own.

use shared::ids::UserId;
use shared::workitem::Channel;

use crate::store::{Snapshot, Stored};

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
