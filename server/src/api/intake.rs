//! Calls and mails, as other systems report them: they begin, go on and end. Each request has a key, and under a repeated
//! one the first answer comes again.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use serde::{Deserialize, Serialize};
use shared::email::EmailAddress;
use shared::error::{AppError, Problem as Reason};
use shared::ids::{EntryId, TeamId};
use shared::phone::PhoneNumber;
use shared::text::{CustomerName, MessageText, Subject, Username};
use shared::transcript::Author;
use shared::workitem::Channel;
use utoipa::ToSchema;

use super::caller::Bearer;
use super::input::{Body, Key, Named, word};
use super::workitems::{StateView, WorkitemView};
use crate::commands::ReportedState;
use crate::desk::Desk;
use crate::desk::api::Beginning;
use crate::http::problem::Problem;

/// What other systems carry.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportedChannel)]
enum ReportedChannel {
    Phone,
    Email,
}

/// A call or a mail that came in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWorkitem)]
pub(super) struct NewWorkitem {
    /// A call, or a mail.
    #[serde(deserialize_with = "word")]
    channel: ReportedChannel,
    /// The customer's telephone number, or e-mail address.
    #[schema(min_length = 2, max_length = 254, example = "+49 30 901820")]
    customer: String,
    /// How the customer is called. Without it the number or address stands there.
    #[schema(max_length = 80)]
    name: Option<String>,
    /// What it is about. Without it the name stands there.
    #[schema(max_length = 80)]
    subject: Option<String>,
    /// The id of the team. Without it the token's team counts, or else the first one of the agent.
    #[schema(max_length = 64)]
    team: Option<String>,
    /// The username of the agent who has it already. Without it the workitem waits in the queue of the team.
    #[schema(max_length = 40)]
    agent: Option<String>,
    /// What the customer wrote: the text of the mail.
    #[schema(max_length = 4000)]
    text: Option<String>,
}

impl NewWorkitem {
    fn parse(self) -> Result<Beginning, AppError> {
        let (channel, contact) = match self.channel {
            ReportedChannel::Phone => {
                let number = PhoneNumber::parse(&self.customer);
                let number = number.map_err(|error| error.at("customer"))?;
                (Channel::Phone, number.as_str().to_owned())
            }
            ReportedChannel::Email => {
                let address = EmailAddress::parse(&self.customer);
                let address = address.map_err(|error| error.at("customer"))?;
                (Channel::Email, address.as_str().to_owned())
            }
        };
        let customer = match self.name {
            Some(name) => CustomerName::parse(&name)?.into(),
            None => contact.clone(),
        };
        let subject = match self.subject {
            Some(subject) => Subject::parse(&subject)?.into(),
            None => customer.clone(),
        };
        let team = self.team.map(|team| {
            let wrong = |_| AppError::invalid("team", Reason::NotATeam);
            TeamId::parse(team).map_err(wrong)
        });
        let text = self.text.map(|text| MessageText::parse(&text));
        Ok(Beginning {
            channel,
            contact,
            customer,
            subject,
            team: team.transpose()?,
            agent: self.agent.as_deref().map(agent_of).transpose()?,
            text: text.transpose()?,
        })
    }
}

fn agent_of(username: &str) -> Result<Username, AppError> {
    Username::parse(username).map_err(|error| error.at("agent"))
}

/// Report that a call or a mail came in
///
/// It begins a workitem: in the queue of a team, whose agents get it as they have room, or with an agent who has it already.
/// Its number or address and the token's name stand in the first line that staff see. Where the customer had work of the same
/// team before, by the same number or address however it was written, the second line leads staff to the latest of it.
#[utoipa::path(
    post,
    path = "/api/v1/workitems",
    operation_id = "workitem_begin",
    tag = "intake",
    request_body = NewWorkitem,
    responses((status = 201, description = "The workitem.", body = WorkitemView,
        headers(("Location" = String, description = "The address of the workitem.")))),
    security(("token" = ["workitems:write"]))
)]
pub(super) async fn begin(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Key(key): Key,
    Body(new): Body<NewWorkitem>,
) -> Result<
    (
        StatusCode,
        [(axum::http::HeaderName, String); 1],
        Json<WorkitemView>,
    ),
    Problem,
> {
    let beginning = new.parse().map_err(|error| Problem::of(&error))?;
    let workitem = desk.report_begin(&token, key, beginning).await?;
    let address = format!("/api/v1/workitems/{}", workitem.id);
    let headers = [(LOCATION, address)];
    Ok((StatusCode::CREATED, headers, Json(workitem.into())))
}

/// Which of the two wrote a message.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MessageAuthor)]
enum MessageAuthor {
    Customer,
    Agent,
}

/// What was written in a mail, or said in a call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMessage)]
pub(super) struct NewMessage {
    /// Who: the customer, or the agent who has the workitem.
    #[serde(deserialize_with = "word")]
    author: MessageAuthor,
    /// What. Line breaks are kept.
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
}

