//! Rows of monitorings.

use async_trait::async_trait;
use shared::ids::{UserId, WorkitemId};
use shared::time::Timestamp;

use super::rows::id;
use super::runner::{Inline, Rows, Runner};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{MonitoringReads, MonitoringRows};

const INSERT: &str = "INSERT INTO monitoring (workitem_id, supervisor_id, started_at, announced) VALUES ($1, $2, $3, $4)";
const ANNOUNCE: &str =
    "UPDATE monitoring SET announced = 1 WHERE workitem_id = $1 AND supervisor_id = $2";
const DELETE: &str = "DELETE FROM monitoring WHERE workitem_id = $1 AND supervisor_id = $2";
const LIST: &str = "SELECT workitem_id, supervisor_id FROM monitoring
    ORDER BY started_at, workitem_id, supervisor_id";

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

    async fn monitoring_delete(
        &mut self,
        workitem: &WorkitemId,
        supervisor: &UserId,
    ) -> Stored<()> {
        sql(DELETE)
            .bind(workitem.as_str())
            .bind(supervisor.as_str())
            .execute(self.connection())?;
        Ok(())
    }
}
