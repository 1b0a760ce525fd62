//! Keys of commands that were carried out: whoever repeats a key gets the first answer again.
//!
//! Looked up and kept in the transaction of the command itself, so that there is no moment between the two.

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::ids::{CommandKey, UserId};
use shared::time::Timestamp;

use super::rows::{int, text};
use super::statement::{Connection, sql};
use crate::store::{StoreError, Stored};

/// How long a key is remembered, in microseconds.
const KEPT: i64 = 48 * 3_600 * 1_000_000;
/// Old keys are looked for once in so many commands.
const PRUNE_EVERY: i64 = 256;

const FIND: &str = "SELECT kind, answer FROM commands WHERE sender = $1 AND key = $2";
const KEEP: &str = "INSERT INTO commands (sender, key, kind, at, answer)
    VALUES ($1, $2, $3, $4, $5) RETURNING id";
/// More at a time than come in between, so that it catches up, and never so many that others wait.
const PRUNE: &str =
    "DELETE FROM commands WHERE id IN (SELECT id FROM commands WHERE at < $1 LIMIT 1024)";

/// One command of one sender.
pub(super) struct Command {
    sender: String,
    key: String,
    kind: &'static str,
}

impl Command {
    /// A command of somebody who is signed in.
    pub(super) fn of_user(user: &UserId, key: &CommandKey, kind: &'static str) -> Self {
        Self::of(format!("user/{user}"), key, kind)
    }

    /// A command of somebody else; the sender's text begins with a word that says on which way it came.
    pub(super) fn of(sender: String, key: &CommandKey, kind: &'static str) -> Self {
        Self {
            sender,
            key: key.as_str().to_owned(),
            kind,
        }
    }

    /// The first answer, if the command was carried out before.
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
        if text(&row, "kind")? != self.kind {
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
        let row = sql(KEEP)
            .bind(self.sender.as_str())
            .bind(self.key.as_str())
            .bind(self.kind)
            .bind(at.0)
            .bind(serde_json::to_string(answer)?)
            .fetch_one(connection)?;
        if int(&row, "id")? % PRUNE_EVERY == 0 {
            sql(PRUNE)
                .bind(at.0.saturating_sub(KEPT))
                .execute(connection)?;
        }
        Ok(())
    }
}
