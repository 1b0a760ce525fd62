//! The organisation's settings, as administrators change them.

use app::backend::{Answer, Organisation};
use async_trait::async_trait;
use shared::ids::CommandKey;
use shared::organisation::{OrganisationEdit, SettingChange};
use shared::people::Actor;
use shared::policy::Action;

use super::{Desk, to_app_error};
use crate::commands::OrganisationSave;

#[async_trait]
impl Organisation for Desk {
    async fn organisation_load(&self, actor: &Actor) -> Answer<OrganisationEdit> {
        self.allow(actor, Action::OrganisationManage).await?;
        let mut rows = self.snapshot().await?;
        rows.organisation_find().await.map_err(to_app_error)
    }

    async fn organisation_save(
        &self,
        actor: &Actor,
        key: CommandKey,
        version: i64,
        changes: Vec<SettingChange>,
    ) -> Answer<OrganisationEdit> {
        self.allow(actor, Action::OrganisationManage).await?;
        let command = OrganisationSave {
            actor: actor.person(),
            version,
            changes,
            key,
            at: self.now(),
        };
        let saved = self.execute(command).await?;
        // More capacity may place what waits.
        self.0.queue.notify_one();
        Ok(saved)
    }
}
