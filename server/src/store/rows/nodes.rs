//! Nodes: the processes that share one database. Where there is one alone, it has no row.

use async_trait::async_trait;
use shared::ids::{NodeId, UserId};

use crate::store::Stored;

/// A node as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRow {
    /// Which.
    pub id: NodeId,
    /// Rises as long as it lives.
    pub beat: i64,
    /// Whether it does what is done once for all nodes.
    pub on_duty: bool,
}

/// Reads of nodes.
#[async_trait]
pub trait NodeReads: Send {
    /// All nodes.
    async fn node_list(&mut self) -> Stored<Vec<NodeRow>>;
    /// Of whom nodes have a live connection.
    async fn node_presences(&mut self) -> Stored<Vec<(NodeId, UserId)>>;
}

/// Writes of nodes.
#[async_trait]
pub trait NodeRows: Send {
    /// Raises the beat of a node. Answers whether it is known.
    async fn node_beat(&mut self, node: &NodeId) -> Stored<bool>;
    /// Adds a node.
    async fn node_insert(&mut self, node: &NodeId) -> Stored<()>;
    /// Removes a node with its presences and what it holds, if its beat is this one; without a beat in any case.
    async fn node_delete(&mut self, node: &NodeId, beat: Option<i64>) -> Stored<()>;
    /// The node does from now on what is done once.
    async fn node_set_on_duty(&mut self, node: &NodeId) -> Stored<()>;
    /// Whether a node has a live connection of a user.
    async fn node_presence_set(
        &mut self,
        node: &NodeId,
        user: &UserId,
        present: bool,
    ) -> Stored<()>;
}
