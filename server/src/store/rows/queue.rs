//! The queue: waiting work, and the agents who could take it.

use async_trait::async_trait;
use shared::ids::{ChannelKey, TeamId};
use shared::workitem::ChannelCounts;

use crate::store::{Candidate, Queued, Stored};

/// Reads of the queue.
#[async_trait]
pub trait QueueReads: Send {
    /// Queued workitems: those of teams with a higher priority first, of one priority the oldest first.
    async fn queue_list(&mut self) -> Stored<Vec<Queued>>;
    /// How many workitems of a channel wait in a team's queue, counted no further than `limit`.
    async fn queue_count(&mut self, team: &TeamId, channel: &ChannelKey, limit: i64)
    -> Stored<i64>;
    /// The agents of these teams who chose `available`. `usual` is how much those may have who have no numbers of their
    /// own.
    async fn queue_candidates(
        &mut self,
        teams: &[TeamId],
        usual: ChannelCounts,
    ) -> Stored<Vec<Candidate>>;
}
