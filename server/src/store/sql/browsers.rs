//! Browsers in which a user has signed in before.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::time::Timestamp;

use super::rows::text;
use super::runner::{Inline, Rows, Runner};
use super::statement::sql;
use crate::store::Stored;
use crate::store::rows::{BrowserReads, BrowserRows};

const KNOWN: &str = "SELECT browser FROM known_browsers WHERE user_id = $1";
const REMEMBER: &str = "INSERT INTO known_browsers (user_id, browser, seen_at) VALUES ($1, $2, $3)
    ON CONFLICT (user_id, browser) DO UPDATE SET seen_at = excluded.seen_at";
const FORGET: &str = "DELETE FROM known_browsers WHERE user_id = $1 AND browser = $2";
const FORGET_OLD: &str = "DELETE FROM known_browsers WHERE user_id = $1 AND browser NOT IN
    (SELECT browser FROM known_browsers WHERE user_id = $1 ORDER BY seen_at DESC LIMIT $2)";

#[async_trait]
impl<R: Runner> BrowserReads for Rows<R> {
    async fn browsers_of(&mut self, user: &UserId) -> Stored<Vec<String>> {
        self.quick(|connection| {
            let rows = sql(KNOWN).bind(user.as_str()).fetch_all(connection)?;
            rows.iter().map(|row| text(row, "browser")).collect()
        })
    }
}

#[async_trait]
impl BrowserRows for Rows<Inline<'_>> {
    async fn browser_remember(
        &mut self,
        user: &UserId,
        browser: &str,
        at: Timestamp,
        kept: i64,
    ) -> Stored<()> {
        sql(REMEMBER)
            .bind(user.as_str())
            .bind(browser)
            .bind(at.0)
            .execute(self.connection())?;
        sql(FORGET_OLD)
            .bind(user.as_str())
            .bind(kept)
            .execute(self.connection())?;
        Ok(())
    }

    async fn browser_forget(&mut self, user: &UserId, browser: &str) -> Stored<()> {
        sql(FORGET)
            .bind(user.as_str())
            .bind(browser)
            .execute(self.connection())?;
        Ok(())
    }
}
