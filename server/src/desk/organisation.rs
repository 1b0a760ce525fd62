//! The organisation's settings, as administrators change them.

use app::backend::{Answer, Organisation};
use async_trait::async_trait;
use shared::ids::CommandKey;
use shared::organisation::{OrganisationEdit, SettingChange};
use shared::people::Actor;
use shared::policy::Action;

use super::{Desk, outward};

#[async_trait]
impl Organisation for Desk {
    async fn organisation_load(&self, actor: &Actor) -> Answer<OrganisationEdit> {
        self.allow(actor, Action::OrganisationManage).await?;
        self.store().organisation_load().await.map_err(outward)
    }

    async fn organisation_save(
        &self,
        actor: &Actor,
        key: CommandKey,
        version: i64,
        changes: Vec<SettingChange>,
    ) -> Answer<OrganisationEdit> {
        self.allow(actor, Action::OrganisationManage).await?;
        let written = self
            .store()
            .organisation_save(&actor.person(), version, &changes, key, self.now())
            .await;
        let saved = self.complete(written).await?;
        // More capacity may place what waits.
        self.0.queue.notify_one();
        Ok(saved)
    }
}
