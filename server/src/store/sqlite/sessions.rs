//! Sessions, and what a signed-in user is: roles and teams.

use async_trait::async_trait;
use shared::directory::Settings;
use shared::ids::UserId;
use shared::people::{Actor, Role};
use shared::time::Timestamp;

use super::memory::Kept;
use super::rows::{at, codes, id, int, json, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Connection, Row, sql};
use super::{SqliteStore, accounts};
use crate::store::rows::{NewSession, SessionReads, SessionRows};
use crate::store::{Session, Stored};

/// How often, in microseconds, the idle expiry of a session is moved at most.
const MOVED_EVERY: i64 = 60_000_000;

macro_rules! select_actors {
    ($columns:literal, $tail:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " u.id, u.name, u.username,
                (SELECT json_group_array(r.role ORDER BY r.place) FROM user_roles r
                 WHERE r.user_id = u.id) AS roles,
                (SELECT json_group_array(m.team_id ORDER BY m.team_id) FROM team_members m
                 WHERE m.user_id = u.id) AS member_of,
                (SELECT json_group_array(s.team_id ORDER BY s.team_id) FROM team_supervisors s
                 WHERE s.user_id = u.id) AS supervises
             FROM ",
            $tail
        )
    };
}
const ACTOR: &str = select_actors!("", "users u WHERE u.id = $1 AND u.active = 1");
const FIND: &str = select_actors!(
    "s.seen_at, s.idle_us, s.expires_at,",
    "sessions s JOIN users u ON u.id = s.user_id AND u.active = 1
     WHERE s.id = $1 AND s.expires_at > $2 AND s.seen_at + s.idle_us > $2"
);
const SEEN: &str = "UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
const BEGIN: &str =
    "INSERT INTO sessions (id, user_id, created_at, seen_at, idle_us, expires_at, proved_at)
    VALUES ($1, $2, $3, $3, $4, $5, $3)";
const CLEAR_AWAY: &str = "DELETE FROM sessions
    WHERE user_id = $1 AND (expires_at <= $2 OR seen_at + idle_us <= $2)
    AND id NOT IN (SELECT id FROM sessions WHERE user_id = $1 ORDER BY created_at DESC LIMIT $3)";
const USER: &str = "SELECT user_id FROM sessions WHERE id = $1";
const PROVED: &str = "UPDATE sessions SET proved_at = $2 WHERE id = $1";
const PROVED_AT: &str = "SELECT proved_at FROM sessions WHERE id = $1";
const END: &str = "DELETE FROM sessions WHERE id = $1 RETURNING user_id";
const END_OF: &str = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2";

fn actor(row: &Row) -> Stored<Actor> {
    Ok(Actor {
        id: id(row, "id")?,
        name: text(row, "name")?,
        username: text(row, "username")?,
        roles: codes(row, "roles", Role::from_code)?,
        member_of: json(row, "member_of")?,
        supervises: json(row, "supervises")?,
    })
}

/// A session, and how long it lasts.
#[derive(Clone)]
pub(super) struct Standing {
    pub(super) actor: Actor,
    pub(super) seen_at: i64,
    idle_us: i64,
    expires_at: i64,
}

impl Standing {
    fn lasts(&self, now: Timestamp) -> bool {
        self.expires_at > now.0 && self.seen_at + self.idle_us > now.0
    }
}

fn standing(row: &Row) -> Stored<Standing> {
    Ok(Standing {
        actor: actor(row)?,
        seen_at: int(row, "seen_at")?,
        idle_us: int(row, "idle_us")?,
        expires_at: int(row, "expires_at")?,
    })
}

/// The session as it is kept, or as it is stored.
fn session_known(
    store: &SqliteStore,
    token_hash: &str,
    now: Timestamp,
) -> Stored<Option<Standing>> {
    let (kept, turn) = store.memory.look(|kept| kept.session(token_hash));
    // One that seems to be over may have been moved meanwhile: what is stored decides.
    if let Some(session) = kept.filter(|session| session.lasts(now)) {
        return Ok(Some(session));
    }
    let found = store.look(|connection| {
        let row = sql(FIND)
            .bind(token_hash)
            .bind(now.0)
            .fetch_optional(connection)?;
        row.as_ref().map(standing).transpose()
    })?;
    if let Some(session) = found.clone() {
        let keep = |kept: &mut Kept| kept.session_keep(token_hash.to_owned(), session);
        store.memory.keep(turn, keep);
    }
    Ok(found)
}

/// See the trait.
pub(super) async fn session_find(
    store: &SqliteStore,
    token_hash: &str,
    now: Timestamp,
) -> Stored<Option<Session>> {
    let Some(Standing { actor, seen_at, .. }) = session_known(store, token_hash, now)? else {
        return Ok(None);
    };
    if now.0 - seen_at >= MOVED_EVERY {
        let session = token_hash.to_owned();
        let moved = store
            .write(move |connection| {
                sql(SEEN).bind(session).bind(now.0).execute(connection)?;
                Ok(())
            })
            .await;
        match moved {
            Ok(()) => store.memory.session_seen(token_hash, now.0),
            // Somebody with a good session is let in even while nothing can be written.
            Err(error) => {
                tracing::warn!(%error, "store: the idle expiry of a session was not moved");
            }
        }
    }
    Ok(Some(Session {
        id: token_hash.to_owned(),
        actor,
    }))
}

#[async_trait]
impl<R: Runner> SessionReads for Rows<R> {
    async fn session_user(&mut self, session: &str) -> Stored<Option<UserId>> {
        self.quick(|connection| {
            let row = sql(USER).bind(session).fetch_optional(connection)?;
            row.map(|row| id(&row, "user_id")).transpose()
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

/// The user with roles and teams; `None` when there is none or they are deactivated.
pub(super) fn load_actor(connection: &Connection, user: &UserId) -> Stored<Option<Actor>> {
    sql(ACTOR)
        .bind(user.as_str())
        .fetch_optional(connection)?
        .as_ref()
        .map(actor)
        .transpose()
}

/// See the trait.
pub(super) async fn settings_load(store: &SqliteStore, user: &UserId) -> Stored<Settings> {
    let (kept, turn) = store.memory.look(|kept| kept.settings(user));
    if let Some(settings) = kept {
        return Ok(settings);
    }
    let settings = store.look(|connection| accounts::settings(connection, user))?;
    store
        .memory
        .keep(turn, |kept| kept.settings_keep(user.clone(), settings));
    Ok(settings)
}
