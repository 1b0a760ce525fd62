//! Flags for review of workitems.

use async_trait::async_trait;
use shared::ids::{UserId, WorkitemId};
use shared::reviews::Review;
use shared::text::ReviewComment;
use shared::time::Timestamp;

use crate::store::Stored;

/// Reads of flags for review.
#[async_trait]
pub trait ReviewReads: Send {
    /// The latest flag of a workitem, the only one that can be open.
    async fn review_latest(&mut self, workitem: &WorkitemId) -> Stored<Option<Review>>;
    /// A flag of a workitem by its number.
    async fn review_find(&mut self, workitem: &WorkitemId, number: i64) -> Stored<Option<Review>>;
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
