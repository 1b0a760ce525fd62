//! How customers rated their chats.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::people::PersonRef;
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

/// A rating as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRating {
    /// Which workitem.
    pub workitem: WorkitemId,
    /// When it was given.
    pub at: Timestamp,
    /// How good the chat was, from 1 to 5.
    pub score: i64,
    /// What the customer added.
    pub comment: Option<String>,
    /// The team that had the workitem then.
    pub team: TeamId,
    /// Its name.
    pub team_name: String,
    /// Who had it then; nobody where it never left the queue.
    pub agent: Option<PersonRef>,
}

/// Reads of ratings.
#[async_trait]
pub trait RatingReads: Send {
    /// Ratings in front of a time and a workitem, at most `limit`, the newest first; of one team those of workitems that it had then and
    /// has now.
    async fn ratings_before(
        &mut self,
        team: Option<&TeamId>,
        at: Timestamp,
        workitem: &str,
        limit: i64,
    ) -> Stored<Vec<ListedRating>>;
}

/// Writes of ratings. That there is one is read with the visit, what it says with the workitem.
#[async_trait]
pub trait RatingRows: Send {
    /// Adds the rating of a workitem that has none.
    async fn customer_rating_insert(&mut self, rating: &NewRating) -> Stored<()>;
}
