//! Browsers in which a user has signed in before.

use shared::ids::UserId;
use shared::time::Timestamp;

use super::SqliteStore;
use super::statement::{Connection, sql};
use crate::store::Stored;

/// How many browsers of one user are remembered; the one that was used longest ago is forgotten first.
const BROWSERS: i64 = 50;

const KNOWN: &str = "SELECT 1 FROM known_browsers WHERE user_id = $1 AND browser = $2";
const REMEMBER: &str = "INSERT INTO known_browsers (user_id, browser, seen_at) VALUES ($1, $2, $3)
    ON CONFLICT (user_id, browser) DO UPDATE SET seen_at = excluded.seen_at";
const FORGET: &str = "DELETE FROM known_browsers WHERE user_id = $1 AND browser NOT IN
    (SELECT browser FROM known_browsers WHERE user_id = $1 ORDER BY seen_at DESC LIMIT $2)";

/// See the trait.
pub(super) async fn browser_known(
    store: &SqliteStore,
    user: &UserId,
    browser: &str,
) -> Stored<bool> {
    store.look(|connection| {
        let row = sql(KNOWN)
            .bind(user.as_str())
            .bind(browser)
            .fetch_optional(connection)?;
        Ok(row.is_some())
    })
}

/// The user has signed in from this browser.
pub(super) fn remember(
    connection: &Connection,
    user: &UserId,
    browser: &str,
    now: Timestamp,
) -> Stored<()> {
    sql(REMEMBER)
        .bind(user.as_str())
        .bind(browser)
        .bind(now.0)
        .execute(connection)?;
    sql(FORGET)
        .bind(user.as_str())
        .bind(BROWSERS)
        .execute(connection)?;
    Ok(())
}
