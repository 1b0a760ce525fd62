//! How customers rated their chats.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::rating::Rating;
use shared::time::Timestamp;

use crate::store::Stored;

/// A rating, with whose work it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRating {
    /// Which workitem.
    pub workitem: WorkitemId,
    /// When.
    pub at: Timestamp,
    /// What the customer said.
    pub rating: Rating,
    /// The team that has the workitem.
    pub team: TeamId,
    /// Who has it; nobody where it never left the queue.
    pub agent: Option<UserId>,
}

/// Writes of ratings. That there is one is read with the visit, what it says with the workitem.
#[async_trait]
pub trait RatingRows: Send {
    /// Adds the rating of a workitem that has none.
    async fn customer_rating_insert(&mut self, rating: &NewRating) -> Stored<()>;
}
