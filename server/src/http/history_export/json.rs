//! A conversation as JSON. The shape is described in `docs/API.md` and stays: a field may be added, none goes or means something else.

use i18n::Language;
use serde::Serialize;
use shared::files::FileRef;
use shared::notice::Notice;
use shared::time::Timestamp;
use shared::transcript::{Author, Entry, EntryBody};
use shared::workitem::Workitem;

/// What stands behind the last entry.
pub(super) const FOOT: &str = "\n]}\n";

#[derive(Serialize)]
struct Head<'a> {
    format: &'static str,
    exported_at: String,
    coaching: bool,
    workitem: Heading<'a>,
}

#[derive(Serialize)]
struct Heading<'a> {
    id: &'a str,
    channel: &'static str,
    state: &'static str,
    subject: &'a str,
    customer: &'a str,
    agent: Option<Named<'a>>,
    team: Named<'a>,
    started_at: String,
}

#[derive(Serialize)]
struct Named<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Message,
    Coaching,
    CoachingReply,
    MonitoringStarted,
    MonitoringEnded,
    Note,
    Notice,
    Withheld,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Role {
    Customer,
    Agent,
    Supervisor,
}

#[derive(Serialize)]
struct Line {
    number: i64,
    at: String,
    kind: Kind,
    author: Option<Role>,
    name: Option<String>,
    text: Option<String>,
    files: Vec<File>,
    delivery: Option<&'static str>,
    reaction: Option<&'static str>,
    forwarded_at: Option<String>,
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct File {
    name: String,
    media_type: String,
    size: i64,
    state: &'static str,
}

impl From<FileRef> for File {
    fn from(file: FileRef) -> Self {
        Self {
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            state: file.state.code(),
        }
    }
}

impl Line {
    fn of(number: i64, entry: Entry) -> Self {
        let mut line = Self {
            number,
            at: entry.at.rfc3339(),
            kind: Kind::Notice,
            author: None,
            name: None,
            text: None,
            files: Vec::new(),
            delivery: None,
            reaction: None,
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
                let role = match author {
                    Author::Customer => Role::Customer,
                    // The customer reads a name like any other.
                    Author::Agent | Author::Supervisor => Role::Agent,
                };
                line.said(Kind::Message, role, name, text);
                line.files = files.into_iter().map(File::from).collect();
                line.delivery = delivery.map(|delivery| delivery.state.code());
            }
            EntryBody::Coaching {
                name,
                text,
                reaction,
                forwarded_at,
                ..
            } => {
                line.said(Kind::Coaching, Role::Supervisor, name, text);
                line.reaction = reaction.map(|reaction| reaction.code());
                line.forwarded_at = forwarded_at.map(Timestamp::rfc3339);
            }
            EntryBody::CoachingReply { name, text, .. } => {
                line.said(Kind::CoachingReply, Role::Agent, name, text);
            }
            EntryBody::MonitoringStarted { name, .. } => {
                line.kind = Kind::MonitoringStarted;
                line.name = Some(name);
            }
            EntryBody::MonitoringEnded { name, reason, .. } => {
                line.kind = Kind::MonitoringEnded;
                line.name = Some(name);
                line.reason = Some(reason.code());
            }
            EntryBody::Notice(Notice::Withheld) => line.kind = Kind::Withheld,
            EntryBody::Notice(Notice::Note { by, text, .. }) => {
                line.kind = Kind::Note;
                (line.name, line.text) = (Some(by), Some(text));
            }
            EntryBody::Notice(notice) => {
                line.text = Some(i18n::notice_text(Language::En, &notice));
            }
        }
        line
    }

    fn said(&mut self, kind: Kind, author: Role, name: String, text: String) {
        self.kind = kind;
        self.author = Some(author);
        self.name = Some(name);
        self.text = (!text.is_empty()).then_some(text);
    }
}

/// Everything in front of the first entry.
pub(super) fn head(workitem: &Workitem, coaching: bool, exported_at: Timestamp) -> String {
    let agent = workitem.agent.as_ref();
    let head = Head {
        format: "sideline.transcript.1",
        exported_at: exported_at.rfc3339(),
        coaching,
        workitem: Heading {
            id: workitem.id.as_str(),
            channel: workitem.channel.code(),
            state: workitem.state.code(),
            subject: &workitem.subject,
            customer: &workitem.customer,
            agent: agent.map(|agent| Named {
                id: agent.id.as_str(),
                name: &agent.name,
            }),
            team: Named {
                id: workitem.team.as_str(),
                name: &workitem.team_name,
            },
            started_at: workitem.started_at.rfc3339(),
        },
    };
    let mut text = written(&head);
    // The list of entries follows in pieces.
    text.truncate(text.len() - 1);
    text + ",\"entries\":["
}

/// An entry, a line each.
pub(super) fn entry(number: i64, entry: Entry) -> String {
    let comma = if number > 1 { "," } else { "" };
    format!("{comma}\n{}", written(&Line::of(number, entry)))
}

fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| unreachable!("texts and numbers are JSON"))
}
