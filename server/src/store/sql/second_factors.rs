//! Rows of second factors and recovery codes.

use async_trait::async_trait;
use shared::ids::UserId;

use super::rows::{id, int, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::second_factor::StoredKey;
use crate::store::Stored;
use crate::store::rows::{SecondFactorReads, SecondFactorRow, SecondFactorRows};

const FIND: &str = "SELECT secret, setup, last_step FROM second_factors WHERE user_id = $1";
const LIST: &str = "SELECT user_id, secret, setup, last_step FROM second_factors ORDER BY user_id";
const COUNT: &str = "SELECT COUNT(*) AS count FROM recovery_codes WHERE user_id = $1";
const SET: &str =
    "INSERT INTO second_factors (user_id, secret, setup, last_step) VALUES ($1, $2, $3, $4)
    ON CONFLICT (user_id) DO UPDATE SET secret = $2, setup = $3, last_step = $4";
const DELETE: &str = "DELETE FROM second_factors WHERE user_id = $1";
const CODES_DELETE: &str = "DELETE FROM recovery_codes WHERE user_id = $1";
const CODE_INSERT: &str = "INSERT INTO recovery_codes (user_id, code) VALUES ($1, $2)";
const CODE_TAKE: &str =
    "DELETE FROM recovery_codes WHERE user_id = $1 AND code = $2 RETURNING user_id";

#[async_trait]
impl<R: Runner> SecondFactorReads for Rows<R> {
    async fn second_factor_of(&mut self, user: &UserId) -> Stored<SecondFactorRow> {
        self.quick(|connection| {
            let row = sql(FIND).bind(user.as_str()).fetch_optional(connection)?;
            let row = row.as_ref().map(read).transpose()?;
            Ok(row.unwrap_or_default())
        })
    }

    async fn second_factors_list(&mut self) -> Stored<Vec<(UserId, SecondFactorRow)>> {
        self.quick(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            let rows = rows.iter().map(|row| Ok((id(row, "user_id")?, read(row)?)));
            rows.collect()
        })
    }

    async fn recovery_codes_count(&mut self, user: &UserId) -> Stored<i64> {
        self.quick(|connection| {
            let row = sql(COUNT).bind(user.as_str()).fetch_one(connection)?;
            int(&row, "count")
        })
    }
}

#[async_trait]
impl SecondFactorRows for Rows<Inline<'_>> {
    async fn second_factor_set(&mut self, user: &UserId, row: &SecondFactorRow) -> Stored<()> {
        sql(SET)
            .bind(user.as_str())
            .bind(row.secret.as_ref().map(StoredKey::as_text))
            .bind(row.setup.as_ref().map(StoredKey::as_text))
            .bind(row.last_step)
            .execute(self.connection())?;
        Ok(())
    }

    async fn second_factor_delete(&mut self, user: &UserId) -> Stored<()> {
        sql(DELETE).bind(user.as_str()).execute(self.connection())?;
        Ok(())
    }

    async fn recovery_codes_set(&mut self, user: &UserId, hashes: &[String]) -> Stored<()> {
        sql(CODES_DELETE)
            .bind(user.as_str())
            .execute(self.connection())?;
        for hash in hashes {
            sql(CODE_INSERT)
                .bind(user.as_str())
                .bind(hash.as_str())
                .execute(self.connection())?;
        }
        Ok(())
    }

    async fn recovery_code_take(&mut self, user: &UserId, hash: &str) -> Stored<bool> {
        let taken = sql(CODE_TAKE)
            .bind(user.as_str())
            .bind(hash)
            .fetch_optional(self.connection())?;
        Ok(taken.is_some())
    }
}

fn read(row: &Row) -> Stored<SecondFactorRow> {
    Ok(SecondFactorRow {
        secret: text_maybe(row, "secret")?.map(StoredKey::of_text),
        setup: text_maybe(row, "setup")?.map(StoredKey::of_text),
        last_step: int(row, "last_step")?,
    })
}
