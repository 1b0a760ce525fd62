//! Rows of attempts to sign in.

use async_trait::async_trait;
use shared::time::Timestamp;

use super::rows::{at, int};
use super::runner::{Inline, Rows};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{AttemptRow, AttemptRows};

const FIND: &str = "SELECT since, count FROM attempts WHERE key = $1";
const SET: &str = "INSERT INTO attempts (key, since, count) VALUES ($1, $2, $3)
    ON CONFLICT (key) DO UPDATE SET since = excluded.since, count = excluded.count";
const DELETE: &str = "DELETE FROM attempts WHERE key = $1";
const FORGET: &str = "DELETE FROM attempts WHERE key IN (
    SELECT key FROM attempts WHERE since < $1 ORDER BY since LIMIT $2)";

#[async_trait]
impl AttemptRows for Rows<Inline<'_>> {
    async fn attempts_find(&mut self, key: &str) -> Stored<Option<AttemptRow>> {
        let row = sql(FIND).bind(key).fetch_optional(self.connection())?;
        let read = |row| {
            Ok(AttemptRow {
                since: at(&row, "since")?,
                count: int(&row, "count")?,
            })
        };
        row.map(read).transpose()
    }

    async fn attempts_set(&mut self, key: &str, attempts: AttemptRow) -> Stored<()> {
        sql(SET)
            .bind(key)
            .bind(attempts.since.0)
            .bind(attempts.count)
            .execute(self.connection())?;
        Ok(())
    }

    async fn attempts_delete(&mut self, key: &str) -> Stored<()> {
        sql(DELETE).bind(key).execute(self.connection())?;
        Ok(())
    }

    async fn attempts_forget(&mut self, before: Timestamp, at_most: i64) -> Stored<()> {
        sql(FORGET)
            .bind(before.0)
            .bind(at_most)
            .execute(self.connection())?;
        Ok(())
    }
}
