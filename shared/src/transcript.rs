//! The conversation as staff see it: messages, coaching, monitoring lines and notices in one order.

use serde::{Deserialize, Serialize};

use crate::delivery::{Delivery, DeliveryState};
use crate::files::{FileRef, FileState};
use crate::ids::{EntryId, UserId, WorkitemId};
use crate::notice::Notice;
use crate::people::PersonRef;
use crate::reviews::Review;
use crate::time::Timestamp;
use crate::workitem::Workitem;

/// How many entries a page of a conversation holds.
pub const PAGE: i64 = 100;

/// One line of a conversation in the staff's view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which.
    pub id: EntryId,
    /// Place in the conversation, from 1, without gaps, the same for every member of staff. A customer never
    /// sees it: customers have a sequence of their own.
    pub seq: i64,
    /// When it was written, by the host's clock.
    pub at: Timestamp,
    /// What it is.
    pub body: EntryBody,
}

/// Who wrote a message that the customer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The person outside.
    Customer,
    /// The agent who had the workitem then.
    Agent,
    /// A supervisor who stepped in beside that agent. The customer reads a name like any other.
    Supervisor,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryBody {
    /// A message between the customer and staff.
    Message {
        /// Which of them wrote it.
        author: Author,
        /// The author's name then.
        name: String,
        /// The text; empty beside a file that says enough.
        text: String,
        /// What came with it.
        #[serde(default, deserialize_with = "crate::lenient::list")]
        #[serde(skip_serializing_if = "Vec::is_empty")]
        files: Vec<FileRef>,
        /// How far it has come, where a provider carries it; chat pages show a message at once.
        #[serde(default, deserialize_with = "crate::lenient::known")]
        #[serde(skip_serializing_if = "Option::is_none")]
        delivery: Option<Delivery>,
    },
    /// A supervisor's message to the agent. Never for the customer.
    Coaching {
        /// Who coaches.
        supervisor: UserId,
        /// Their name then.
        name: String,
        /// The text.
        text: String,
        /// What the agent thinks of it.
        reaction: Option<Reaction>,
        /// Which agent; another one may have the workitem by now. Nobody where it was given before that was kept.
        #[serde(default)]
        reaction_by: Option<PersonRef>,
        /// When the agent forwarded it to the customer.
        forwarded_at: Option<Timestamp>,
        /// When the agent had it in front of them; 0 when it was said before that was kept.
        #[serde(default)]
        seen_at: Option<Timestamp>,
    },
    /// The agent's answer to those who coach. Never for the customer.
    CoachingReply {
        /// The agent who had the workitem then.
        agent: UserId,
        /// Their name then.
        name: String,
        /// The text.
        text: String,
        /// The supervisors who have had it in front of them, the first one first.
        #[serde(default)]
        seen: Vec<ReplySeen>,
    },
    /// A supervisor began to monitor.
    MonitoringStarted {
        /// Who.
        supervisor: UserId,
        /// Their name then.
        name: String,
    },
    /// A supervisor stopped monitoring.
    MonitoringEnded {
        /// Who.
        supervisor: UserId,
        /// Their name then.
        name: String,
        /// Why.
        reason: EndReason,
    },
    /// The workitem moved: assigned, transferred, wrapped up, closed.
    Notice(Notice),
}

impl Entry {
    /// Whether it is a message that waits to be handed to a provider.
    pub fn waits_for_delivery(&self) -> bool {
        matches!(
            &self.body,
            EntryBody::Message {
                delivery: Some(delivery),
                ..
            } if delivery.state == DeliveryState::Queued
        )
    }

    /// Whether a file that came with it is still to be fetched.
    pub fn waits_for_file(&self) -> bool {
        let EntryBody::Message { files, .. } = &self.body else {
            return false;
        };
        files.iter().any(|file| file.state == FileState::Coming)
    }

    /// The line that takes its place for those who may not read it. A browser shows it as any other notice.
    pub fn withheld(self) -> Self {
        Self {
            body: EntryBody::Notice(Notice::Withheld),
            ..self
        }
    }
}

/// Why a monitoring ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// By the back arrow, or by closing the tab.
    Left,
    /// No live connection came back within the grace time: network lost, host restarted.
    ConnectionLost,
    /// Signed out, or the session was ended.
    SignedOut,
    /// The permission or the authority was taken away, or the workitem moved out of the supervisor's teams.
    AuthorityLost,
    /// The workitem was closed.
    WorkitemClosed,
}

