//! Rows of sign-ins that are under way.

use async_trait::async_trait;
use shared::ids::UserId;

use super::rows::{at, flag, id, int, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{SignInReads, SignInRow, SignInRows};

const FIND: &str =
    "SELECT id, user_id, verified, factor, wrong, created_at FROM sign_ins WHERE id = $1";
const INSERT: &str = "INSERT INTO sign_ins (id, user_id, verified, factor, wrong, created_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const FORGET: &str = "DELETE FROM sign_ins WHERE user_id = $1
    AND id NOT IN (SELECT id FROM sign_ins WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2)";
const SET: &str = "UPDATE sign_ins SET verified = $2, factor = $3, wrong = $4 WHERE id = $1";
const DELETE: &str = "DELETE FROM sign_ins WHERE id = $1";
const DELETE_OF: &str = "DELETE FROM sign_ins WHERE user_id = $1";

#[async_trait]
impl<R: Runner> SignInReads for Rows<R> {
    async fn sign_in_find(&mut self, sign_in: &str) -> Stored<Option<SignInRow>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(sign_in).fetch_optional(connection)?;
            let read = |row| {
                Ok(SignInRow {
                    id: text(&row, "id")?,
                    user: id(&row, "user_id")?,
                    verified: text(&row, "verified")?,
                    factor: flag(&row, "factor")?,
                    wrong: int(&row, "wrong")?,
                    at: at(&row, "created_at")?,
                })
            };
            row.map(read).transpose()
        })
    }
}

#[async_trait]
impl SignInRows for Rows<Inline<'_>> {
    async fn sign_in_insert(&mut self, sign_in: &SignInRow, kept: i64) -> Stored<()> {
        sql(INSERT)
            .bind(sign_in.id.as_str())
            .bind(sign_in.user.as_str())
            .bind(sign_in.verified.as_str())
            .bind(i64::from(sign_in.factor))
            .bind(sign_in.wrong)
            .bind(sign_in.at.0)
            .execute(self.connection())?;
        sql(FORGET)
            .bind(sign_in.user.as_str())
            .bind(kept)
            .execute(self.connection())?;
        Ok(())
    }

    async fn sign_in_set(&mut self, sign_in: &SignInRow) -> Stored<()> {
        sql(SET)
            .bind(sign_in.id.as_str())
            .bind(sign_in.verified.as_str())
            .bind(i64::from(sign_in.factor))
            .bind(sign_in.wrong)
            .execute(self.connection())?;
        Ok(())
    }

    async fn sign_in_delete(&mut self, sign_in: &str) -> Stored<()> {
        sql(DELETE).bind(sign_in).execute(self.connection())?;
        Ok(())
    }

    async fn sign_ins_delete_of(&mut self, user: &UserId) -> Stored<()> {
        sql(DELETE_OF)
            .bind(user.as_str())
            .execute(self.connection())?;
        Ok(())
    }
}
