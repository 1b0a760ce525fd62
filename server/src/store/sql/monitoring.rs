//! Rows of monitorings.

use async_trait::async_trait;
use shared::ids::{NodeId, UserId, WorkitemId};
use shared::time::Timestamp;

use super::rows::{flag, id};
use super::runner::{Inline, Rows, Runner};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{MonitoringReads, MonitoringRows};

const INSERT: &str = "INSERT INTO monitoring (workitem_id, supervisor_id, started_at, announced) VALUES ($1, $2, $3, $4)";
const ANNOUNCE: &str =
    "UPDATE monitoring SET announced = 1 WHERE workitem_id = $1 AND supervisor_id = $2";
const DELETE: &str = "DELETE FROM monitoring WHERE workitem_id = $1 AND supervisor_id = $2";
const LIST: &str = "SELECT m.workitem_id, m.supervisor_id FROM monitoring m
    WHERE NOT EXISTS (SELECT 1 FROM node_monitorings n
        WHERE n.workitem_id = m.workitem_id AND n.supervisor_id = m.supervisor_id)
    ORDER BY m.started_at, m.workitem_id, m.supervisor_id";
const HELD: &str = "SELECT EXISTS (SELECT 1 FROM node_monitorings
    WHERE workitem_id = $1 AND supervisor_id = $2) AS held";
const HOLD: &str =
    "INSERT INTO node_monitorings (workitem_id, supervisor_id, node_id) VALUES ($1, $2, $3)
    ON CONFLICT (workitem_id, supervisor_id, node_id) DO NOTHING";
const RELEASE: &str = "DELETE FROM node_monitorings
    WHERE workitem_id = $1 AND supervisor_id = $2 AND node_id = $3";
const RELEASE_ALL: &str =
    "DELETE FROM node_monitorings WHERE workitem_id = $1 AND supervisor_id = $2";

#[async_trait]
impl<R: Runner> MonitoringReads for Rows<R> {
    async fn monitoring_list(&mut self) -> Stored<Vec<(WorkitemId, UserId)>> {
        self.slow(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter()
                .map(|row| Ok((id(row, "workitem_id")?, id(row, "supervisor_id")?)))
                .collect()
        })
        .await
    }

    async fn monitoring_held(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
    ) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(HELD)
                .bind(workitem.as_str())
                .bind(supervisor.as_str())
                .fetch_one(connection)?;
            flag(&row, "held")
        })
    }
}

#[async_trait]
impl MonitoringRows for Rows<Inline<'_>> {
    async fn monitoring_insert(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
        at: Timestamp,
        announced: bool,
    ) -> Stored<()> {
        sql(INSERT)
            .bind(workitem.as_str())
            .bind(supervisor.as_str())
            .bind(at.0)
            .bind(i64::from(announced))
            .execute(self.connection())?;
        Ok(())
    }

    async fn monitoring_announce(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
    ) -> Stored<()> {
        sql(ANNOUNCE)
            .bind(workitem.as_str())
            .bind(supervisor.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn monitoring_hold(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
        node: &NodeId,
    ) -> Stored<()> {
        sql(HOLD)
            .bind(workitem.as_str())
            .bind(supervisor.as_str())
            .bind(node.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn monitoring_release(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
        node: &NodeId,
    ) -> Stored<()> {
        sql(RELEASE)
            .bind(workitem.as_str())
            .bind(supervisor.as_str())
            .bind(node.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn monitoring_delete(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
    ) -> Stored<()> {
        for statement in [DELETE, RELEASE_ALL] {
            sql(statement)
                .bind(workitem.as_str())
                .bind(supervisor.as_str())
                .execute(self.connection())?;
        }
        Ok(())
    }
}
