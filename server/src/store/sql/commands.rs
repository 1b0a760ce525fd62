//! Rows of commands that were carried out.

use async_trait::async_trait;
use shared::ids::CommandKey;
use shared::time::Timestamp;

use super::rows::text;
use super::runner::{Inline, Rows, Runner};
use super::statement::{Value, sql};
use crate::store::Stored;
use crate::store::rows::{CommandReads, CommandRow, CommandRows};

const FIND: &str = "SELECT kind, answer, digest FROM commands WHERE sender = $1 AND key = $2";
const KEEP: &str = "INSERT INTO commands (sender, key, kind, at, answer, digest)
    VALUES ($1, $2, $3, $4, $5, $6)";

#[async_trait]
impl<R: Runner> CommandReads for Rows<R> {
    async fn command_find(&mut self, sender: &str, key: &CommandKey) -> Stored<Option<CommandRow>> {
        self.quick(|connection| {
            let row = sql(FIND)
                .bind(sender)
                .bind(key.as_str())
                .fetch_optional(connection)?;
            row.map(|row| {
                Ok(CommandRow {
                    kind: text(&row, "kind")?,
                    digest: match row.value("digest") {
                        Some(Value::Blob(digest)) => Some(digest.clone()),
                        _ => None,
                    },
                    answer: text(&row, "answer")?,
                })
            })
            .transpose()
        })
    }
}

#[async_trait]
impl CommandRows for Rows<Inline<'_>> {
    async fn command_insert(
        &mut self,
        sender: &str,
        key: &CommandKey,
        at: Timestamp,
        row: &CommandRow,
    ) -> Stored<()> {
        sql(KEEP)
            .bind(sender)
            .bind(key.as_str())
            .bind(row.kind.as_str())
            .bind(at.0)
            .bind(row.answer.as_str())
            .bind(row.digest.as_deref())
            .execute(self.connection())?;
        Ok(())
    }
}
