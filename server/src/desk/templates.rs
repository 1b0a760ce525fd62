//! Assistance templates, as administrators write them.

use app::backend::{ApiResult, Templates};
use async_trait::async_trait;
use shared::assistance::Template;
use shared::ids::{CommandKey, TemplateId};
use shared::people::Actor;
use shared::policy::Action;
use shared::text::{TemplateText, TemplateTitle};

use super::{Desk, to_app_error};
use crate::commands::{TemplateCreate, TemplateDelete, TemplateMove, TemplateUpdate};

impl Desk {
    async fn target_stored(&self, template: &TemplateId) -> ApiResult<Option<i64>> {
        let mut rows = self.snapshot().await?;
        let stored = rows.template_find(template).await.map_err(to_app_error)?;
        Ok(stored.and_then(|stored| stored.target_min))
    }
}

#[async_trait]
impl Templates for Desk {
    async fn template_list(&self, actor: &Actor) -> ApiResult<Vec<Template>> {
        self.allow(actor, Action::TemplateManage).await?;
        let mut rows = self.snapshot().await?;
        rows.template_list(false).await.map_err(to_app_error)
    }

    async fn template_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        title: TemplateTitle,
        text: TemplateText,
        active: bool,
        target_min: Option<i64>,
    ) -> ApiResult<Template> {
        self.allow(actor, Action::TemplateManage).await?;
        let id = TemplateId::parse(self.ids().next())?;
        let template = Template {
            id,
            title: title.into(),
            text: text.into(),
            active,
            version: 0,
            target_min,
        };
        let context = self.context(actor, key);
        self.execute(TemplateCreate { template, context }).await
    }

    async fn template_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        template: TemplateId,
        version: i64,
        title: TemplateTitle,
        text: TemplateText,
        active: bool,
        target_min: Option<Option<i64>>,
    ) -> ApiResult<Template> {
        self.allow(actor, Action::TemplateManage).await?;
        let target_min = match target_min {
            Some(target_min) => target_min,
            // Should it change before this is stored, so does the version.
            None => self.target_stored(&template).await?,
        };
        let template = Template {
            id: template,
            title: title.into(),
            text: text.into(),
            active,
            version,
            target_min,
        };
        let context = self.context(actor, key);
        self.execute(TemplateUpdate { template, context }).await
    }

    async fn template_move(
        &self,
        actor: &Actor,
        key: CommandKey,
        template: TemplateId,
        up: bool,
    ) -> ApiResult<()> {
        self.allow(actor, Action::TemplateManage).await?;
        let command = TemplateMove {
            template,
            up,
            context: self.context(actor, key),
        };
        self.execute(command).await
    }

    async fn template_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        template: TemplateId,
        version: Option<i64>,
    ) -> ApiResult<()> {
        self.allow(actor, Action::TemplateManage).await?;
        let command = TemplateDelete {
            template,
            version,
            context: self.context(actor, key),
        };
        self.execute(command).await
    }
}
