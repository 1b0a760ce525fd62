//! Notes of staff in workitems.

use app::backend::{ApiResult, Notes};
use async_trait::async_trait;
use shared::ids::{CommandKey, WorkitemId};
use shared::people::Actor;
use shared::policy::WorkitemAct;
use shared::text::NoteText;
use shared::transcript::Sent;

use super::Desk;
use crate::commands::NoteAppend;

#[async_trait]
impl Notes for Desk {
    async fn note_add(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: NoteText,
    ) -> ApiResult<Sent> {
        self.command_for(actor, &workitem, WorkitemAct::Note, &key)
            .await?;
        let command = NoteAppend {
            workitem,
            author: actor.person(),
            entry: self.entry_id(),
            at: self.now(),
            text,
            key,
        };
        self.execute(command).await
    }
}
