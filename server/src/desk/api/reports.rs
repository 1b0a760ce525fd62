//! What other systems report: calls and mails begin, go on and end.

use shared::ids::{CommandKey, EntryId, TeamId, WorkitemId};
use shared::policy::TokenAct;
use shared::text::{MessageText, Username};
use shared::tokens::{ApiToken, Scope};
use shared::transcript::Author;
use shared::workitem::Channel;

use super::Given;
use crate::commands::{
    ReportBegin, ReportContext, ReportEnd, ReportMessage, ReportNote, ReportState, ReportedState,
    WorkitemSummary,
};
use crate::desk::Desk;

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

    /// A call or a mail has come in: its workitem as it was then.
    pub(crate) async fn report_begin(
        &self,
        token: &ApiToken,
        key: CommandKey,
        beginning: Beginning,
    ) -> Given<WorkitemSummary> {
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
        let workitem = self.execute(begin).await?;
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
    ) -> Given<WorkitemSummary> {
        self.may_report(token).await?;
        let change = ReportState {
            workitem,
            state,
            entry: self.entry_id(),
            context: self.report(token, key),
        };
        let (workitem, given_to) = self.execute(change).await?;
        if let Some(agent) = given_to {
            self.absence_note(&agent);
        }
        Ok(workitem)
    }

    /// The end of the conversation.
    pub(crate) async fn report_end(
        &self,
        token: &ApiToken,
        key: CommandKey,
        workitem: WorkitemId,
    ) -> Given<WorkitemSummary> {
        self.may_report(token).await?;
        let end = ReportEnd {
            workitem,
            entry: self.entry_id(),
            context: self.report(token, key),
        };
        Ok(self.execute(end).await?)
    }

    async fn may_report(&self, token: &ApiToken) -> Given<()> {
        let act = TokenAct::Use(Scope::WorkitemsWrite);
        self.token_may(token, act).await
    }
}
