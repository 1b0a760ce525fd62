//! What a user sets for themselves: password, settings, language, presence.

use async_trait::async_trait;
use shared::directory::{Notification, Settings, Switches};
use shared::error::ConflictCause;
use shared::ids::UserId;
use shared::language::Language;
use shared::people::Presence;
use shared::policy::Action;

use super::keys::IdempotencyKey;
use super::{audit, notifications, rights, sessions};
use crate::store::{Change, Command, CommandContext, StoreError, Stored, Transaction, Written};

/// Stores another password hash, which is to be changed at the next sign-in when somebody else set it, and ends the user's sessions, all but the one named. `Conflict` when the verified
/// hash is not the stored one any more.
#[derive(Clone, Debug)]
pub struct PasswordSet {
    /// Whose.
    pub user: UserId,
    /// The new hash.
    pub hash: String,
    /// The hash of the old password that was verified; it must still be the stored one. `None`: set by somebody else.
    pub verified: Option<String>,
    /// The session that goes on; all others end.
    pub except: Option<String>,
    /// The session of an administrator who sets somebody else's, which must have proved its password.
    pub session: Option<String>,
    /// By whom (the user, somebody who may manage users, or the operator), when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for PasswordSet {
    type Answer = ();
    const NAME: &'static str = "password_set";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let context = &self.context;
        let own = context.actor.as_ref() == Some(&self.user);
        let (action, what) = match own {
            true => (Action::DirectoryUse, "password_change"),
            false => (Action::UserManage, "user_password_reset"),
        };
        let key = IdempotencyKey::in_context(context, what, &self.user)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, action).await?;
        if !own {
            rights::proved_for(rows, context, self.session.as_deref()).await?;
        }
        let stored = rows.credentials_of(&self.user).await?;
        let stored = stored.ok_or(StoreError::NotFound)?.password_hash;
        if self
            .verified
            .as_ref()
            .is_some_and(|verified| *verified != stored)
        {
            return Err(StoreError::Conflict(ConflictCause::PasswordChanged));
        }
        rows.account_set_password(&self.user, &self.hash).await?;
        rows.account_set_temporary(&self.user, !own).await?;
        rows.sign_ins_delete_of(&self.user).await?;
        let mut changes = Vec::new();
        sessions::end_of(rows, &self.user, self.except.as_deref(), &mut changes).await?;
        audit::act(rows, context, what, self.user.as_str()).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// Switches what a user has on or off, and notifies their other tabs. What is not named stays as it is.
#[derive(Clone, Debug)]
pub struct SettingsSave {
    /// Whose.
    pub user: UserId,
    /// What changes.
    pub switches: Switches,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for SettingsSave {
    type Answer = Settings;
    const NAME: &'static str = "settings_save";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<Settings>> {
        let user = &self.user;
        // As the release before has it, which may have answered this key.
        let key = match self.switches {
            Switches {
                pop_up: Some(pop_up),
                letter_keys: None,
            } => IdempotencyKey::in_context(&self.context, Self::NAME, &(user, pop_up)),
            switches => IdempotencyKey::in_context(&self.context, Self::NAME, &(user, switches)),
        }?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        rights::ask(rows, user, Action::DirectoryUse).await?;
        let before = rows.settings_find(user).await?;
        let after = self.switches.over(before);
        key.keep(rows, self.context.at, &after).await?;
        if after == before {
            return Ok(Written::unchanged(after));
        }
        rows.account_set_switches(user, &after).await?;
        let mut changes = Vec::new();
        let event = Notification::Settings(after);
        notifications::append(rows, user, event, &mut changes).await?;
        Ok(Written {
            value: after,
            changes,
        })
    }
}

/// Stores the language of the user's pages, and notifies their other tabs.
#[derive(Clone, Debug)]
pub struct LanguageSet {
    /// Whose.
    pub user: UserId,
    /// Which; none is the browser's.
    pub language: Option<Language>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for LanguageSet {
    type Answer = ();
    const NAME: &'static str = "language_set";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (user, language) = (&self.user, self.language);
        let key = IdempotencyKey::in_context(&self.context, Self::NAME, &(user, language))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask(rows, user, Action::DirectoryUse).await?;
        let before = rows.settings_find(user).await?;
        let after = Settings { language, ..before };
        key.keep(rows, self.context.at, &()).await?;
        if after == before {
            return Ok(Written::unchanged(()));
        }
        rows.account_set_language(user, language).await?;
        let mut changes = Vec::new();
        let event = Notification::Settings(after);
        notifications::append(rows, user, event, &mut changes).await?;
        Ok(Written { value: (), changes })
    }
}

/// Stores the chosen presence, and notifies the user's other tabs.
#[derive(Clone, Debug)]
pub struct PresenceSet {
    /// Whose.
    pub user: UserId,
    /// What they chose.
    pub presence: Presence,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for PresenceSet {
    type Answer = ();
    const NAME: &'static str = "presence_set";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (user, presence) = (&self.user, self.presence);
        let content = (user, presence.code());
        let key = IdempotencyKey::in_context(&self.context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask(rows, user, Action::DirectoryUse).await?;
        let before = rows.settings_find(user).await?;
        let after = Settings { presence, ..before };
        key.keep(rows, self.context.at, &()).await?;
        if after == before {
            return Ok(Written::unchanged(()));
        }
        rows.account_set_presence(user, presence, self.context.at)
            .await?;
        let mut changes = Vec::new();
        let event = Notification::Settings(after);
        notifications::append(rows, user, event, &mut changes).await?;
        changes.push(Change::Presence(user.clone()));
        changes.push(Change::Agent(user.clone()));
        Ok(Written { value: (), changes })
    }
}
