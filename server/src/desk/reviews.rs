//! Flags for review of workitems.

use app::backend::{Answer, Reviews};
use async_trait::async_trait;
use shared::ids::{CommandKey, UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::WorkitemAct;
use shared::reviews::Review;
use shared::text::ReviewComment;

use super::{Desk, to_app_error};
use crate::commands::{ReviewFinish, ReviewFlag};
use crate::queries;

impl Desk {
    /// The latest flag of a workitem; nothing where there is none, and for those who may not review it.
    pub(crate) async fn review_shown(
        &self,
        viewer: &UserId,
        workitem: &WorkitemId,
    ) -> Answer<Option<Box<Review>>> {
        let mut rows = self.snapshot().await?;
        let shown = queries::review_of(&mut *rows, viewer, workitem).await;
        shown.map_err(to_app_error)
    }
}

#[async_trait]
impl Reviews for Desk {
    async fn review_flag(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        comment: ReviewComment,
    ) -> Answer<()> {
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
    ) -> Answer<()> {
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
