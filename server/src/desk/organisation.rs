//! The organisation's settings, as administrators change them.

use app::backend::{ApiResult, Caller, Organisation};
use async_trait::async_trait;
use shared::ids::CommandKey;
use shared::organisation::{OrganisationEdit, SettingChange};
use shared::people::Actor;
use shared::policy::Action;

use super::{Desk, to_app_error};
use crate::commands::OrganisationSave;

#[async_trait]
impl Organisation for Desk {
    async fn organisation_load(&self, actor: &Actor) -> ApiResult<OrganisationEdit> {
        self.allow(actor, Action::OrganisationManage).await?;
        let mut rows = self.snapshot().await?;
        rows.organisation_find().await.map_err(to_app_error)
    }

    async fn organisation_save(
        &self,
        caller: &Caller,
        key: CommandKey,
        version: i64,
        changes: Vec<SettingChange>,
    ) -> ApiResult<OrganisationEdit> {
        let actor = &caller.actor;
        self.allow(actor, Action::OrganisationManage).await?;
        let command = OrganisationSave {
            session: caller.session.clone(),
            actor: actor.person(),
            version,
            changes,
            key,
            at: self.now(),
        };
        let saved = self.execute(command).await?;
        // More capacity may place what waits.
        self.0.queue.notify_one();
        if saved.settings.monitoring_announced {
            // Unannounced monitors are announced. (Those of other nodes, when they come back.)
            let desk = self.clone();
            tokio::spawn(async move { desk.monitoring_hold_again().await });
        }
        Ok(saved)
    }
}
