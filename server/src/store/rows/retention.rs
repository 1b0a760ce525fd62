//! Deleting what is too old, a bounded number of rows at a time.

use async_trait::async_trait;
use shared::ids::WorkitemId;
use shared::time::Timestamp;

use crate::store::Stored;

/// Reads of what is too old.
#[async_trait]
pub trait RetentionReads: Send {
    /// The closed workitem in which nothing was said for the longest time, if that was before `before`.
    async fn expired_workitem(&mut self, before: Timestamp) -> Stored<Option<WorkitemId>>;
    /// How many closed workitems, direct messages and rows of the audit log are older than these times.
    async fn expired_counts(&mut self, before: [Timestamp; 3]) -> Stored<[i64; 3]>;
}

/// Deletes.
#[async_trait]
pub trait RetentionRows: Send {
    /// Deletes at most `limit` entries from the end of a closed workitem, and the workitem with the last of them. Answers
    /// how many entries, and whether the workitem is gone.
    async fn workitem_cut(&mut self, workitem: &WorkitemId, limit: i64) -> Stored<(i64, bool)>;
    /// Deletes at most `limit` messages that are older than `before` from the front of a conversation of the directory.
    /// What belongs to an open request stays, and what was said after it. Answers how many.
    async fn messages_prune(&mut self, before: Timestamp, limit: i64) -> Stored<i64>;
    /// Deletes at most `limit` rows that are older than `before` from the front of the audit log. Answers how many.
    async fn audit_prune(&mut self, before: Timestamp, limit: i64) -> Stored<i64>;
}
