//! Phone and email: other systems report over the HTTP API what happens in them. A report rests on its token, which is asked
//! for in the transaction, and follows the rules of what staff and customers do.

mod answers;
mod appends;
mod changes;

use async_trait::async_trait;
use serde::Serialize;
use shared::directory::Notification;
use shared::error::Problem;
use shared::ids::{CommandKey, EntryId, TeamId, TokenId, WorkitemId};
use shared::notice::Notice;
use shared::people::PersonRef;
use shared::policy::TokenAct;
use shared::text::{MessageText, Username};
use shared::time::Timestamp;
use shared::tokens::{ApiToken, Scope};
use shared::workitem::{Channel, Workitem};

pub use self::answers::WorkitemSummary;
pub use self::appends::{ReportMessage, ReportNote};
pub use self::changes::{ReportEnd, ReportState, ReportedState};
use super::assignment::{Assignment, assign};
use super::intake::{InboundMessage, append_customer_message, lead_to_earlier};
use super::keys::IdempotencyKey;
use super::message_content::MessageContent;
use super::{contacts, entries, notifications, rights, states, workitems};
use crate::store::rows::{NewEntry, NewWorkitem, WorkitemRow};
use crate::store::{Change, Command, Snapshot, StoreError, Stored, Transaction, Written};

/// By which token something is reported, when and under which key.
#[derive(Clone, Debug)]
pub struct ReportContext {
    /// The token.
    pub token: TokenId,
    /// Repeating it (per token) gives the first answer.
    pub key: CommandKey,
    /// When.
    pub at: Timestamp,
}

impl ReportContext {
    fn key(&self, kind: &'static str, content: &impl Serialize) -> Stored<IdempotencyKey> {
        let sender = format!("token/{}", self.token);
        IdempotencyKey::of(sender, &self.key, kind, content)
    }

    /// The token, if it may report about these teams.
    async fn ask(&self, rows: &mut dyn Snapshot, teams: &[TeamId]) -> Stored<ApiToken> {
        let act = TokenAct::UseIn(Scope::WorkitemsWrite, teams);
        rights::ask_token(rows, &self.token, act, self.at).await
    }

    /// The workitem, if the token may report about it, and the token. Only what other systems carry is reported: the rest is
    /// `NotFound`.
    async fn workitem(
        &self,
        rows: &mut dyn Snapshot,
        workitem: &WorkitemId,
    ) -> Stored<(WorkitemRow, ApiToken)> {
        let row = rows.workitem_find(workitem).await?;
        let Some(row) = row.filter(|row| !row.workitem.channel.coachable()) else {
            // One that has ended learns of that first.
            let act = TokenAct::Use(Scope::WorkitemsWrite);
            rights::ask_token(rows, &self.token, act, self.at).await?;
            return Err(StoreError::NotFound);
        };
        let team = row.workitem.team.clone();
        let token = self.ask(rows, &[team]).await?;
        Ok((row, token))
    }
}

/// A call or a mail has come in. It goes to an agent, or into the queue of a team. A customer is known by number or address: a line
/// leads staff to the latest workitem that they had in the team. Answers the workitem as it is then.
#[derive(Clone, Debug)]
pub struct ReportBegin {
    /// Phone or email.
    pub channel: Channel,
    /// The customer's number or address.
    pub contact: String,
    /// How the customer is called; the number or address, if nobody knows.
    pub customer: String,
    /// What it is about.
    pub subject: String,
    /// The team; `None`: the token's, or else the agent's first one.
    pub team: Option<TeamId>,
    /// Who has it already; nobody: it is queued.
    pub agent: Option<Username>,
    /// What the customer wrote.
    pub text: Option<MessageText>,
    /// The new workitem's id.
    pub workitem: WorkitemId,
    /// The id of its first line; others are derived from it.
    pub entry: EntryId,
    /// By which token, when and under which key.
    pub context: ReportContext,
}

