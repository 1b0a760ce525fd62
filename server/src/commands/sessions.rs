//! Sessions: in use, proving a password once more, signing out. How one begins is in `sign_ins`.

use async_trait::async_trait;
use shared::ids::{SessionId, UserId};
use shared::policy::Action;
use shared::time::Timestamp;

use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::{
    Change, Command, CommandContext, Credentials, Snapshot, StoreError, Stored, Transaction,
    Written,
};

/// Ends one session, if it is there.
pub(super) async fn end(
    rows: &mut dyn Transaction,
    session: &str,
    changes: &mut Vec<Change>,
) -> Stored<()> {
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
