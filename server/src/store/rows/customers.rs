//! The customer's view of a workitem: what the customer is shown, numbered without gaps.

use async_trait::async_trait;
use shared::customer::{CustomerBody, CustomerFrame};
use shared::ids::WorkitemId;
use shared::time::Timestamp;

use crate::store::Stored;

/// Writes of the customer's side.
#[async_trait]
pub trait CustomerRows: Send {
    /// Begins the view of a workitem.
    async fn customer_view_insert(&mut self, workitem: &WorkitemId) -> Stored<()>;
    /// Appends a line under the view's next number; a line that ends the conversation ends the view. `NotFound` without a
    /// view.
    async fn customer_frame_append(
        &mut self,
        workitem: &WorkitemId,
        at: Timestamp,
        body: CustomerBody,
    ) -> Stored<CustomerFrame>;
}
