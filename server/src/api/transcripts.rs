//! Conversations: as the customer saw them, and as staff see them. They are two scopes and two ways to read, and the first
//! touches nothing of the second.

use axum::Json;
use axum::extract::State;
use i18n::Language;
use serde::Serialize;
use shared::customer::{CustomerBody, CustomerFrame};
use shared::files::FileRef;
use shared::transcript::{Author, Entry, EntryBody};
use utoipa::ToSchema;

use super::caller::Bearer;
use super::input::{Named, Query};
use super::page::{Page, after_of, limit_of};
use crate::desk::Desk;
use crate::http::problem::Problem;

/// A file that came with a message. Its content is not part of the API.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LineFile)]
pub(super) struct LineFile {
    /// Which.
    id: String,
    /// Its name.
    name: String,
    /// What it is, by its content: PNG, JPEG, GIF, WebP, PDF, plain text or CSV. `application/octet-stream` for a picture of more than
    /// 40 million pixels, or of a size that cannot be read.
    media_type: String,
    /// How many bytes it has; 0 until it is here.
    size: i64,
    /// `ready`, `coming` while it is fetched from the provider, or why it is not here: `refused`, `too_large`, `no_room`, `gone`,
    /// `no_answer`, `not_set_up`.
    state: &'static str,
}

impl From<FileRef> for LineFile {
    fn from(file: FileRef) -> Self {
        Self {
            id: file.id.into(),
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            state: file.state.code(),
        }
    }
}

/// What a line is that the customer saw: a message of either side, the end, or that the agent reopened the conversation and it
/// goes on.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CustomerLineKind)]
enum CustomerKind {
    Customer,
    Agent,
    Ended,
    Resumed,
}

/// A line that the customer saw.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerLine)]
pub(super) struct CustomerLine {
    /// Its number in what the customer saw, from 1, without gaps.
    number: i64,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Who said it, or that the conversation ended or goes on.
    kind: CustomerKind,
    /// The agent's name, as the customer saw it.
    name: Option<String>,
    /// What was said; nothing where a file came without words.
    text: Option<String>,
    /// What came with it.
    files: Vec<LineFile>,
}

impl From<CustomerFrame> for CustomerLine {
    fn from(frame: CustomerFrame) -> Self {
        let (kind, name, text, files) = match frame.body {
            CustomerBody::Mine { text, files, .. } => (CustomerKind::Customer, None, text, files),
            CustomerBody::Theirs { name, text, files } => {
                (CustomerKind::Agent, Some(name), text, files)
            }
            CustomerBody::Ended { .. } => (CustomerKind::Ended, None, None, Vec::new()),
            CustomerBody::Resumed => (CustomerKind::Resumed, None, None, Vec::new()),
        };
        Self {
            number: frame.seq,
            at: frame.at.rfc3339(),
            kind,
            name,
            text: text.map(String::from),
            files: files.into_iter().map(LineFile::from).collect(),
        }
    }
}

/// Read what the customer saw
///
/// The oldest line first. It is what stood in the chat, or in the mails: no coaching, no note, no line of the program.
#[utoipa::path(
    get,
    path = "/api/v1/workitems/{workitem}/transcript",
    operation_id = "transcript_customer",
    tag = "transcripts",
    params(
        ("workitem" = String, Path, description = "Which workitem."),
        ("limit" = Option<i64>, Query, description = "How many lines at most.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Where to read on: `next` of the piece before."),
    ),
    responses((status = 200, description = "A piece of the conversation.", body = Page<CustomerLine>)),
    security(("token" = ["transcripts:customer"]))
)]
pub(super) async fn customer(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Named(workitem): Named,
    query: Query,
) -> Result<Json<Page<CustomerLine>>, Problem> {
    let query = query.only(&["limit", "cursor"])?;
    let (limit, after) = (limit_of(&query)?, after_of(&query)?);
    let lines = desk.api_customer_lines(&token, &workitem, after, limit + 1);
    let lines = lines.await?;
    let place = |line: &CustomerFrame| line.seq.to_string();
    Ok(Json(Page::of(lines, limit, place, CustomerLine::from)))
}

/// What a line is that staff see.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = StaffLineKind)]
enum StaffKind {
    Message,
    Coaching,
    MonitoringStarted,
    MonitoringEnded,
    Notice,
}

/// Who wrote a line.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LineAuthor)]
enum StaffAuthor {
    Customer,
    Agent,
    Supervisor,
    System,
}

