//! A supervisor steps in: beside the agent, in their place, or by peeking. Reassigning is in
//! `workitems.rs`, beside transferring.

use app::backend::{ApiResult, SteppingIn};
use async_trait::async_trait;
use shared::error::AppError;
use shared::ids::{CommandKey, UserId, WorkitemId};
use shared::people::Actor;
use shared::policy::WorkitemAct;
use shared::text::MessageText;
use shared::transcript::{Peek, Sent};

use super::{Desk, to_app_error};
use crate::commands::{
    BargeAppend, ConversationEnd, WorkitemGiveBack, WorkitemPeek, WorkitemTakeOver, WrapUpClose,
};
use crate::queries;
use crate::store::StoreError;

#[async_trait]
impl SteppingIn for Desk {
    async fn barge_send(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: MessageText,
    ) -> ApiResult<Sent> {
        self.command_for(actor, &workitem, WorkitemAct::Barge, &key)
            .await?;
        let command = BargeAppend {
            workitem,
            supervisor: actor.person(),
            entry: self.entry_id(),
            at: self.now(),
            text,
            key,
        };
        let mut written = self.store().execute(command.clone()).await;
        // As with coaching: the page may send before its connection has said that it monitors.
        if matches!(written, Err(StoreError::NotMonitoring))
            && self.monitoring_arrives(actor, &command.workitem).await
        {
            written = self.store().execute(command).await;
        }
        self.complete(written).await
    }

    async fn workitem_take_over(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        from: UserId,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::TakeOver, &key)
            .await?;
        let command = WorkitemTakeOver {
            workitem,
            by: actor.person(),
            from,
            entry: self.entry_id(),
            at: self.now(),
            key,
        };
        self.execute(command).await
    }

    async fn workitem_give_back(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::GiveBack, &key)
            .await?;
        let found = self.reads().workitem_find(&workitem).await;
        let record = found.map_err(to_app_error)?.ok_or(AppError::NotFound)?;
        let from = record.workitem.taken_from;
        let connected = from.is_some_and(|from| self.presence_connected(&from.id));
        let change = self.state_change(actor, workitem, key);
        self.execute(WorkitemGiveBack { change, connected }).await
    }

    async fn conversation_end(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::End, &key)
            .await?;
        let change = self.state_change(actor, workitem, key);
        self.execute(ConversationEnd(change)).await
    }

    async fn wrap_up_close(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()> {
        self.command_for(actor, &workitem, WorkitemAct::Assign, &key)
            .await?;
        let change = self.state_change(actor, workitem, key);
        self.execute(WrapUpClose(change)).await
    }

    async fn workitem_peek(&self, actor: &Actor, workitem: WorkitemId) -> ApiResult<Peek> {
        self.workitem_for(actor, &workitem, WorkitemAct::Peek)
            .await?;
        let command = WorkitemPeek {
            workitem: workitem.clone(),
            reader: actor.id.clone(),
            at: self.now(),
        };
        self.execute(command).await?;
        let mut rows = self.snapshot().await?;
        let peek = queries::peek(&mut *rows, &workitem, &actor.id).await;
        drop(rows);
        match peek {
            Ok(peek) => Ok(peek),
            Err(error) => Err(self.answered(error).await),
        }
    }
}
