//! Flags for review of workitems.

use app::backend::{ApiResult, Reviews};
use async_trait::async_trait;
use shared::ids::{CommandKey, WorkitemId};
use shared::people::Actor;
use shared::policy::WorkitemAct;
use shared::text::ReviewComment;

use super::Desk;
use crate::commands::{ReviewFinish, ReviewFlag};

#[async_trait]
impl Reviews for Desk {
    async fn review_flag(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        comment: ReviewComment,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Review, &key)
            .await?;
        let command = ReviewFlag {
            workitem,
            comment,
            by: actor.id.clone(),
            at: self.now(),
            key,
        };
        self.execute(command).await
    }

    async fn review_finish(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        number: i64,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Review, &key)
            .await?;
        let command = ReviewFinish {
            workitem,
            number,
            by: actor.id.clone(),
            at: self.now(),
            key,
        };
        self.execute(command).await
    }
}