impl EndReason {
    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            EndReason::Left => "left",
            EndReason::ConnectionLost => "connection_lost",
            EndReason::SignedOut => "signed_out",
            EndReason::AuthorityLost => "authority_lost",
            EndReason::WorkitemClosed => "workitem_closed",
        }
    }

    /// The reason of a code.
    pub fn from_code(code: &str) -> Option<EndReason> {
        [
            EndReason::Left,
            EndReason::ConnectionLost,
            EndReason::SignedOut,
            EndReason::AuthorityLost,
            EndReason::WorkitemClosed,
        ]
        .into_iter()
        .find(|reason| reason.code() == code)
    }
}

/// That a supervisor has had an agent's reply in front of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplySeen {
    /// Who.
    pub by: PersonRef,
    /// When.
    pub at: Timestamp,
}

/// What an agent thinks of a coaching message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// It helped.
    ThumbsUp,
    /// It did not.
    ThumbsDown,
}

impl Reaction {
    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            Reaction::ThumbsUp => "thumbs_up",
            Reaction::ThumbsDown => "thumbs_down",
        }
    }

    /// The reaction of a code.
    pub fn from_code(code: &str) -> Option<Reaction> {
        [Reaction::ThumbsUp, Reaction::ThumbsDown]
            .into_iter()
            .find(|reaction| reaction.code() == code)
    }
}

/// One change of a workitem's topic. Applying it twice changes nothing: an entry replaces the one with its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkitemChange {
    /// An entry was added, or changed (reaction, forwarded).
    Entry(Entry),
    /// State, agent, waiting, monitors or counters changed.
    Workitem(Box<Workitem>),
}

/// A conversation as it is opened: the newest page, and where the live stream goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The heading.
    pub workitem: Workitem,
    /// The newest [`PAGE`] entries, oldest first.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub entries: Vec<Entry>,
    /// Whether there are older ones.
    pub older: bool,
    /// The topic's revision that this shows.
    pub rev: i64,
    /// The store's epoch; a revision means nothing in another one.
    pub epoch: String,
    /// Its latest flag for review; nothing where there is none, and for those who may not review it. Boxed, because
    /// most have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Box<Review>>,
}

/// A look at the last lines of a conversation: as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peek {
    /// The heading.
    pub workitem: Workitem,
    /// The last [`PEEK_LINES`] lines, oldest first.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub entries: Vec<Entry>,
}

/// How many lines a peek shows.
pub const PEEK_LINES: usize = 12;

/// What the answer to a send carries: the entry as stored and the revision that added it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// The topic's revision of this entry.
    pub rev: i64,
    /// The entry.
    pub entry: Entry,
}

/// Short for tests and views: who the entry's `data-author` is.
pub fn data_author(body: &EntryBody) -> &'static str {
    match body {
        EntryBody::Message {
            author: Author::Customer,
            ..
        } => "customer",
        EntryBody::Message {
            author: Author::Agent,
            ..
        }
        | EntryBody::CoachingReply { .. } => "agent",
        EntryBody::Message {
            author: Author::Supervisor,
            ..
        }
        | EntryBody::Coaching { .. } => "supervisor",
        EntryBody::Notice(Notice::Note { .. }) => "staff",
        EntryBody::MonitoringStarted { .. }
        | EntryBody::MonitoringEnded { .. }
        | EntryBody::Notice(_) => "system",
    }
}

/// What the entry's `data-entry` is. A notice is a message of the system.
pub fn data_entry(body: &EntryBody) -> &'static str {
    match body {
        EntryBody::Notice(Notice::Note { .. }) => "note",
        EntryBody::Message { .. } | EntryBody::Notice(_) => "message",
        EntryBody::Coaching { .. } | EntryBody::CoachingReply { .. } => "coaching",
        EntryBody::MonitoringStarted { .. } => "monitoring-started",
        EntryBody::MonitoringEnded { .. } => "monitoring-ended",
    }
}

/// Who monitors, by entry order; used where only names are shown.
pub fn names(people: &[PersonRef]) -> String {
    crate::text::listed(people.iter().map(|person| person.name.as_str()))
}
