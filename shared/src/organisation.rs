//! What an administrator sets for the whole organisation.

use serde::{Deserialize, Serialize};

use crate::workitem::ChannelCounts;

/// The organisation's settings. A field that is missing in storage has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganisationSettings {
    /// Seconds without a live connection after which an agent's open work is marked (SPEC, E10).
    pub agent_lost_after_s: i64,
    /// Further seconds after which the agent's active workitems whose customers wait go back to the queue.
    pub requeue_after_s: i64,
    /// How many active workitems of each channel an agent is given from the queue (SPEC, E11).
    pub capacity: ChannelCounts,
    /// How many workitems may wait in the queue of one channel before it refuses new ones (SPEC, E42).
    pub queue_max: i64,
    /// Whether coaching goes along when a workitem moves to another team.
    pub coaching_crosses_teams: bool,
}

impl Default for OrganisationSettings {
    fn default() -> Self {
        Self {
            agent_lost_after_s: 120,
            requeue_after_s: 120,
            capacity: ChannelCounts {
                chat: 8,
                social: 8,
                sms: 8,
                phone: 1,
                email: 20,
            },
            queue_max: 200,
            coaching_crosses_teams: false,
        }
    }
}