#[async_trait]
impl Command for ReportBegin {
    type Answer = WorkitemSummary;
    const NAME: &'static str = "report_begin";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<WorkitemSummary>> {
        let context = &self.context;
        let text = self.text.as_ref().map(MessageText::as_str);
        let (contact, customer) = (&self.contact, &self.customer);
        let content = (
            self.channel,
            contact,
            customer,
            &self.subject,
            &self.team,
            &self.agent,
            text,
        );
        let key = context.key(Self::NAME, &content)?;
        if let Some(first) = context.first_answer(rows, &key, None).await? {
            return Ok(Written::unchanged(first));
        }
        let act = TokenAct::Use(Scope::WorkitemsWrite);
        let token = rights::ask_token(rows, &context.token, act, context.at).await?;
        let (team, agent) = self.whose(rows, &token).await?;
        let new = NewWorkitem {
            id: self.workitem.clone(),
            channel: self.channel,
            customer: self.customer.clone(),
            subject: self.subject.clone(),
            agent: None,
            team,
            started_at: context.at,
        };
        let mut changes = Vec::new();
        workitems::begin(rows, &new, &mut changes).await?;
        let earlier = contacts::recognise(rows, &new, &self.contact).await?;
        let reported = Notice::Reported {
            by: token.name,
            customer: self.contact.clone(),
        };
        let line = NewEntry::notice(self.entry.clone(), context.at, reported);
        entries::append(rows, &self.workitem, line, &mut changes).await?;
        if let Some(earlier) = &earlier {
            let line = (states::derived(&self.entry, 3)?, context.at);
            lead_to_earlier(rows, &self.workitem, earlier, line, &mut changes).await?;
        }
        if let Some(agent) = &agent {
            let line = (states::derived(&self.entry, 1)?, context.at);
            let workitem = load(rows, &self.workitem).await?.workitem;
            hand_to(rows, &workitem, agent, line, &mut changes).await?;
        } else {
            entries::touch_workitem(rows, &self.workitem, &mut changes).await?;
        }
        let row = load(rows, &self.workitem).await?;
        if let Some(text) = &self.text {
            let message = InboundMessage {
                content: &MessageContent::text(text.clone()),
                entry: &states::derived(&self.entry, 2)?,
                at: context.at,
                key: &context.key,
            };
            append_customer_message(rows, &row, message, &mut changes).await?;
        }
        changes.push(workitems::list_change(&row.workitem));
        let value = context.answer(rows, &key, &self.workitem).await?;
        Ok(Written { value, changes })
    }
}

impl ReportBegin {
    /// Whose it is. An agent takes only work of a team of theirs.
    async fn whose(
        &self,
        rows: &mut dyn Snapshot,
        token: &ApiToken,
    ) -> Stored<(TeamId, Option<PersonRef>)> {
        let wrong = |field, problem| StoreError::Invalid { field, problem };
        let named = self.team.as_ref().or(token.team.as_ref());
        if let Some(team) = named {
            // First: to a token of one team another one is like none.
            self.context.ask(rows, std::slice::from_ref(team)).await?;
            if rows.team_find(team).await?.is_none() {
                return Err(wrong("team", Problem::NotATeam));
            }
        }
        let Some(username) = &self.agent else {
            let team = named.ok_or_else(|| wrong("team", Problem::Missing))?;
            return Ok((team.clone(), None));
        };
        let (agent, teams) = agent_named(rows, token, username).await?;
        let team = match named {
            Some(team) => teams.contains(team).then_some(team),
            None => teams.first(),
        };
        let team = team.ok_or_else(|| wrong("agent", Problem::NotInTeam))?;
        Ok((team.clone(), Some(agent)))
    }
}

/// The agent who signs in under this name, with their teams. A token of one team is answered about a name that is nobody's as about
/// an agent of another team.
async fn agent_named(
    rows: &mut dyn Snapshot,
    token: &ApiToken,
    username: &Username,
) -> Stored<(PersonRef, Vec<TeamId>)> {
    let found = rows.credentials_find(username.as_str()).await?;
    let agent = match found {
        Some(found) => rows.agent_find(&found.user).await?,
        None => None,
    };
    let Some((agent, _)) = agent else {
        let problem = match token.team {
            Some(_) => Problem::NotInTeam,
            None => Problem::NotAnAgent,
        };
        let field = "agent";
        return Err(StoreError::Invalid { field, problem });
    };
    let teams = rows.agent_teams(&agent.id).await?;
    Ok((agent, teams))
}

async fn load(rows: &mut dyn Snapshot, workitem: &WorkitemId) -> Stored<WorkitemRow> {
    let row = rows.workitem_find(workitem).await?;
    row.ok_or(StoreError::NotFound)
}

/// A queued workitem is an agent's from now on, who is notified.
async fn hand_to(
    rows: &mut dyn Transaction,
    workitem: &Workitem,
    agent: &PersonRef,
    (entry, at): (EntryId, Timestamp),
    changes: &mut Vec<Change>,
) -> Stored<()> {
    let to = Assignment {
        agent: Some(&agent.id),
        team: &workitem.team,
    };
    assign(rows, workitem, to, at, changes).await?;
    let notice = Notice::Assigned {
        agent: agent.name.clone(),
    };
    let line = NewEntry::notice(entry, at, notice);
    entries::append(rows, &workitem.id, line, changes).await?;
    entries::touch_workitem(rows, &workitem.id, changes).await?;
    let event = Notification::WorkAssigned {
        workitem: workitem.id.clone(),
        subject: workitem.subject.clone(),
        customer: workitem.customer.clone(),
        from: None,
    };
    notifications::append(rows, &agent.id, event, changes).await
}
