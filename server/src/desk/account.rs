//! A user's own account: presence, settings, password, sessions.

use std::future::pending;

use app::backend::{Account, ApiResult, Caller};
use async_trait::async_trait;
use shared::account::SessionInfo;
use shared::directory::{Settings, Switches};
use shared::error::{AppError, ConflictCause, PROOF, Problem};
use shared::ids::{CommandKey, SessionId};
use shared::language::Language;
use shared::people::{Actor, Presence};
use shared::policy::Action;
use shared::text::{Password, TypedPassword};

use super::{Desk, to_app_error};
use crate::commands::{
    LanguageSet, PasswordSet, PresenceSet, SessionClose, SessionProve, SessionsEnd, SettingsSave,
    rights,
};
use crate::password::{self, Claim, Verdict};
use crate::queries;
use crate::store::StoreError;

impl Desk {
    /// For a command that sets a password and is repeated: its key is kept without the password, so what tells whether it
    /// is the same command is the password that is stored.
    pub(super) async fn password_is(
        &self,
        actor: &Actor,
        username: &str,
        password: &Password,
    ) -> ApiResult<()> {
        let known = self.snapshot().await?.credentials_find(username).await;
        let known = known.map_err(to_app_error)?;
        // Without an account the store says that the command is another one.
        let Some(known) = known else { return Ok(()) };
        let claim = Claim::SignedIn(actor.id.clone());
        let typed = TypedPassword::new(password.expose());
        let stored = Some(known.password_hash);
        match self
            .passwords()
            .verify(&claim, typed, stored, pending())
            .await?
        {
            Verdict::Right { .. } => Ok(()),
            Verdict::Wrong => Err(AppError::conflict(ConflictCause::KeyReused)),
        }
    }
}

#[async_trait]
impl Account for Desk {
    async fn presence_set(
        &self,
        actor: &Actor,
        key: CommandKey,
        presence: Presence,
    ) -> ApiResult<()> {
        self.allow(actor, Action::DirectoryUse).await?;
        let command = PresenceSet {
            user: actor.id.clone(),
            presence,
            context: self.context(actor, key),
        };
        self.execute(command).await?;
        self.presence_changed(&actor.id);
        Ok(())
    }

    async fn settings_save(
        &self,
        actor: &Actor,
        key: CommandKey,
        switches: Switches,
    ) -> ApiResult<Settings> {
        self.allow(actor, Action::DirectoryUse).await?;
        let command = SettingsSave {
            user: actor.id.clone(),
            switches,
            context: self.context(actor, key),
        };
        self.execute(command).await
    }

    async fn language_set(
        &self,
        actor: &Actor,
        key: CommandKey,
        language: Option<Language>,
    ) -> ApiResult<()> {
        self.allow(actor, Action::DirectoryUse).await?;
        let command = LanguageSet {
            user: actor.id.clone(),
            language,
            context: self.context(actor, key),
        };
        self.execute(command).await
    }

    async fn password_change(
        &self,
        caller: &Caller,
        key: CommandKey,
        old: TypedPassword,
        new: Password,
    ) -> ApiResult<()> {
        let actor = &caller.actor;
        self.allow(actor, Action::DirectoryUse).await?;
        let verified = if self.repeated(actor, &key).await? {
            // The old password is no longer the old one.
            self.password_is(actor, &actor.username, &new).await?;
            None
        } else {
            Some(self.verify(caller, old, "old").await?)
        };
        self.password_check(&new, &[&actor.username, &actor.name])
            .await
            .map_err(|error| error.at("new"))?;
        let hash = self.passwords().hash(&actor.id, new).await?;
        let set = PasswordSet {
            user: actor.id.clone(),
            hash,
            verified,
            except: Some(caller.session.clone()),
            session: None,
            context: self.context(actor, key),
        };
        self.execute(set).await
    }

