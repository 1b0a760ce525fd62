//! The organisation's settings, as administrators change them.

use app::backend::{ApiResult, Caller, Organisation};
use async_trait::async_trait;
use shared::error::AppError;
use shared::ids::CommandKey;
use shared::organisation::{Expiring, OrganisationEdit, SettingChange};
use shared::people::Actor;
use shared::policy::Action;

use super::{Desk, to_app_error};
use crate::commands::{OrganisationSave, RetentionStep};

#[async_trait]
impl Organisation for Desk {
    async fn organisation_load(&self, actor: &Actor) -> ApiResult<OrganisationEdit> {
        self.allow(actor, Action::OrganisationManage).await?;
        let mut rows = self.snapshot().await?;
        rows.organisation_find().await.map_err(to_app_error)
    }

    async fn retention_preview(
        &self,
        actor: &Actor,
        changes: Vec<SettingChange>,
    ) -> ApiResult<Expiring> {
        self.allow(actor, Action::OrganisationManage).await?;
        let mut rows = self.snapshot().await?;
        let was = rows.organisation_find().await.map_err(to_app_error)?;
        let is = was.settings.changed(&changes);
        let is = is.map_err(|refused| AppError::invalid(refused.field, refused.problem))?;
        let step = RetentionStep { at: self.now() };
        let expiring = step.preview(&mut *rows, &was.settings, &is).await;
        expiring.map_err(to_app_error)
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
