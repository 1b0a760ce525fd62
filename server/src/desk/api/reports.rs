//! What other systems report: calls and mails begin, go on and end.

use shared::error::AppError;
use shared::ids::{CommandKey, EntryId, TeamId, WorkitemId};
use shared::policy::TokenAct;
use shared::text::{MessageText, Username};
use shared::tokens::{ApiToken, Scope};
use shared::transcript::Author;
use shared::workitem::{Channel, Workitem};

use super::Given;
use crate::commands::{
    ReportBegin, ReportContext, ReportEnd, ReportMessage, ReportNote, ReportState, ReportedState,
};
use crate::desk::{Desk, to_app_error};

/// What a call or a mail begins with.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    /// Phone or email.
    pub(crate) channel: Channel,
    /// The customer's number or address.
    pub(crate) contact: String,
    /// How the customer is called.
    pub(crate) customer: String,
    /// What it is about.
    pub(crate) subject: String,
    /// The team, if one is named.
    pub(crate) team: Option<TeamId>,
    /// Who has it already.
    pub(crate) agent: Option<Username>,
    /// What the customer wrote.
    pub(crate) text: Option<MessageText>,
}

impl Desk {
    fn report(&self, token: &ApiToken, key: CommandKey) -> ReportContext {
        ReportContext {
            token: token.id.clone(),
            key,
            at: self.now(),
        }
    }

    /// A call or a mail has come in: its workitem.
    pub(crate) async fn report_begin(
        &self,
        token: &ApiToken,
        key: CommandKey,
        beginning: Beginning,
    ) -> Given<Workitem> {
        self.may_report(token).await?;
        let begin = ReportBegin {
            channel: beginning.channel,
            contact: beginning.contact,
            customer: beginning.customer,
            subject: beginning.subject,
            team: beginning.team,
            agent: beginning.agent,
            text: beginning.text,
            workitem: WorkitemId::parse(self.ids().next())?,
            entry: self.entry_id(),
            context: self.report(token, key),
        };
        let id = self.execute(begin).await?;
        let workitem = self.reported(&id).await?;
        if let Some(agent) = &workitem.agent {
            self.absence_note(&agent.id);
        }
        Ok(workitem)
    }

    /// A message of either side.
    pub(crate) async fn report_message(
        &self,
        token: &ApiToken,
        key: CommandKey,
        workitem: WorkitemId,
        (author, text): (Author, MessageText),
    ) -> Given<EntryId> {
        self.may_report(token).await?;
        let message = ReportMessage {
            workitem,
            author,
            text,
            entry: self.entry_id(),
            context: self.report(token, key),
        };
        Ok(self.execute(message).await?)
    }

    /// A note for staff.
    pub(crate) async fn report_note(
        &self,
        token: &ApiToken,
        key: CommandKey,
        workitem: WorkitemId,
        text: MessageText,
    ) -> Given<EntryId> {
        self.may_report(token).await?;
        let note = ReportNote {
            workitem,
            text,
            entry: self.entry_id(),
            context: self.report(token, key),
        };
        Ok(self.execute(note).await?)
    }

    /// Another state.
    pub(crate) async fn report_state(
        &self,
        token: &ApiToken,
        key: CommandKey,
        workitem: WorkitemId,
        state: ReportedState,
    ) -> Given<Workitem> {
        self.may_report(token).await?;
        let change = ReportState {
            workitem: workitem.clone(),
            state,
            entry: self.entry_id(),
            context: self.report(token, key),
        };
        if let Some(agent) = self.execute(change).await? {
            self.absence_note(&agent);
        }
        self.reported(&workitem).await
    }

    /// The end of the conversation.
    pub(crate) async fn report_end(
        &self,
        token: &ApiToken,
        key: CommandKey,
        workitem: WorkitemId,
    ) -> Given<Workitem> {
        self.may_report(token).await?;
        let end = ReportEnd {
            workitem: workitem.clone(),
            entry: self.entry_id(),
            context: self.report(token, key),
        };
        self.execute(end).await?;
        self.reported(&workitem).await
    }

    async fn may_report(&self, token: &ApiToken) -> Given<()> {
        let act = TokenAct::Use(Scope::WorkitemsWrite);
        self.token_may(token, act).await
    }

    /// The workitem as it is now.
    async fn reported(&self, workitem: &WorkitemId) -> Given<Workitem> {
        let record = self.reads().workitem_find(workitem).await;
        let record = record.map_err(to_app_error)?.ok_or(AppError::NotFound)?;
        Ok(record.workitem)
    }
}
