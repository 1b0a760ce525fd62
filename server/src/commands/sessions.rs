//! Sessions: signing in, proving a password once more, signing out.

use async_trait::async_trait;
use shared::account::{SignInStep, SignedInFrom};
use shared::ids::{SessionId, UserId};
use shared::policy::Action;
use shared::time::Timestamp;

use super::keys::IdempotencyKey;
use super::{audit, rights, sign_ins};
use crate::store::rows::NewSession;
use crate::store::{
    Change, Command, CommandContext, Credentials, Snapshot, StoreError, Stored, Transaction,
    Written,
};

/// How many sessions of a user that are over are kept at most. By their number and not by their age: a clock that is wrong
/// for an hour must not end anybody's session for good.
const ENDED_KEPT: i64 = 20;
/// How many browsers of one user are remembered; the one that was used longest ago is forgotten first.
const BROWSERS_KEPT: i64 = 50;

/// How many sessions a user may have; at one more, the one that was used longest ago ends.
const SESSIONS_MAX: usize = 20;

/// Begins a session, remembers the browser, and clears away sessions of the same user that are long over. When more is asked
/// for than the password, a sign-in begins under the session's id instead (`sign_ins`), and its next step is answered.
/// `NotFound` for a user who is deactivated, or whose password is not the verified one any more.
#[derive(Clone, Debug)]
pub struct SessionBegin {
    /// The hash of its token, in hex.
    pub session: String,
    /// Whose.
    pub user: UserId,
    /// The password hash that was verified: only while it is still the stored one does the session begin.
    pub verified: String,
    /// A hash of the same password that takes its place.
    pub renewed: Option<String>,
    /// The hash of the browser's secret, which is remembered for the user.
    pub browser: Option<String>,
    /// When.
    pub now: Timestamp,
    /// How long it lasts while nobody uses it, in microseconds.
    pub idle_us: i64,
    /// How long it lasts at most, in microseconds.
    pub absolute_us: i64,
    /// In which browser.
    pub from: SignedInFrom,
}

#[async_trait]
impl Command for SessionBegin {
    type Answer = SignInStep;
    const NAME: &'static str = "session_begin";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<SignInStep>> {
        verified(rows, &self.user, &self.verified).await?;
        let mut begin = self.clone();
        if let Some(renewed) = begin.renewed.take() {
            rows.account_set_password(&self.user, &renewed).await?;
            begin.verified = renewed;
        }
        let mut changes = Vec::new();
        let value = sign_ins::begin(rows, &begin, false, &mut changes).await?;
        Ok(Written { value, changes })
    }
}

/// Nothing more is asked for: the session is there.
pub(super) async fn insert(
    rows: &mut dyn Transaction,
    begin: &SessionBegin,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let (user, now) = (&begin.user, begin.now);
    if let Some(browser) = &begin.browser {
        rows.browser_remember(user, browser, now, BROWSERS_KEPT)
            .await?;
    }
    rows.sessions_delete_ended(user, now, ENDED_KEPT).await?;
    // Before the new one is there: by a clock that was set back it would be the oldest.
    let there = rows.session_list(user, now).await?;
    for session in there.iter().skip(SESSIONS_MAX - 1) {
        end(rows, session.id.as_str(), changes).await?;
    }
    let session = NewSession {
        id: begin.session.clone(),
        user: user.clone(),
        at: now,
        idle_us: begin.idle_us,
        expires_at: Timestamp(now.0.saturating_add(begin.absolute_us)),
        from: begin.from.clone(),
    };
    rows.session_insert(&session).await?;
    let act = ("sign_in", user.as_str());
    audit::done(rows, Some(user), act, &[], now).await
}

/// Ends one session, if it is there.
async fn end(rows: &mut dyn Transaction, session: &str, changes: &mut Vec<Change>) -> Stored<()> {
    if let Some(user) = rows.session_delete(session).await? {
        changes.push(Change::SignedOut {
            user,
            session: session.to_owned(),
        });
    }
    Ok(())
}

