//! Sessions, and what a signed-in user is and sets: roles and teams, password, settings, presence; the audit log.

use shared::directory::{OwnEvent, Settings};
use shared::ids::UserId;
use shared::people::{Actor, Presence, Role};
use shared::policy::Action;
use shared::time::Timestamp;

use super::commands::Command;
use super::memory::Kept;
use super::rows::{code, codes, flag, id, int, json, text, unchanged};
use super::statement::{Connection, Row, sql};
use super::{SqliteStore, audit, browsers, own, rights};
use crate::store::{
    Change, CommandContext, Credentials, PasswordSet, Session, SessionBegin, StoreError, Stored,
    Written,
};

/// How often, in microseconds, the idle expiry of a session is moved at most.
const MOVED_EVERY: i64 = 60_000_000;

/// How many sessions of a user that are over are kept at most.
const ENDED_KEPT: i64 = 20;

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
/// By their number and not by their age: a clock that is wrong for an hour must not end anybody's session for good.
const CLEAR_AWAY: &str = "DELETE FROM sessions
    WHERE user_id = $1 AND (expires_at <= $2 OR seen_at + idle_us <= $2)
    AND id NOT IN (SELECT id FROM sessions WHERE user_id = $1 ORDER BY created_at DESC LIMIT $3)";
const PROVED: &str = "UPDATE sessions SET proved_at = $3
    WHERE id = $1 AND EXISTS (SELECT 1 FROM users u
        WHERE u.id = sessions.user_id AND u.active = 1 AND u.password_hash = $2)";
const PROVED_AT: &str = "SELECT proved_at FROM sessions WHERE id = $1";
const END: &str = "DELETE FROM sessions WHERE id = $1 RETURNING user_id";
const END_OF: &str = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2";
const CREDENTIALS: &str = "SELECT id, password_hash, active FROM users WHERE username = $1";
const PASSWORD: &str = "UPDATE users SET password_hash = $2 WHERE id = $1";
const PASSWORD_HASH: &str = "SELECT password_hash FROM users WHERE id = $1";
const VERIFIED: &str = "SELECT 1 FROM users WHERE id = $1 AND active = 1 AND password_hash = $2";
const SETTINGS: &str = "SELECT pop_up, presence FROM users WHERE id = $1";
const POP_UP: &str = "UPDATE users SET pop_up = $2 WHERE id = $1";
const PRESENCE: &str = "UPDATE users SET presence = $2 WHERE id = $1";

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

/// See the trait.
pub(super) async fn session_begin(store: &SqliteStore, begin: SessionBegin) -> Stored<()> {
    store
        .write(move |connection| {
            let user = begin.user.as_str();
            let verified = sql(VERIFIED)
                .bind(user)
                .bind(begin.verified.as_str())
                .fetch_optional(connection)?;
            if verified.is_none() {
                return Err(StoreError::NotFound);
            }
            if let Some(renewed) = &begin.renewed {
                sql(PASSWORD)
                    .bind(user)
                    .bind(renewed.as_str())
                    .execute(connection)?;
            }
            if let Some(browser) = &begin.browser {
                browsers::remember(connection, &begin.user, browser, begin.now)?;
            }
            sql(CLEAR_AWAY)
                .bind(user)
                .bind(begin.now.0)
                .bind(ENDED_KEPT)
                .execute(connection)?;
            sql(BEGIN)
                .bind(begin.session.as_str())
                .bind(user)
                .bind(begin.now.0)
                .bind(begin.idle_us)
                .bind(begin.now.0.saturating_add(begin.absolute_us))
                .execute(connection)?;
            audit::note(connection, Some(&begin.user), "sign_in", user, begin.now)?;
            Ok(())
        })
        .await
}

