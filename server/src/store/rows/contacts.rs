//! Customers who call and mail: one for each number and each address. They are on no page, so no customer reads of them.

use async_trait::async_trait;
use shared::ids::{TeamId, WorkitemId};
use shared::workitem::Channel;

use crate::store::Stored;

/// Reads of these customers.
#[async_trait]
pub trait ContactReads: Send {
    /// The latest workitem of a customer that belongs to this team, if one of their last fifty does.
    async fn contact_latest(
        &mut self,
        channel: Channel,
        contact: &str,
        team: &TeamId,
    ) -> Stored<Option<WorkitemId>>;
}

/// Writes of these customers.
#[async_trait]
pub trait ContactRows: Send {
    /// Notes whose a workitem is: the customer of this number or address, who is new or known.
    async fn contact_set(
        &mut self,
        workitem: &WorkitemId,
        channel: Channel,
        contact: &str,
    ) -> Stored<()>;
}
