//! What other systems add to a conversation: messages of both sides, and notes for staff.

use async_trait::async_trait;
use shared::error::{ConflictCause, Problem};
use shared::ids::{EntryId, WorkitemId};
use shared::notice::Notice;
use shared::text::MessageText;
use shared::transcript::Author;
use shared::workitem::WorkitemState;

use super::ReportContext;
use crate::commands::entries;
use crate::commands::intake::{InboundMessage, append_customer_message};
use crate::commands::message_content::MessageContent;
use crate::commands::messages::{self, OutgoingMessage};
use crate::store::rows::{NewEntry, WorkitemRow};
use crate::store::{Change, Command, StoreError, Stored, Transaction, Written};

/// Something was written in a mail, or said in a call. Answers the entry.
#[derive(Clone, Debug)]
pub struct ReportMessage {
    /// In which workitem; its conversation must go on.
    pub workitem: WorkitemId,
    /// Who wrote it. Of an agent it is the one who has the workitem.
    pub author: Author,
    /// What.
    pub text: MessageText,
    /// The new entry's id.
    pub entry: EntryId,
    /// By which token, when and under which key.
    pub context: ReportContext,
}

#[async_trait]
impl Command for ReportMessage {
    type Answer = EntryId;
    const NAME: &'static str = "report_message";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<EntryId>> {
        let context = &self.context;
        let content = (&self.workitem, self.author, self.text.as_str());
        let key = context.key(Self::NAME, &content)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        let (row, _) = context.workitem(rows, &self.workitem).await?;
        if rows.customer_view_ended(&self.workitem).await? != Some(false) {
            return Err(StoreError::Conflict(ConflictCause::ConversationEnded));
        }
        let mut changes = Vec::new();
        match self.author {
            Author::Customer => {
                let message = InboundMessage {
                    content: &MessageContent::text(self.text.clone()),
                    entry: &self.entry,
                    at: context.at,
                    key: &context.key,
                };
                append_customer_message(rows, &row, message, &mut changes).await?;
            }
            // Other systems report no supervisor.
            Author::Agent | Author::Supervisor => {
                self.append_agents(rows, &row, &mut changes).await?;
            }
        }
        key.keep(rows, context.at, &self.entry).await?;
        Ok(Written {
            value: self.entry.clone(),
            changes,
        })
    }
}

impl ReportMessage {
    async fn append_agents(
        &self,
        rows: &mut dyn Transaction,
        row: &WorkitemRow,
        changes: &mut Vec<Change>,
    ) -> Stored<()> {
        let agent = row.workitem.agent.as_ref().ok_or(StoreError::Invalid {
            field: "author",
            problem: Problem::NobodyHasIt,
        })?;
        let message = OutgoingMessage {
            author: Author::Agent,
            entry: self.entry.clone(),
            at: self.context.at,
            content: MessageContent::text(self.text.clone()),
        };
        messages::append(rows, row, agent, message, changes).await?;
        changes.push(Change::Agent(agent.id.clone()));
        Ok(())
    }
}

/// A note for staff: what a caller asked for, say. No customer sees it. Answers the entry.
#[derive(Clone, Debug)]
pub struct ReportNote {
    /// In which workitem; it must not be closed.
    pub workitem: WorkitemId,
    /// The note.
    pub text: MessageText,
    /// The new entry's id.
    pub entry: EntryId,
    /// By which token, when and under which key.
    pub context: ReportContext,
}

#[async_trait]
impl Command for ReportNote {
    type Answer = EntryId;
    const NAME: &'static str = "report_note";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<EntryId>> {
        let context = &self.context;
        let content = (&self.workitem, self.text.as_str());
        let key = context.key(Self::NAME, &content)?;
        if let Some(first) = key.first_answer(rows).await? {
            return Ok(Written::unchanged(first));
        }
        let (row, token) = context.workitem(rows, &self.workitem).await?;
        if row.workitem.state == WorkitemState::Closed {
            return Err(StoreError::Conflict(ConflictCause::WorkitemClosed));
        }
        let text = self.text.as_str().to_owned();
        let notice = Notice::Note {
            by: token.name,
            text,
            author: None,
        };
        let line = NewEntry::notice(self.entry.clone(), context.at, notice);
        let mut changes = Vec::new();
        entries::append(rows, &self.workitem, line, &mut changes).await?;
        key.keep(rows, context.at, &self.entry).await?;
        Ok(Written {
            value: self.entry.clone(),
            changes,
        })
    }
}
