//! Flags for review of workitems.

use async_trait::async_trait;
use shared::ids::{TeamId, UserId, WorkitemId};
use shared::reviews::Review;
use shared::text::ReviewComment;
use shared::time::Timestamp;

use crate::store::Stored;

/// A flag as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedReview {
    /// Which workitem.
    pub workitem: WorkitemId,
    /// The flag.
    pub review: Review,
}

/// Reads of flags for review.
#[async_trait]
pub trait ReviewReads: Send {
    /// The latest flag of a workitem, the only one that can be open.
    async fn review_latest(&mut self, workitem: &WorkitemId) -> Stored<Option<Review>>;
    /// A flag of a workitem by its number.
    async fn review_find(&mut self, workitem: &WorkitemId, number: i64) -> Stored<Option<Review>>;
    /// Flags in front of a time and a workitem, at most `limit`, the newest first; of one team those of its workitems.
    async fn reviews_before(
        &mut self,
        team: Option<&TeamId>,
        at: Timestamp,
        workitem: &str,
        limit: i64,
    ) -> Stored<Vec<ListedReview>>;
}

/// Writes of flags for review.
#[async_trait]
pub trait ReviewRows: Send {
    /// Inserts an open flag.
    async fn review_insert(
        &mut self,
        workitem: &WorkitemId,
        number: i64,
        comment: &ReviewComment,
        by: &UserId,
        at: Timestamp,
    ) -> Stored<()>;
    /// Notes who reviewed an open flag, and when.
    async fn review_finish(
        &mut self,
        workitem: &WorkitemId,
        number: i64,
        by: &UserId,
        at: Timestamp,
    ) -> Stored<()>;
}