/// See the trait.
pub(super) async fn session_prove(
    store: &SqliteStore,
    session: &str,
    verified: &str,
    now: Timestamp,
) -> Stored<()> {
    let (session, verified) = (session.to_owned(), verified.to_owned());
    store
        .write(move |connection| {
            let proved = sql(PROVED)
                .bind(session)
                .bind(verified)
                .bind(now.0)
                .execute(connection)?;
            match proved {
                0 => Err(StoreError::NotFound),
                _ => Ok(()),
            }
        })
        .await
}

/// See the trait.
pub(super) async fn session_proved_at(
    store: &SqliteStore,
    session: &str,
) -> Stored<Option<Timestamp>> {
    store.look(|connection| {
        let row = sql(PROVED_AT).bind(session).fetch_optional(connection)?;
        row.map(|row| Ok(Timestamp(int(&row, "proved_at")?)))
            .transpose()
    })
}

/// See the trait.
pub(super) async fn session_end(store: &SqliteStore, session: &str) -> Stored<Written<()>> {
    let session = session.to_owned();
    store
        .write(move |connection| {
            let ended = sql(END).bind(session.as_str()).fetch_optional(connection)?;
            let changes = match ended {
                Some(row) => vec![Change::SignedOut {
                    user: id(&row, "user_id")?,
                    session,
                }],
                None => Vec::new(),
            };
            Ok(Written { value: (), changes })
        })
        .await
}

/// Ends sessions of a user, all but the one named.
pub(super) fn end_of(
    connection: &Connection,
    user: &UserId,
    except: Option<String>,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    sql(END_OF)
        .bind(user.as_str())
        .bind(except.clone().unwrap_or_default())
        .execute(connection)?;
    changes.push(Change::SessionsEnded {
        user: user.clone(),
        except,
    });
    Ok(())
}

