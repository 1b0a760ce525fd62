//! Rows of sessions.

use async_trait::async_trait;
use shared::account::{SessionInfo, SignedInFrom};
use shared::ids::UserId;
use shared::time::Timestamp;

use super::people::{actor, select_actors};
use super::rows::{at, id, ids_argument, int, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, Statement, sql};
use crate::store::Stored;
use crate::store::rows::{NewSession, SessionReads, SessionRow, SessionRows};

const FIND: &str = select_actors!(
    "s.seen_at, s.idle_us, s.expires_at,",
    "sessions s JOIN users u ON u.id = s.user_id AND u.active = 1
     WHERE s.id = $1 AND s.expires_at > $2 AND s.seen_at + s.idle_us > $2"
);
const FIND_EACH: &str = select_actors!(
    "s.id AS session_id, s.seen_at, s.idle_us, s.expires_at,",
    "sessions s JOIN users u ON u.id = s.user_id AND u.active = 1
     WHERE s.id IN (SELECT value FROM json_each($1)) AND s.expires_at > $2 AND s.seen_at + s.idle_us > $2"
);
const SEEN: &str = "UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
const BEGIN: &str =
    "INSERT INTO sessions (id, user_id, created_at, seen_at, idle_us, expires_at, proved_at,
        browser, system)
    VALUES ($1, $2, $3, $3, $4, $5, $3, $6, $7)";
const LIST: &str = "SELECT id, created_at, seen_at, browser, system FROM sessions
    WHERE user_id = $1 AND expires_at > $2 AND seen_at + idle_us > $2
    ORDER BY seen_at DESC, created_at DESC, id";
const CLEAR_AWAY: &str = "DELETE FROM sessions
    WHERE user_id = $1 AND (expires_at <= $2 OR seen_at + idle_us <= $2)
    AND id NOT IN (SELECT id FROM sessions WHERE user_id = $1 ORDER BY created_at DESC LIMIT $3)";
const USER: &str = "SELECT user_id FROM sessions WHERE id = $1";
const PROVED: &str = "UPDATE sessions SET proved_at = $2 WHERE id = $1";
const PROVED_AT: &str = "SELECT proved_at FROM sessions WHERE id = $1";
const END: &str = "DELETE FROM sessions WHERE id = $1 RETURNING user_id";
const END_OF: &str = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2";

/// Finds those of these sessions that belong to active users and are not over.
pub(super) fn find_each(sessions: &[String], now: Timestamp) -> Statement<'static> {
    sql(FIND_EACH).bind(ids_argument(sessions)).bind(now.0)
}

/// A session that was found so, with its id.
pub(super) fn found(row: &Row) -> Stored<(String, SessionRow)> {
    Ok((text(row, "session_id")?, session(row)?))
}

fn session(row: &Row) -> Stored<SessionRow> {
    Ok(SessionRow {
        actor: actor(row)?,
        seen_at: int(row, "seen_at")?,
        idle_us: int(row, "idle_us")?,
        expires_at: int(row, "expires_at")?,
    })
}

fn info(row: &Row) -> Stored<SessionInfo> {
    Ok(SessionInfo {
        id: id(row, "id")?,
        from: SignedInFrom {
            browser: text(row, "browser")?,
            system: text(row, "system")?,
        },
        since: at(row, "created_at")?,
        used: at(row, "seen_at")?,
        here: false,
    })
}

#[async_trait]
impl<R: Runner> SessionReads for Rows<R> {
    async fn session_find(&mut self, id: &str, now: Timestamp) -> Stored<Option<SessionRow>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(id).bind(now.0).fetch_optional(connection)?;
            row.as_ref().map(session).transpose()
        })
    }

    async fn session_user(&mut self, session: &str) -> Stored<Option<UserId>> {
        self.quick(|connection| {
            let row = sql(USER).bind(session).fetch_optional(connection)?;
            row.map(|row| id(&row, "user_id")).transpose()
        })
    }

    async fn session_list(&mut self, user: &UserId, now: Timestamp) -> Stored<Vec<SessionInfo>> {
        self.quick(|connection| {
            let rows = sql(LIST)
                .bind(user.as_str())
                .bind(now.0)
                .fetch_all(connection)?;
            rows.iter().map(info).collect()
        })
    }

    async fn session_proved_at(&mut self, session: &str) -> Stored<Option<Timestamp>> {
        self.quick(|connection| {
            let row = sql(PROVED_AT).bind(session).fetch_optional(connection)?;
            row.map(|row| at(&row, "proved_at")).transpose()
        })
    }
}

#[async_trait]
impl SessionRows for Rows<Inline<'_>> {
    async fn session_insert(&mut self, session: &NewSession) -> Stored<()> {
        sql(BEGIN)
            .bind(session.id.as_str())
            .bind(session.user.as_str())
            .bind(session.at.0)
            .bind(session.idle_us)
            .bind(session.expires_at.0)
            .bind(session.from.browser.as_str())
            .bind(session.from.system.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn session_set_seen(&mut self, session: &str, at: Timestamp) -> Stored<()> {
        sql(SEEN)
            .bind(session)
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn session_set_proved(&mut self, session: &str, at: Timestamp) -> Stored<()> {
        sql(PROVED)
            .bind(session)
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn session_delete(&mut self, session: &str) -> Stored<Option<UserId>> {
        let row = sql(END).bind(session).fetch_optional(self.connection())?;
        row.map(|row| id(&row, "user_id")).transpose()
    }

    async fn sessions_delete_of(&mut self, user: &UserId, except: Option<&str>) -> Stored<()> {
        sql(END_OF)
            .bind(user.as_str())
            .bind(except.unwrap_or_default())
            .execute(self.connection())?;
        Ok(())
    }

    async fn sessions_delete_ended(
        &mut self,
        user: &UserId,
        now: Timestamp,
        kept: i64,
    ) -> Stored<()> {
        sql(CLEAR_AWAY)
            .bind(user.as_str())
            .bind(now.0)
            .bind(kept)
            .execute(self.connection())?;
        Ok(())
    }
}
