//! Who monitors what: one row while a supervisor is there.

use async_trait::async_trait;
use shared::ids::{NodeId, UserId, WorkitemId};
use shared::time::Timestamp;

use crate::store::Stored;

/// Reads of monitorings. Those of one workitem come with the workitem.
#[async_trait]
pub trait MonitoringReads: Send {
    /// Every monitoring that no node holds, the oldest first.
    async fn monitoring_list(&mut self) -> Stored<Vec<(WorkitemId, UserId)>>;
    /// Whether a node holds this monitoring.
    async fn monitoring_held(&mut self, workitem: &WorkitemId, supervisor: &UserId)
    -> Stored<bool>;
}

/// Writes of monitorings.
#[async_trait]
pub trait MonitoringRows: Send {
    /// A supervisor is there. The agent knows, or not.
    async fn monitoring_insert(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
        at: Timestamp,
        announced: bool,
    ) -> Stored<()>;
    /// From now on the agent knows that a supervisor is there.
    async fn monitoring_announce(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
    ) -> Stored<()>;
    /// A node has a live connection that holds a monitoring.
    async fn monitoring_hold(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
        node: &NodeId,
    ) -> Stored<()>;
    /// A node has none any more.
    async fn monitoring_release(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
        node: &NodeId,
    ) -> Stored<()>;
    /// A supervisor is gone, on every node.
    async fn monitoring_delete(&mut self, workitem: &WorkitemId, supervisor: &UserId)
    -> Stored<()>;
}
