//! The Company Directory: people, messages between them, read marks, and what a desk begins with.

use app::backend::{Answer, Directory};
use async_trait::async_trait;
use shared::directory::{Desk as DeskData, DirectoryMessage, DirectoryPage};
use shared::ids::{CommandKey, DirectoryMessageId, RequestId, UserId};
use shared::people::{Actor, Person};
use shared::policy::Action;
use shared::text::DirectoryText;

use super::{Desk, outward};
use crate::store::DirectoryAppend;

impl Desk {
    /// Everybody active, as they are seen now.
    pub(crate) async fn people_seen(&self) -> Answer<Vec<Person>> {
        let mut people = self.store().people().await.map_err(outward)?;
        for person in &mut people {
            person.presence = self.presence_seen(&person.id, person.presence);
        }
        Ok(people)
    }

    /// Whether an active assistance template exists.
    pub(crate) async fn assistance_offered(&self) -> Answer<bool> {
        Ok(!self
            .store()
            .template_list(true)
            .await
            .map_err(outward)?
            .is_empty())
    }
}

#[async_trait]
impl Directory for Desk {
    async fn desk_load(&self, actor: &Actor) -> Answer<DeskData> {
        self.allow(actor, Action::DirectoryUse).await?;
        // The head first: what comes after it is told twice at worst, and telling twice changes nothing.
        let seq = self.store().own_head(&actor.id).await.map_err(outward)?;
        Ok(DeskData {
            me: actor.clone(),
            settings: self
                .store()
                .settings_load(&actor.id)
                .await
                .map_err(outward)?,
            assistance: self.assistance_offered().await?,
            unread: self.store().unread(&actor.id).await.map_err(outward)?,
            open_requests: self
                .store()
                .open_requests(&actor.id)
                .await
                .map_err(outward)?,
            former: self
                .store()
                .former_contacts(&actor.id)
                .await
                .map_err(outward)?,
            seq,
            epoch: self.store().epoch().to_owned(),
        })
    }

    async fn people_list(&self, actor: &Actor) -> Answer<Vec<Person>> {
        self.allow(actor, Action::DirectoryUse).await?;
        let mut people = self.people_seen().await?;
        people.retain(|person| person.id != actor.id);
        Ok(people)
    }

    async fn directory_conversation(
        &self,
        actor: &Actor,
        with: UserId,
        before: Option<i64>,
    ) -> Answer<DirectoryPage> {
        self.allow(actor, Action::DirectoryUse).await?;
        self.store()
            .directory_page(&actor.id, &with, before)
            .await
            .map_err(outward)
    }

    async fn directory_send(
        &self,
        actor: &Actor,
        to: UserId,
        key: CommandKey,
        text: DirectoryText,
        answers: Option<RequestId>,
    ) -> Answer<DirectoryMessage> {
        self.allow(actor, Action::DirectoryUse).await?;
        let command = DirectoryAppend {
            id: DirectoryMessageId::parse(self.ids().next())?,
            from: actor.person(),
            to,
            text: text.into(),
            answers,
            at: self.now(),
            key,
        };
        self.complete(self.store().directory_append(command).await)
            .await
    }

    async fn directory_read(&self, actor: &Actor, with: UserId, through: i64) -> Answer<()> {
        self.allow(actor, Action::DirectoryUse).await?;
        let written = self.store().directory_read(&actor.id, &with, through).await;
        self.complete(written).await?;
        Ok(())
    }

    async fn message_dismiss(&self, actor: &Actor, message: DirectoryMessageId) -> Answer<()> {
        self.allow(actor, Action::DirectoryUse).await?;
        let written = self
            .store()
            .message_dismiss(&actor.id, &message, self.now())
            .await;
        self.complete(written).await
    }
}
