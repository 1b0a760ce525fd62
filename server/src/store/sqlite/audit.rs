//! Rows of the audit log, written in the transaction of the act that they record.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::time::Timestamp;

use super::rows::text_maybe;
use super::runner::{Inline, Rows, Runner};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{AuditReads, AuditRows};

const ADD: &str = "INSERT INTO audit (actor_id, what, about, at) VALUES ($1, $2, $3, $4)";
/// As far as the log still says so.
const LAST_BY: &str = "SELECT u.name FROM audit a LEFT JOIN users u ON u.id = a.actor_id
    WHERE a.about = $1 AND a.what = $2 ORDER BY a.id DESC LIMIT 1";

#[async_trait]
impl<R: Runner> AuditReads for Rows<R> {
    async fn audit_last_by(&mut self, what: &str, about: &str) -> Stored<Option<String>> {
        self.quick(|connection| {
            let row = sql(LAST_BY)
                .bind(about)
                .bind(what)
                .fetch_optional(connection)?;
            match row {
                Some(row) => text_maybe(&row, "name"),
                None => Ok(None),
            }
        })
    }
}

#[async_trait]
impl AuditRows for Rows<Inline<'_>> {
    async fn audit_insert(
        &mut self,
        actor: Option<&UserId>,
        what: &str,
        about: &str,
        at: Timestamp,
    ) -> Stored<()> {
        sql(ADD)
            .bind(actor.map(UserId::as_str))
            .bind(what)
            .bind(about)
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }
}