/// `NotFound` unless the user is active and this is the hash of their password.
pub(super) async fn verified(
    rows: &mut dyn Snapshot,
    user: &UserId,
    hash: &str,
) -> Stored<Credentials> {
    let stored = rows.credentials_of(user).await?;
    let same = stored.filter(|stored| stored.active && stored.password_hash == hash);
    same.ok_or(StoreError::NotFound)
}

/// The session has proved its password; `NotFound` unless it is there and the verified hash is still the stored one.
#[derive(Clone, Debug)]
pub struct SessionProve {
    /// The session.
    pub session: String,
    /// The password hash that was verified.
    pub verified: String,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for SessionProve {
    type Answer = ();
    const NAME: &'static str = "session_prove";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let user = rows.session_user(&self.session).await?;
        let user = user.ok_or(StoreError::NotFound)?;
        verified(rows, &user, &self.verified).await?;
        rows.session_set_proved(&self.session, self.at).await?;
        let act = ("password_prove", user.as_str());
        audit::done(rows, Some(&user), act, &[], self.at).await?;
        Ok(Written::unchanged(()))
    }
}

/// Moves the idle expiry of a session.
#[derive(Clone, Debug)]
pub struct SessionSeen {
    /// The session.
    pub session: String,
    /// When it was used.
    pub at: Timestamp,
}

#[async_trait]
impl Command for SessionSeen {
    type Answer = ();
    const NAME: &'static str = "session_seen";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        rows.session_set_seen(&self.session, self.at).await?;
        Ok(Written::unchanged(()))
    }
}

/// Ends one session, if it is there.
#[derive(Clone, Debug)]
pub struct SessionEnd {
    /// The session.
    pub session: String,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for SessionEnd {
    type Answer = ();
    const NAME: &'static str = "session_end";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let mut changes = Vec::new();
        if let Some(user) = rows.session_user(&self.session).await? {
            let act = ("sign_out", user.as_str());
            audit::done(rows, Some(&user), act, &[], self.at).await?;
        }
        end(rows, &self.session, &mut changes).await?;
        Ok(Written { value: (), changes })
    }
}

/// Ends one of the user's own sessions. `NotFound` for one that is somebody else's.
#[derive(Clone, Debug)]
pub struct SessionClose {
    /// Whose.
    pub user: UserId,
    /// The session.
    pub session: SessionId,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SessionClose {
    type Answer = ();
    const NAME: &'static str = "session_close";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (user, session, context) = (&self.user, self.session.as_str(), &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, &(user, session))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask(rows, user, Action::DirectoryUse).await?;
        let mut changes = Vec::new();
        match rows.session_user(session).await? {
            Some(whose) if whose == *user => end(rows, session, &mut changes).await?,
            _ => return Err(StoreError::NotFound),
        }
        audit::act(rows, context, Self::NAME, user.as_str()).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// Ends sessions of a user, all but the one named.
pub(super) async fn end_of(
    rows: &mut dyn Transaction,
    user: &UserId,
    except: Option<&str>,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    rows.sessions_delete_of(user, except).await?;
    changes.push(Change::SessionsEnded {
        user: user.clone(),
        except: except.map(str::to_owned),
    });
    Ok(())
}

/// Ends the sessions of a user, all but the one named: the user's own act, or an administrator's.
#[derive(Clone, Debug)]
pub struct SessionsEnd {
    /// Whose.
    pub user: UserId,
    /// The session that goes on.
    pub except: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SessionsEnd {
    type Answer = ();
    const NAME: &'static str = "sessions_end";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (user, context) = (&self.user, &self.context);
        let key = IdempotencyKey::in_context(context, Self::NAME, user)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        let (action, what) = match context.actor.as_ref() == Some(user) {
            true => (Action::DirectoryUse, "sessions_end_elsewhere"),
            false => (Action::UserManage, "user_sessions_end"),
        };
        rights::ask_for(rows, context, action).await?;
        rows.user_find(user).await?.ok_or(StoreError::NotFound)?;
        let mut changes = Vec::new();
        end_of(rows, user, self.except.as_deref(), &mut changes).await?;
        audit::act(rows, context, what, user.as_str()).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}