/// A line that staff see.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StaffLine)]
pub(super) struct StaffLine {
    /// Its number in what staff see, from 1, without gaps.
    number: i64,
    /// Which.
    id: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// What it is. A message by `supervisor` went to the customer under their name. Coaching by `agent` is what the agent answered to those who coach: the customer sees neither.
    kind: StaffKind,
    /// Who wrote it.
    author: StaffAuthor,
    /// The author's name then.
    name: Option<String>,
    /// What was said; of a notice its English words; nothing where a file came without words.
    text: Option<String>,
    /// What came with a message.
    files: Vec<LineFile>,
    /// What the agent thought of coaching: `thumbs_up` or `thumbs_down`.
    reaction: Option<String>,
    /// How far a message has come that a provider carries: `queued`, `sent`, `failed`, `delivered` or `read`.
    delivery: Option<String>,
    /// When the agent forwarded coaching to the customer.
    #[schema(format = DateTime)]
    forwarded_at: Option<String>,
    /// Why a monitoring ended.
    reason: Option<String>,
}

impl From<Entry> for StaffLine {
    fn from(entry: Entry) -> Self {
        let mut line = Self {
            number: entry.seq,
            id: entry.id.into(),
            at: entry.at.rfc3339(),
            kind: StaffKind::Notice,
            author: StaffAuthor::System,
            name: None,
            text: None,
            files: Vec::new(),
            reaction: None,
            delivery: None,
            forwarded_at: None,
            reason: None,
        };
        match entry.body {
            EntryBody::Message {
                author,
                name,
                text,
                files,
                delivery,
            } => {
                line.delivery = delivery.map(|delivery| delivery.state.code().to_owned());
                line.kind = StaffKind::Message;
                line.author = match author {
                    Author::Customer => StaffAuthor::Customer,
                    Author::Agent => StaffAuthor::Agent,
                    Author::Supervisor => StaffAuthor::Supervisor,
                };
                line.name = Some(name);
                line.text = (!text.is_empty()).then_some(text);
                line.files = files.into_iter().map(LineFile::from).collect();
            }
            EntryBody::Coaching {
                name,
                text,
                reaction,
                forwarded_at,
                ..
            } => {
                line.kind = StaffKind::Coaching;
                line.author = StaffAuthor::Supervisor;
                (line.name, line.text) = (Some(name), Some(text));
                line.reaction = reaction.map(|reaction| reaction.code().to_owned());
                line.forwarded_at = forwarded_at.map(|at| at.rfc3339());
            }
            EntryBody::CoachingReply { name, text, .. } => {
                line.kind = StaffKind::Coaching;
                line.author = StaffAuthor::Agent;
                (line.name, line.text) = (Some(name), Some(text));
            }
            EntryBody::MonitoringStarted { name, .. } => {
                line.kind = StaffKind::MonitoringStarted;
                line.name = Some(name);
            }
            EntryBody::MonitoringEnded { name, reason, .. } => {
                line.kind = StaffKind::MonitoringEnded;
                line.name = Some(name);
                line.reason = Some(reason.code().to_owned());
            }
            EntryBody::Notice(notice) => {
                line.text = Some(i18n::notice_text(Language::En, &notice));
            }
        }
        line
    }
}

/// Read what staff see
///
/// The oldest line first, with coaching, notes and the program's own lines. A token of one team does not see coaching that
/// another team gave.
#[utoipa::path(
    get,
    path = "/api/v1/workitems/{workitem}/transcript/staff",
    operation_id = "transcript_staff",
    tag = "transcripts",
    params(
        ("workitem" = String, Path, description = "Which workitem."),
        ("limit" = Option<i64>, Query, description = "How many lines at most.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Where to read on: `next` of the piece before."),
    ),
    responses((status = 200, description = "A piece of the conversation.", body = Page<StaffLine>)),
    security(("token" = ["transcripts:staff"]))
)]
pub(super) async fn staff(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Named(workitem): Named,
    query: Query,
) -> Result<Json<Page<StaffLine>>, Problem> {
    let query = query.only(&["limit", "cursor"])?;
    let (limit, after) = (limit_of(&query)?, after_of(&query)?);
    let entries = desk.api_staff_entries(&token, &workitem, after, limit);
    let (entries, more) = entries.await?;
    let last = entries.last().map(|entry| entry.seq.to_string());
    let items = entries.into_iter().map(StaffLine::from).collect();
    Ok(Json(Page::with_next(items, last.filter(|_| more))))
}
