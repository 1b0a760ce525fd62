//! A user's own account: presence, settings, password, sessions.

use app::backend::{Account, Answer, Caller};
use async_trait::async_trait;
use shared::directory::Settings;
use shared::error::AppError;
use shared::people::{Actor, Presence};
use shared::policy::Action;
use shared::text::Password;

use super::{Desk, outward};
use crate::password;

#[async_trait]
impl Account for Desk {
    async fn presence_set(&self, actor: &Actor, presence: Presence) -> Answer<()> {
        self.allow(actor, Action::DirectoryUse).await?;
        self.complete(
            self.store()
                .presence_set(&actor.id, presence, self.now())
                .await,
        )
        .await?;
        self.presence_changed(&actor.id);
        Ok(())
    }

    async fn settings_save(&self, actor: &Actor, pop_up: bool) -> Answer<Settings> {
        self.allow(actor, Action::DirectoryUse).await?;
        self.complete(
            self.store()
                .settings_save(&actor.id, pop_up, self.now())
                .await,
        )
        .await
    }

    async fn password_change(&self, caller: &Caller, old: Password, new: Password) -> Answer<()> {
        let actor = &caller.actor;
        self.allow(actor, Action::DirectoryUse).await?;
        let known = self
            .store()
            .credentials(&actor.username)
            .await
            .map_err(outward)?;
        let known = known.ok_or(AppError::Unauthenticated)?;
        if !password::verify(&old, known.password_hash).await {
            self.audit(actor, "password_change_refused", actor.id.as_str())
                .await;
            return Err(AppError::invalid("old", "is not your current password"));
        }
        let hash = password::hash(&new).await;
        let written = self
            .store()
            .password_set(&actor.id, &hash, Some(&caller.session), self.now())
            .await;
        self.complete(written).await?;
        self.audit(actor, "password_change", actor.id.as_str())
            .await;
        Ok(())
    }

    async fn sessions_end_elsewhere(&self, caller: &Caller) -> Answer<()> {
        let actor = &caller.actor;
        self.allow(actor, Action::DirectoryUse).await?;
        let written = self
            .store()
            .sessions_end(&actor.id, Some(&caller.session), self.now())
            .await;
        self.complete(written).await?;
        self.audit(actor, "sessions_end_elsewhere", actor.id.as_str())
            .await;
        Ok(())
    }
}
