//! The Company Directory: people, messages between them, read marks, and the first data of the frame.

use app::backend::{ApiResult, Directory};
use async_trait::async_trait;
use shared::assistance::Template;
use shared::directory::{Bootstrap, DirectoryMessage, DirectoryPage, Notification};
use shared::ids::{CommandKey, DirectoryMessageId, RequestId, TeamId, UserId};
use shared::people::{Actor, Person};
use shared::policy::Action;
use shared::text::DirectoryText;

use super::{Desk, to_app_error};
use crate::commands::{DirectoryAppend, DirectoryRead, MessageDismiss, TeamMessage};
use crate::queries;

impl Desk {
    /// Everybody active, as they are seen now.
    pub(crate) async fn people_seen(&self) -> ApiResult<Vec<Person>> {
        let people = self.snapshot().await?.people_list().await;
        let mut people = people.map_err(to_app_error)?;
        for person in &mut people {
            person.presence = self.presence_seen(&person.id, person.presence);
        }
        Ok(people)
    }

    /// The active assistance templates.
    pub(super) async fn templates_offered(&self) -> ApiResult<Vec<Template>> {
        let mut rows = self.snapshot().await?;
        rows.template_list(true).await.map_err(to_app_error)
    }

    /// Whether an active assistance template exists.
    pub(crate) async fn assistance_offered(&self) -> ApiResult<bool> {
        Ok(!self.templates_offered().await?.is_empty())
    }

    /// The user's log after `after`; `None` when it does not reach back that far or there is more than `limit`.
    pub(crate) async fn notifications_missed(
        &self,
        user: &UserId,
        after: i64,
        limit: i64,
    ) -> ApiResult<Option<Vec<(i64, Notification)>>> {
        let mut rows = self.snapshot().await?;
        let missed = queries::notifications_missed(&mut *rows, user, after, limit).await;
        missed.map_err(to_app_error)
    }

    /// The head of the user's log.
    pub(crate) async fn notification_head(&self, user: &UserId) -> ApiResult<i64> {
        let mut rows = self.snapshot().await?;
        rows.notification_head(user).await.map_err(to_app_error)
    }
}

#[async_trait]
impl Directory for Desk {
    async fn bootstrap_load(&self, actor: &Actor) -> ApiResult<Bootstrap> {
        self.allow(actor, Action::DirectoryUse).await?;
        // The head first: an event after it may arrive twice, and applying it twice changes nothing.
        let (seq, unread, open_requests, former, recent, organisation) = {
            let mut rows = self.snapshot().await?;
            (
                rows.notification_head(&actor.id)
                    .await
                    .map_err(to_app_error)?,
                rows.directory_unread(&actor.id)
                    .await
                    .map_err(to_app_error)?,
                queries::requests_waiting(&mut *rows, &actor.id)
                    .await
                    .map_err(to_app_error)?,
                rows.former_contacts(&actor.id)
                    .await
                    .map_err(to_app_error)?,
                rows.recent_contacts(&actor.id)
                    .await
                    .map_err(to_app_error)?,
                rows.organisation_find().await.map_err(to_app_error)?,
            )
        };
        Ok(Bootstrap {
            me: actor.clone(),
            settings: self
                .reads()
                .settings_load(&actor.id)
                .await
                .map_err(to_app_error)?,
            assistance: self.assistance_offered().await?,
            unread,
            open_requests,
            former,
            recent,
            answer_within_min: organisation.settings.answer_within_min,
            seq,
            epoch: self.store().epoch().to_owned(),
        })
    }

    async fn people_list(&self, actor: &Actor) -> ApiResult<Vec<Person>> {
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
    ) -> ApiResult<DirectoryPage> {
        self.allow(actor, Action::DirectoryUse).await?;
        let mut rows = self.snapshot().await?;
        let page = queries::directory_page(&mut *rows, &actor.id, &with, before).await;
        page.map_err(to_app_error)
    }

    async fn directory_send(
        &self,
        actor: &Actor,
        to: UserId,
        key: CommandKey,
        text: DirectoryText,
        answers: Option<RequestId>,
    ) -> ApiResult<DirectoryMessage> {
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
        self.execute(command).await
    }

    async fn team_message_send(
        &self,
        actor: &Actor,
        team: TeamId,
        key: CommandKey,
        text: DirectoryText,
    ) -> ApiResult<usize> {
        self.allow(actor, Action::TeamMessage(&team)).await?;
        let agents = {
            let mut rows = self.snapshot().await?;
            let team = rows.dashboard_skeleton(std::slice::from_ref(&team)).await;
            team.map_err(to_app_error)?.agents
        };
        let mut to = Vec::with_capacity(agents.len());
        for agent in agents {
            to.push((agent.id, DirectoryMessageId::parse(self.ids().next())?));
        }
        let command = TeamMessage {
            from: actor.person(),
            team,
            to,
            text: text.into(),
            at: self.now(),
            key,
        };
        self.execute(command).await
    }

    async fn directory_read(&self, actor: &Actor, with: UserId, through: i64) -> ApiResult<()> {
        self.allow(actor, Action::DirectoryUse).await?;
        let command = DirectoryRead {
            user: actor.id.clone(),
            with,
            through,
            at: self.now(),
        };
        self.execute(command).await
    }

    async fn message_dismiss(&self, actor: &Actor, message: DirectoryMessageId) -> ApiResult<()> {
        self.allow(actor, Action::DirectoryUse).await?;
        let command = MessageDismiss {
            user: actor.id.clone(),
            message,
            at: self.now(),
        };
        self.execute(command).await
    }
}