/// See the trait.
pub(super) async fn sessions_end(
    store: &SqliteStore,
    user: &UserId,
    except: Option<&str>,
    context: CommandContext,
) -> Stored<Written<()>> {
    let (user, except) = (user.clone(), except.map(str::to_owned));
    store
        .write(move |connection| {
            let command = Command::in_context(&context, "sessions_end", &user)?;
            if command.first_answer::<()>(connection)?.is_some() {
                return Ok(unchanged(()));
            }
            rights::ask_for(connection, &context, Action::DirectoryUse)?;
            let mut changes = Vec::new();
            end_of(connection, &user, except, &mut changes)?;
            audit::act(
                connection,
                &context,
                "sessions_end_elsewhere",
                user.as_str(),
            )?;
            command.keep(connection, context.at, &())?;
            Ok(Written { value: (), changes })
        })
        .await
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
pub(super) async fn actor_load(store: &SqliteStore, user: &UserId) -> Stored<Option<Actor>> {
    store.look(|connection| load_actor(connection, user))
}

/// See the trait.
pub(super) async fn credentials(
    store: &SqliteStore,
    username: &str,
) -> Stored<Option<Credentials>> {
    store.look(|connection| {
        let row = sql(CREDENTIALS).bind(username).fetch_optional(connection)?;
        row.map(|row| {
            Ok(Credentials {
                user: id(&row, "id")?,
                password_hash: text(&row, "password_hash")?,
                active: flag(&row, "active")?,
            })
        })
        .transpose()
    })
}

/// See the trait.
pub(super) async fn password_set(store: &SqliteStore, set: PasswordSet) -> Stored<Written<()>> {
    store
        .write(move |connection| {
            let (action, what) = match set.by == set.user {
                true => (Action::DirectoryUse, "password_change"),
                false => (Action::UserManage, "user_password_reset"),
            };
            let command = Command::of_user(&set.by, &set.key, what, &set.user)?;
            if command.first_answer::<()>(connection)?.is_some() {
                return Ok(unchanged(()));
            }
            rights::ask(connection, &set.by, action)?;
            let stored = sql(PASSWORD_HASH)
                .bind(set.user.as_str())
                .fetch_optional(connection)?
                .ok_or(StoreError::NotFound)?;
            let stored = text(&stored, "password_hash")?;
            if set.verified.is_some_and(|verified| verified != stored) {
                return Err(StoreError::Conflict(
                    "The password was changed in the meantime.".to_owned(),
                ));
            }
            sql(PASSWORD)
                .bind(set.user.as_str())
                .bind(set.hash)
                .execute(connection)?;
            let mut changes = Vec::new();
            end_of(connection, &set.user, set.except, &mut changes)?;
            audit::note(connection, Some(&set.by), what, set.user.as_str(), set.at)?;
            command.keep(connection, set.at, &())?;
            Ok(Written { value: (), changes })
        })
        .await
}

fn settings(connection: &Connection, user: &UserId) -> Stored<Settings> {
    let row = sql(SETTINGS)
        .bind(user.as_str())
        .fetch_optional(connection)?
        .ok_or(StoreError::NotFound)?;
    Ok(Settings {
        pop_up: flag(&row, "pop_up")?,
        presence: code(&row, "presence", Presence::from_code)?,
    })
}

/// See the trait.
pub(super) async fn settings_load(store: &SqliteStore, user: &UserId) -> Stored<Settings> {
    let (kept, turn) = store.memory.look(|kept| kept.settings(user));
    if let Some(settings) = kept {
        return Ok(settings);
    }
    let settings = store.look(|connection| settings(connection, user))?;
    store
        .memory
        .keep(turn, |kept| kept.settings_keep(user.clone(), settings));
    Ok(settings)
}

/// See the trait. The user's other tabs are told.
pub(super) async fn settings_save(
    store: &SqliteStore,
    user: &UserId,
    pop_up: bool,
    context: CommandContext,
) -> Stored<Written<Settings>> {
    let user = user.clone();
    store
        .write(move |connection| {
            let command = Command::in_context(&context, "settings_save", &(&user, pop_up))?;
            if let Some(first) = command.first_answer(connection)? {
                return Ok(unchanged(first));
            }
            rights::ask(connection, &user, Action::DirectoryUse)?;
            let before = settings(connection, &user)?;
            let after = Settings { pop_up, ..before };
            command.keep(connection, context.at, &after)?;
            if after == before {
                return Ok(unchanged(after));
            }
            sql(POP_UP)
                .bind(user.as_str())
                .bind(i64::from(pop_up))
                .execute(connection)?;
            let mut changes = Vec::new();
            let event = OwnEvent::Settings(after);
            own::append(connection, &user, event, &mut changes)?;
            Ok(Written {
                value: after,
                changes,
            })
        })
        .await
}

/// See the trait. The user's other tabs are told.
pub(super) async fn presence_set(
    store: &SqliteStore,
    user: &UserId,
    presence: Presence,
    context: CommandContext,
) -> Stored<Written<()>> {
    let user = user.clone();
    store
        .write(move |connection| {
            let content = (&user, presence.code());
            let command = Command::in_context(&context, "presence_set", &content)?;
            if command.first_answer::<()>(connection)?.is_some() {
                return Ok(unchanged(()));
            }
            rights::ask(connection, &user, Action::DirectoryUse)?;
            let before = settings(connection, &user)?;
            let after = Settings { presence, ..before };
            command.keep(connection, context.at, &())?;
            if after == before {
                return Ok(unchanged(()));
            }
            sql(PRESENCE)
                .bind(user.as_str())
                .bind(presence.code())
                .execute(connection)?;
            let mut changes = Vec::new();
            let event = OwnEvent::Settings(after);
            own::append(connection, &user, event, &mut changes)?;
            changes.push(Change::Presence(user.clone()));
            changes.push(Change::Agent(user));
            Ok(Written { value: (), changes })
        })
        .await
}

/// See the trait.
pub(super) async fn audit(
    store: &SqliteStore,
    actor: Option<&UserId>,
    what: &str,
    about: &str,
    now: Timestamp,
) -> Stored<()> {
    let (actor, what, about) = (actor.cloned(), what.to_owned(), about.to_owned());
    store
        .write(move |connection| audit::note(connection, actor.as_ref(), &what, &about, now))
        .await
}
