//! Keys of commands that were carried out: a key that is repeated gives the first answer again, however old it is.
//!
//! Looked up and kept in the transaction of the command itself, so that there is no moment between the two. Nothing is
//! ever deleted here, so a row is small: beside the key it holds a digest of what was asked for, and of what became part
//! of a conversation only where it stands.

use async_trait::async_trait;
use rusqlite::types::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use shared::ids::{CommandKey, UserId};
use shared::time::Timestamp;

use super::rows::text;
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, sql};
use crate::store::rows::{CommandReads, CommandRow, CommandRows};
use crate::store::{CommandContext, StoreError, Stored};

/// How much of the digest is kept: enough that no two commands of one sender ever share it by chance.
const DIGEST: usize = 16;

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

/// One command of one sender.
pub(super) struct Command {
    sender: String,
    key: String,
    kind: &'static str,
    digest: Vec<u8>,
}

fn sender_of(user: &UserId) -> String {
    format!("user/{user}")
}

impl Command {
    /// A command with its context; without an actor it is the operator's.
    pub(super) fn in_context(
        context: &CommandContext,
        kind: &'static str,
        content: &impl Serialize,
    ) -> Stored<Self> {
        let sender = context
            .actor
            .as_ref()
            .map_or_else(|| "operator".to_owned(), sender_of);
        Self::of(sender, &context.key, kind, content)
    }

    /// A command of somebody else; the sender's text begins with a word that says on which way it came.
    pub(super) fn of(
        sender: String,
        key: &CommandKey,
        kind: &'static str,
        content: &impl Serialize,
    ) -> Stored<Self> {
        let content = serde_json::to_vec(content)?;
        Ok(Self {
            sender,
            key: key.as_str().to_owned(),
            kind,
            digest: Sha256::digest(content)[..DIGEST].to_vec(),
        })
    }

    /// The first answer, if the command was carried out before. `Conflict` when the key was used for something else.
    pub(super) fn first_answer<T: DeserializeOwned>(
        &self,
        connection: &Connection,
    ) -> Stored<Option<T>> {
        let Some(row) = sql(FIND)
            .bind(self.sender.as_str())
            .bind(self.key.as_str())
            .fetch_optional(connection)?
        else {
            return Ok(None);
        };
        let same = match row.value("digest") {
            Some(Value::Blob(digest)) => *digest == self.digest,
            // Kept by the release before, which knew only the kind.
            _ => true,
        };
        if !same || text(&row, "kind")? != self.kind {
            return Err(StoreError::Conflict(
                "This key was used for another command.".to_owned(),
            ));
        }
        Ok(Some(serde_json::from_str(&text(&row, "answer")?)?))
    }

    /// Remembers the answer.
    pub(super) fn keep<T: Serialize>(
        &self,
        connection: &Connection,
        at: Timestamp,
        answer: &T,
    ) -> Stored<()> {
        sql(KEEP)
            .bind(self.sender.as_str())
            .bind(self.key.as_str())
            .bind(self.kind)
            .bind(at.0)
            .bind(serde_json::to_string(answer)?)
            .bind(self.digest.as_slice())
            .execute(connection)?;
        Ok(())
    }
}
