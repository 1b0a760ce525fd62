//! Assistance templates, as administrators write them.

use app::backend::{Answer, Templates};
use async_trait::async_trait;
use shared::assistance::Template;
use shared::ids::{CommandKey, TemplateId};
use shared::people::Actor;
use shared::policy::Action;
use shared::text::{TemplateText, TemplateTitle};

use super::{Desk, outward};

#[async_trait]
impl Templates for Desk {
    async fn template_list(&self, actor: &Actor) -> Answer<Vec<Template>> {
        self.allow(actor, Action::TemplateManage).await?;
        self.store().template_list(false).await.map_err(outward)
    }

    async fn template_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        title: TemplateTitle,
        text: TemplateText,
        active: bool,
    ) -> Answer<Template> {
        self.allow(actor, Action::TemplateManage).await?;
        let id = TemplateId::parse(self.ids().next())?;
        let template = Template {
            id,
            title: title.into(),
            text: text.into(),
            active,
        };
        let written = self
            .store()
            .template_create(template, key, self.now())
            .await
            .map_err(outward)?;
        let template = self.publish(written);
        self.audit(actor, "template_create", template.id.as_str())
            .await;
        Ok(template)
    }

    async fn template_update(
        &self,
        actor: &Actor,
        template: TemplateId,
        title: TemplateTitle,
        text: TemplateText,
        active: bool,
    ) -> Answer<Template> {
        self.allow(actor, Action::TemplateManage).await?;
        let changed = Template {
            id: template,
            title: title.into(),
            text: text.into(),
            active,
        };
        let written = self
            .store()
            .template_update(changed, self.now())
            .await
            .map_err(outward)?;
        let template = self.publish(written);
        self.audit(actor, "template_update", template.id.as_str())
            .await;
        Ok(template)
    }

    async fn template_move(&self, actor: &Actor, template: TemplateId, up: bool) -> Answer<()> {
        self.allow(actor, Action::TemplateManage).await?;
        self.publish(
            self.store()
                .template_move(&template, up)
                .await
                .map_err(outward)?,
        );
        self.audit(actor, "template_move", template.as_str()).await;
        Ok(())
    }

    async fn template_delete(&self, actor: &Actor, template: TemplateId) -> Answer<()> {
        self.allow(actor, Action::TemplateManage).await?;
        self.publish(
            self.store()
                .template_delete(&template)
                .await
                .map_err(outward)?,
        );
        self.audit(actor, "template_delete", template.as_str())
            .await;
        Ok(())
    }
}