/// A note for staff.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewNote)]
pub(super) struct NewNote {
    /// The note. Line breaks are kept.
    #[schema(min_length = 1, max_length = 4000)]
    text: String,
}

/// What was added to a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Appended)]
pub(super) struct Appended {
    /// The id of the line.
    entry: String,
}

type Added = Result<(StatusCode, Json<Appended>), Problem>;

fn added(entry: EntryId) -> Added {
    let entry = entry.into();
    Ok((StatusCode::CREATED, Json(Appended { entry })))
}

/// Append a message
///
/// A further mail of the customer, or the answer of the agent. Staff see it at once; it counts as what the customer saw.
#[utoipa::path(
    post,
    path = "/api/v1/workitems/{workitem}/messages",
    operation_id = "message_append",
    tag = "intake",
    params(("workitem" = String, Path, description = "Which workitem, of phone or email.")),
    request_body = NewMessage,
    responses((status = 201, description = "The line.", body = Appended)),
    security(("token" = ["workitems:write"]))
)]
pub(super) async fn message(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Named(workitem): Named,
    Key(key): Key,
    Body(new): Body<NewMessage>,
) -> Added {
    let text = MessageText::parse(&new.text).map_err(|error| Problem::of(&error))?;
    let author = match new.author {
        MessageAuthor::Customer => Author::Customer,
        MessageAuthor::Agent => Author::Agent,
    };
    let message = (author, text);
    added(desk.report_message(&token, key, workitem, message).await?)
}

/// Append a note
///
/// For staff alone: what a caller asked for, say. No customer sees it, and no transcript of a customer holds it.
#[utoipa::path(
    post,
    path = "/api/v1/workitems/{workitem}/notes",
    operation_id = "note_append",
    tag = "intake",
    params(("workitem" = String, Path, description = "Which workitem, of phone or email.")),
    request_body = NewNote,
    responses((status = 201, description = "The line.", body = Appended)),
    security(("token" = ["workitems:write"]))
)]
pub(super) async fn note(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Named(workitem): Named,
    Key(key): Key,
    Body(new): Body<NewNote>,
) -> Added {
    let text = MessageText::parse(&new.text).map_err(|error| Problem::of(&error))?;
    added(desk.report_note(&token, key, workitem, text).await?)
}

/// Into which state a workitem came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StateChange)]
pub(super) struct StateChange {
    /// `active`: an agent has taken it from the queue. `wrap_up`: its conversation is over. `closed`: it is done, after
    /// `wrap_up`.
    #[serde(deserialize_with = "word")]
    state: StateView,
    /// The username of the agent who has taken it; only with `active`.
    #[schema(max_length = 40)]
    agent: Option<String>,
}

impl StateChange {
    fn parse(self) -> Result<ReportedState, AppError> {
        let state = match (self.state, self.agent) {
            (StateView::Active, Some(agent)) => ReportedState::Active(agent_of(&agent)?),
            (StateView::Active, None) => return Err(AppError::invalid("agent", Reason::Missing)),
            (StateView::WrapUp, None) => ReportedState::WrapUp,
            (StateView::Closed, None) => ReportedState::Closed,
            (StateView::Queued, _) => {
                let detail = "active, wrap_up, closed".to_owned();
                return Err(AppError::invalid("state", Reason::Unreadable { detail }));
            }
            (StateView::WrapUp | StateView::Closed, Some(_)) => {
                return Err(AppError::invalid("agent", Reason::UnknownField));
            }
        };
        Ok(state)
    }
}

/// Change the state of a workitem
#[utoipa::path(
    post,
    path = "/api/v1/workitems/{workitem}/state",
    operation_id = "workitem_change",
    tag = "intake",
    params(("workitem" = String, Path, description = "Which workitem, of phone or email.")),
    request_body = StateChange,
    responses((status = 200, description = "The workitem.", body = WorkitemView)),
    security(("token" = ["workitems:write"]))
)]
pub(super) async fn state(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Named(workitem): Named,
    Key(key): Key,
    Body(change): Body<StateChange>,
) -> Result<Json<WorkitemView>, Problem> {
    let state = change.parse().map_err(|error| Problem::of(&error))?;
    let workitem = desk.report_state(&token, key, workitem, state).await?;
    Ok(Json(workitem.into()))
}

/// End a call or a mail conversation
///
/// Its agent finishes the paperwork (`wrap_up`); one that nobody has is closed. Takes no body.
#[utoipa::path(
    post,
    path = "/api/v1/workitems/{workitem}/end",
    operation_id = "workitem_end",
    tag = "intake",
    params(("workitem" = String, Path, description = "Which workitem, of phone or email.")),
    responses((status = 200, description = "The workitem.", body = WorkitemView)),
    security(("token" = ["workitems:write"]))
)]
pub(super) async fn end(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Named(workitem): Named,
    Key(key): Key,
) -> Result<Json<WorkitemView>, Problem> {
    let workitem = desk.report_end(&token, key, workitem).await?;
    Ok(Json(workitem.into()))
}
