//! Users, teams and channels, as administrators delete them.

use app::backend::{ApiResult, Caller, Deletions};
use async_trait::async_trait;
use shared::deletion::{Deletable, DeletionExtent};
use shared::error::AppError;
use shared::ids::{ChannelKey, CommandKey, TeamId, UserId};
use shared::people::Actor;
use shared::policy::Action;

use super::{Desk, to_app_error};
use crate::commands::{ChannelDelete, TeamDelete, UserDelete};
use crate::store::Stored;

#[async_trait]
impl Deletions for Desk {
    async fn deletion_preview(&self, actor: &Actor, of: Deletable) -> ApiResult<DeletionExtent> {
        self.allow(
            actor,
            match of {
                Deletable::User(_) => Action::UserManage,
                Deletable::Team(_) | Deletable::Channel(_) => Action::TeamManage,
            },
        )
        .await?;
        let extent: Stored<Option<DeletionExtent>> = async {
            let mut rows = self.store().snapshot().await?;
            Ok(match of {
                Deletable::User(user) => match rows.user_find(&user).await? {
                    Some(_) => Some(rows.user_extent(&user).await?),
                    None => None,
                },
                Deletable::Team(team) => match rows.team_find(&team).await? {
                    Some(_) => Some(rows.team_extent(&team).await?),
                    None => None,
                },
                Deletable::Channel(channel) => match rows.channel_find(&channel).await? {
                    Some(_) => Some(rows.channel_extent(&channel).await?),
                    None => None,
                },
            })
        }
        .await;
        extent.map_err(to_app_error)?.ok_or(AppError::NotFound)
    }

    async fn user_delete(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        version: i64,
    ) -> ApiResult<()> {
        let actor = &caller.actor;
        self.allow(actor, Action::UserManage).await?;
        self.proved(caller).await?;
        let delete = UserDelete {
            user,
            version,
            entries: self.entry_ids(),
            session: Some(caller.session.clone()),
            context: self.context(actor, key),
        };
        self.execute(delete).await
    }

    async fn team_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        team: TeamId,
        version: i64,
    ) -> ApiResult<()> {
        self.allow(actor, Action::TeamManage).await?;
        let delete = TeamDelete {
            team,
            version,
            context: self.context(actor, key),
        };
        self.execute(delete).await
    }

    async fn channel_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        channel: ChannelKey,
    ) -> ApiResult<()> {
        self.allow(actor, Action::TeamManage).await?;
        let delete = ChannelDelete {
            channel,
            context: self.context(actor, key),
        };
        self.execute(delete).await
    }
}
