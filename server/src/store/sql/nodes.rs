//! Rows of nodes.

use async_trait::async_trait;
use shared::ids::{NodeId, UserId};

use super::rows::{flag, id, int};
use super::runner::{Inline, Rows, Runner};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{NodeReads, NodeRow, NodeRows};

const LIST: &str = "SELECT id, beat, on_duty FROM nodes ORDER BY id";
const PRESENCES: &str = "SELECT node_id, user_id FROM node_presences";
const BEAT: &str = "UPDATE nodes SET beat = beat + 1 WHERE id = $1";
const INSERT: &str = "INSERT INTO nodes (id, beat, on_duty) VALUES ($1, 1, 0)";
const DELETE: &str = "DELETE FROM nodes WHERE id = $1 AND beat = COALESCE($2, beat)";
const DELETE_PRESENCES: &str = "DELETE FROM node_presences WHERE node_id = $1";
const DELETE_MONITORINGS: &str = "DELETE FROM node_monitorings WHERE node_id = $1";
const ON_DUTY: &str = "UPDATE nodes SET on_duty = 1 WHERE id = $1";
const PRESENT: &str = "INSERT INTO node_presences (node_id, user_id) VALUES ($1, $2)
    ON CONFLICT (node_id, user_id) DO NOTHING";
const GONE: &str = "DELETE FROM node_presences WHERE node_id = $1 AND user_id = $2";

#[async_trait]
impl<R: Runner> NodeReads for Rows<R> {
    async fn node_list(&mut self) -> Stored<Vec<NodeRow>> {
        self.quick(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            let node = |row| {
                Ok(NodeRow {
                    id: id(row, "id")?,
                    beat: int(row, "beat")?,
                    on_duty: flag(row, "on_duty")?,
                })
            };
            rows.iter().map(node).collect()
        })
    }

    async fn node_presences(&mut self) -> Stored<Vec<(NodeId, UserId)>> {
        self.slow(|connection| {
            let rows = sql(PRESENCES).fetch_all(connection)?;
            let presence = |row| Ok((id(row, "node_id")?, id(row, "user_id")?));
            rows.iter().map(presence).collect()
        })
        .await
    }
}

#[async_trait]
impl NodeRows for Rows<Inline<'_>> {
    async fn node_beat(&mut self, node: &NodeId) -> Stored<bool> {
        let beaten = sql(BEAT).bind(node.as_str()).execute(self.connection())?;
        Ok(beaten > 0)
    }

    async fn node_insert(&mut self, node: &NodeId) -> Stored<()> {
        sql(INSERT).bind(node.as_str()).execute(self.connection())?;
        Ok(())
    }

    async fn node_delete(&mut self, node: &NodeId, beat: Option<i64>) -> Stored<()> {
        let deleted = sql(DELETE)
            .bind(node.as_str())
            .bind(beat)
            .execute(self.connection())?;
        if deleted > 0 {
            for statement in [DELETE_PRESENCES, DELETE_MONITORINGS] {
                sql(statement)
                    .bind(node.as_str())
                    .execute(self.connection())?;
            }
        }
        Ok(())
    }

    async fn node_set_on_duty(&mut self, node: &NodeId) -> Stored<()> {
        sql(ON_DUTY)
            .bind(node.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn node_presence_set(
        &mut self,
        node: &NodeId,
        user: &UserId,
        present: bool,
    ) -> Stored<()> {
        let statement = if present { PRESENT } else { GONE };
        sql(statement)
            .bind(node.as_str())
            .bind(user.as_str())
            .execute(self.connection())?;
        Ok(())
    }
}
