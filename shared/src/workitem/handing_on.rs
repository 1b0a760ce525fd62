//! Handing work on, and calls that are placed.

use serde::{Deserialize, Serialize};

use super::{Channel, ChannelCounts};
use crate::ids::{TeamId, UserId, WorkitemId};
use crate::people::{PersonRef, Presence};

/// Whom a workitem can be handed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferOptions {
    /// Other agents, with their presence.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub agents: Vec<(PersonRef, Presence)>,
    /// Teams, whose agents get it as they get new work.
    pub teams: Vec<(TeamId, String)>,
    /// How many active workitems of each channel an agent has, and how many they may have; a host of the release before names nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loads: Vec<(UserId, ChannelCounts, ChannelCounts)>,
}

impl TransferOptions {
    /// How many active workitems of a channel an agent has, and how many they may have.
    pub fn load(&self, agent: &UserId, channel: Channel) -> Option<Load> {
        let (_, active, most) = self.loads.iter().find(|(known, ..)| known == agent)?;
        Some(Load {
            active: active.of(channel),
            most: most.of(channel),
        })
    }
}

/// How much an agent has of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// How many active workitems.
    pub active: i64,
    /// How many of them work is assigned up to.
    pub most: i64,
}

impl Load {
    /// Whether the agent can take no more at once.
    pub fn is_full(self) -> bool {
        self.active >= self.most
    }
}

/// Whom a workitem is handed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferTo {
    /// One agent, at once.
    Agent(UserId),
    /// A team: the available agent with the fewest active workitems, or the queue.
    Team(TeamId),
}

/// A call that was handed to the device's telephony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallPlaced {
    /// The phone workitem that records it.
    pub workitem: WorkitemId,
    /// The address to open: `tel:…`, or the configured pattern with the number in it.
    pub url: String,
}
