//! Nodes that share one database: which live, and which one does what is done once for all of them.
//!
//! No clocks are compared. A node raises its beat; another node that has not seen it rise for a while, by its own time, says with its
//! own beat that it is dead, and at which beat: it is removed unless it has risen meanwhile.

use async_trait::async_trait;
use shared::ids::{NodeId, UserId};

use crate::store::rows::NodeRow;
use crate::store::{Command, Stored, Transaction, Written};

/// A node lives.
#[derive(Clone, Debug)]
pub struct NodeBeat {
    /// Which.
    pub node: NodeId,
    /// Of whom it has live connections; nothing: as it said the last time.
    pub present: Option<Vec<UserId>>,
    /// Nodes whose beat has not risen, each with that beat.
    pub dead: Vec<(NodeId, i64)>,
}

/// What a node learns by its beat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeView {
    /// Whether it was known. Another node may have taken it for dead; then nothing of what it held is there any more.
    pub known: bool,
    /// Whether what it says of live connections is new.
    pub changed: bool,
    /// All nodes, this one too.
    pub nodes: Vec<NodeRow>,
    /// Of whom other nodes have live connections.
    pub elsewhere: Vec<UserId>,
}

#[async_trait]
impl Command for NodeBeat {
    type Answer = NodeView;
    const NAME: &'static str = "node_beat";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<NodeView>> {
        for (node, beat) in &self.dead {
            rows.node_delete(node, Some(*beat)).await?;
        }
        let known = rows.node_beat(&self.node).await?;
        if !known {
            rows.node_insert(&self.node).await?;
        }
        let mut nodes = rows.node_list().await?;
        if !nodes.iter().any(|node| node.on_duty) {
            rows.node_set_on_duty(&self.node).await?;
            let me = nodes.iter_mut().find(|node| node.id == self.node);
            me.into_iter().for_each(|me| me.on_duty = true);
        }
        let mut here = Vec::new();
        let mut elsewhere = Vec::new();
        for (node, user) in rows.node_presences().await? {
            match node == self.node {
                true => here.push(user),
                false => elsewhere.push(user),
            }
        }
        let mut changed = false;
        if let Some(present) = &self.present {
            let come = present.iter().filter(|user| !here.contains(user));
            let gone = here.iter().filter(|user| !present.contains(user));
            for (user, is_present) in come
                .map(|user| (user, true))
                .chain(gone.map(|user| (user, false)))
            {
                rows.node_presence_set(&self.node, user, is_present).await?;
                changed = true;
            }
        }
        Ok(Written::unchanged(NodeView {
            known,
            changed,
            nodes,
            elsewhere,
        }))
    }
}

/// A node ends: nobody has to wait until it counts as dead.
#[derive(Clone, Debug)]
pub struct NodeLeave {
    /// Which.
    pub node: NodeId,
}

#[async_trait]
impl Command for NodeLeave {
    type Answer = ();
    const NAME: &'static str = "node_leave";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        rows.node_delete(&self.node, None).await?;
        Ok(Written::unchanged(()))
    }
}
