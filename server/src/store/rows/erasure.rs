//! Finding a customer by name, and erasing their words.

use async_trait::async_trait;
use shared::erasure::{CustomerWorkitem, Erasure};
use shared::ids::WorkitemId;
use shared::time::Timestamp;

use crate::store::Stored;

/// Reads of what may be erased.
#[async_trait]
pub trait ErasureReads: Send {
    /// Customers whose names have words that begin like these, without case and accents, each by the latest of those workitems;
    /// at most `limit`.
    async fn customers_find(&mut self, name: &str, limit: i64) -> Stored<Vec<CustomerWorkitem>>;
    /// This workitem, and all others of the same customer: of one visitor, or with one contact.
    async fn workitems_of_customer(&mut self, workitem: &WorkitemId) -> Stored<Vec<WorkitemId>>;
    /// How much there is of one workitem. `NotFound` without one.
    async fn workitem_extent(&mut self, workitem: &WorkitemId) -> Stored<Erasure>;
}

/// Erases.
#[async_trait]
pub trait ErasureRows: Send {
    /// Replaces every word of a closed workitem by [`shared::erasure::ERASED`], wherever it stands, and gives all of its
    /// entries later revisions, so that its subscribers are sent them again. Nothing leads from a visitor to it any more.
    async fn workitem_erase(&mut self, workitem: &WorkitemId, at: Timestamp) -> Stored<()>;
}