    async fn password_prove(&self, caller: &Caller, password: TypedPassword) -> ApiResult<()> {
        let actor = &caller.actor;
        self.allow(actor, Action::DirectoryUse).await?;
        let verified = self.verify(caller, password, PROOF).await?;
        let command = SessionProve {
            session: caller.session.clone(),
            verified,
            at: self.now(),
        };
        self.store()
            .execute(command)
            .await
            .map_err(|error| match error {
                // It ended, or the password was changed, while this one was verified.
                StoreError::NotFound => AppError::Unauthenticated,
                error => to_app_error(error),
            })?;
        Ok(())
    }

    async fn sessions_end_elsewhere(&self, caller: &Caller, key: CommandKey) -> ApiResult<()> {
        let actor = &caller.actor;
        self.allow(actor, Action::DirectoryUse).await?;
        let command = SessionsEnd {
            user: actor.id.clone(),
            except: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        self.execute(command).await
    }

    async fn session_list(&self, caller: &Caller) -> ApiResult<Vec<SessionInfo>> {
        let user = &caller.actor.id;
        self.allow(&caller.actor, Action::DirectoryUse).await?;
        let mut rows = self.snapshot().await?;
        let list = rows.session_list(user, self.now()).await;
        let mut list = list.map_err(to_app_error)?;
        for session in &mut list {
            session.here = session.id.as_str() == caller.session;
        }
        Ok(list)
    }

    async fn session_end(
        &self,
        actor: &Actor,
        key: CommandKey,
        session: SessionId,
    ) -> ApiResult<()> {
        self.allow(actor, Action::DirectoryUse).await?;
        let command = SessionClose {
            user: actor.id.clone(),
            session,
            context: self.context(actor, key),
        };
        self.execute(command).await
    }
}

impl Desk {
    /// The stored hash that the caller's own password fits; `Invalid` about `field` when it is not theirs.
    async fn verify(
        &self,
        caller: &Caller,
        typed: TypedPassword,
        field: &str,
    ) -> ApiResult<String> {
        let actor = &caller.actor;
        let mut rows = self.snapshot().await?;
        let known = rows.credentials_find(&actor.username).await;
        drop(rows);
        let known = known
            .map_err(to_app_error)?
            .filter(|known| known.active && known.user == actor.id)
            .ok_or(AppError::Unauthenticated)?;
        let claim = Claim::SignedIn(actor.id.clone());
        let stored = Some(known.password_hash);
        match self
            .passwords()
            .verify(&claim, typed, stored, pending())
            .await?
        {
            Verdict::Right { verified, .. } => Ok(verified),
            Verdict::Wrong => {
                let user = &actor.id;
                self.refused(Some(user), "password_refused", user.as_str())
                    .await;
                Err(AppError::invalid(field, Problem::WrongPassword))
            }
        }
    }

    /// `Invalid` unless the session has proved its password a short while ago. The transaction of what rests on it asks
    /// again.
    pub(crate) async fn proved(&self, caller: &Caller) -> ApiResult<()> {
        let mut rows = self.snapshot().await?;
        let (user, session) = (&caller.actor.id, &caller.session);
        let proved = rights::proved(&mut *rows, user, session, self.now()).await;
        drop(rows);
        proved.map_err(|error| match error {
            // The session is not there any more.
            StoreError::NotFound => AppError::Unauthenticated,
            error => to_app_error(error),
        })
    }

    /// `Invalid` for a password that is tried first by somebody who knows the user, this product, and the names of the
    /// organisation's teams and chat channels.
    pub(crate) async fn password_check(
        &self,
        password: &Password,
        known: &[&str],
    ) -> ApiResult<()> {
        let mut rows = self.snapshot().await?;
        let names = queries::names_of_organisation(&mut *rows).await;
        drop(rows);
        let names = names.map_err(to_app_error)?;
        let all = names.iter().map(String::as_str);
        let all: Vec<&str> = known.iter().copied().chain(all).collect();
        password::check_uncommon(password, &all)
    }
}
