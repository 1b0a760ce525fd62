//! Rows of coaching.

use async_trait::async_trait;
use shared::ids::{EntryId, TeamId, WorkitemId};
use shared::time::Timestamp;
use shared::transcript::Reaction;

use super::rows::{self, code, id, id_maybe, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{CoachingReads, CoachingRow, CoachingRows};

const FIND: &str =
    "SELECT c.text, c.reaction, c.forwarded_entry, c.sealed_team, e.author_id FROM coaching c
    JOIN entries e ON e.id = c.entry_id WHERE e.workitem_id = $1 AND e.id = $2";
const SET_REACTION: &str = "UPDATE coaching SET reaction = $2 WHERE entry_id = $1";
const SET_DISMISSED: &str =
    "UPDATE coaching SET dismissed_at = $2 WHERE entry_id = $1 AND dismissed_at IS NULL";
const SET_FORWARDED: &str =
    "UPDATE coaching SET forwarded_at = $2, forwarded_entry = $3 WHERE entry_id = $1";
/// The coaching that an agent has in front of them now for the first time.
const SET_SEEN: &str = "UPDATE coaching SET seen_at = $3
    WHERE seen_at IS NULL AND sealed_team IS NULL AND entry_id IN (
        SELECT id FROM entries WHERE workitem_id = $1 AND kind = 'coaching' AND seq <= $2)
    RETURNING entry_id";
const SEAL: &str = "UPDATE coaching SET sealed_team = $2 WHERE sealed_team IS NULL AND entry_id IN
    (SELECT id FROM entries WHERE workitem_id = $1 AND kind = 'coaching')";

#[async_trait]
impl<R: Runner> CoachingReads for Rows<R> {
    async fn coaching_find(
        &mut self,
        workitem: &WorkitemId,
        entry: &EntryId,
    ) -> Stored<Option<CoachingRow>> {
        self.quick(|connection| {
            let row = sql(FIND)
                .bind(workitem.as_str())
                .bind(entry.as_str())
                .fetch_optional(connection)?;
            row.map(|row| {
                let reaction = match text_maybe(&row, "reaction")? {
                    Some(_) => Some(code(&row, "reaction", Reaction::from_code)?),
                    None => None,
                };
                Ok(CoachingRow {
                    author: id(&row, "author_id")?,
                    text: rows::coaching(&row, "text")?,
                    reaction,
                    forwarded_entry: id_maybe(&row, "forwarded_entry")?,
                    sealed_team: id_maybe(&row, "sealed_team")?,
                })
            })
            .transpose()
        })
    }
}

#[async_trait]
impl CoachingRows for Rows<Inline<'_>> {
    async fn coaching_set_reaction(
        &mut self,
        entry: &EntryId,
        reaction: Option<Reaction>,
    ) -> Stored<()> {
        sql(SET_REACTION)
            .bind(entry.as_str())
            .bind(reaction.map(Reaction::code))
            .execute(self.connection())?;
        Ok(())
    }

    async fn coaching_set_dismissed(&mut self, entry: &EntryId, at: Timestamp) -> Stored<bool> {
        let dismissed = sql(SET_DISMISSED)
            .bind(entry.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(dismissed > 0)
    }

    async fn coaching_set_seen(
        &mut self,
        workitem: &WorkitemId,
        through: i64,
        at: Timestamp,
    ) -> Stored<Vec<EntryId>> {
        let seen = sql(SET_SEEN)
            .bind(workitem.as_str())
            .bind(through)
            .bind(at.0)
            .fetch_all(self.connection())?;
        seen.iter().map(|row| id(row, "entry_id")).collect()
    }

    async fn coaching_seal(&mut self, workitem: &WorkitemId, team: &TeamId) -> Stored<()> {
        sql(SEAL)
            .bind(workitem.as_str())
            .bind(team.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn coaching_set_forwarded(
        &mut self,
        entry: &EntryId,
        at: Timestamp,
        message: &EntryId,
    ) -> Stored<()> {
        sql(SET_FORWARDED)
            .bind(entry.as_str())
            .bind(at.0)
            .bind(message.as_str())
            .execute(self.connection())?;
        Ok(())
    }
}
