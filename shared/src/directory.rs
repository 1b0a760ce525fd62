//! The Company Directory: direct messages between people of the organisation, and the notifications of a user.

use serde::{Deserialize, Serialize};

use crate::assistance::{Returned, Settled, SettledHow};
use crate::escalation::Step;
use crate::ids::{DirectoryMessageId, RequestId, UserId, WorkitemId};
use crate::language::Language;
use crate::organisation::OrganisationSettings;
use crate::people::{Actor, PersonRef, Presence};
use crate::time::Timestamp;
use crate::workitem::ChannelCounts;

/// A message from one person to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryMessage {
    /// Which.
    pub id: DirectoryMessageId,
    /// Place in the conversation of these two, from 1, without gaps.
    pub seq: i64,
    /// When, by the host's clock.
    pub at: Timestamp,
    /// Who wrote it.
    pub from: PersonRef,
    /// To whom.
    pub to: PersonRef,
    /// The text.
    pub text: String,
    /// Set when the message is a raised hand.
    pub request: Option<Box<RequestRef>>,
}

impl DirectoryMessage {
    /// Since when the raised hand that it carries waits. A step of the escalation writes its message later.
    pub fn raised_at(&self) -> Timestamp {
        let raised = self.request.as_ref().and_then(|request| request.at);
        raised.unwrap_or(self.at)
    }

    /// The workitem whose title it says: that of a raised hand.
    fn workitem(&self) -> Option<&WorkitemId> {
        let (workitem, _) = self.request.as_ref()?.workitem.as_ref()?;
        Some(workitem)
    }
}

/// The raised hand that a message carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRef {
    /// Which.
    pub id: RequestId,
    /// When it was raised; a host of the release before does not say.
    #[serde(default)]
    pub at: Option<Timestamp>,
    /// Whom it was escalated to, because nobody claimed it.
    #[serde(default, skip_serializing_if = "Step::is_first")]
    pub escalated: Step,
    /// The workitem that it was raised from, and its title then.
    pub workitem: Option<(WorkitemId, String)>,
    /// The supervisor who answered first.
    pub answered_by: Option<PersonRef>,
    /// How it came to its end; `None` while it waits.
    #[serde(default)]
    pub settled: Option<Settled>,
    /// Whether the recipient of the message has claimed it.
    #[serde(default)]
    pub claimed: bool,
    /// Who sees to it, also when that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<PersonRef>,
    /// Whether the recipient of the message may not read the workitem: who is on call need not supervise its team.
    #[serde(default)]
    pub unreadable: bool,
}

/// One person's unread messages from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// From whom.
    pub from: UserId,
    /// How many.
    pub count: i64,
}

/// A notification of one user, kept in the log of that user until all their tabs have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notification {
    /// What only a later release knows. It keeps its number, so that what follows is in order. Never stored.
    Later,
    /// A directory message that the user received or, in another tab, sent.
    Message(DirectoryMessage),
    /// The user has read everything from this person up to and including `through`.
    Read {
        /// The other person.
        with: UserId,
        /// The sequence number of the last message read.
        through: i64,
    },
    /// A raised hand that the user sent, received or could answer is settled.
    RequestAnswered {
        /// Which.
        request: RequestId,
        /// By whom; the agent when nobody did it.
        by: PersonRef,
        /// How.
        #[serde(default)]
        how: SettledHow,
        /// When; a host of the release before does not say.
        #[serde(default)]
        at: Option<Timestamp>,
        /// Whose it was.
        #[serde(default)]
        agent: Option<PersonRef>,
        /// What was asked.
        #[serde(default)]
        text: String,
    },
    /// Somebody sees to a raised hand that the user sent, received or could answer.
    RequestClaimed {
        /// Which.
        request: RequestId,
        /// Who.
        by: PersonRef,
        /// Whose it is.
        agent: PersonRef,
        /// What was asked.
        text: String,
        /// How many messages of the agent the user has not read; one that somebody else sees to is none.
        unread: i64,
    },
    /// A raised hand that somebody had claimed is open for everybody again.
    RequestReturned {
        /// Which.
        request: RequestId,
        /// Who had it.
        by: PersonRef,
        /// Why.
        why: Returned,
        /// Whose it is.
        agent: PersonRef,
        /// What was asked.
        text: String,
        /// As before.
        unread: i64,
        /// The message that brought it to the user, if its pop-up shall come again.
        message: Option<Box<DirectoryMessage>>,
    },
    /// A raised hand that the user received reaches more people, because nobody has claimed it.
    RequestEscalated {
        /// Which.
        request: RequestId,
        /// Whom it reaches.
        step: Step,
    },
    /// The user sent a message's pop-up away, in this window or another one.
    Dismissed {
        /// The message that it showed.
        message: DirectoryMessageId,
    },
    /// A supervisor began to monitor one of the user's workitems.
    MonitoringStarted {
        /// Which.
        workitem: WorkitemId,
        /// Its title.
        subject: String,
        /// Its customer; empty from a release before.
        #[serde(default)]
        customer: String,
        /// Who.
        supervisor: PersonRef,
    },
    /// A supervisor stopped monitoring one of the user's workitems.
    MonitoringEnded {
        /// Which.
        workitem: WorkitemId,
        /// Its title.
        subject: String,
        /// Its customer; empty from a release before.
        #[serde(default)]
        customer: String,
        /// Who.
        supervisor: PersonRef,
    },
    /// A workitem was assigned to the user.
    WorkAssigned {
        /// Which.
        workitem: WorkitemId,
        /// Its title.
        subject: String,
        /// Its customer; empty from a release before.
        #[serde(default)]
        customer: String,
        /// From whom it came, when a colleague transferred it.
        from: Option<PersonRef>,
    },
    /// A workitem was taken from the user.
    WorkTaken {
        /// Which.
        workitem: WorkitemId,
        /// Its title.
        subject: String,
        /// Its customer; empty from a release before.
        #[serde(default)]
        customer: String,
        /// Who has it now; nobody: it is back in the queue, or closed.
        to: Option<PersonRef>,
        /// Who did it; nobody: the program, or a change of the team.
        by: Option<PersonRef>,
        /// Whether it was closed. A release before reads what has gone to nobody as back in the queue.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        closed: bool,
    },
    /// The user's settings changed (in another tab).
    Settings(Settings),
}

impl Notification {
    /// The workitem whose title it says.
    pub fn workitem(&self) -> Option<&WorkitemId> {
        match self {
            Notification::MonitoringStarted { workitem, .. }
            | Notification::MonitoringEnded { workitem, .. }
            | Notification::WorkAssigned { workitem, .. }
            | Notification::WorkTaken { workitem, .. } => Some(workitem),
            Notification::Message(message) => message.workitem(),
            Notification::RequestReturned { message, .. } => message.as_ref()?.workitem(),
            Notification::Later
            | Notification::Read { .. }
            | Notification::RequestAnswered { .. }
            | Notification::RequestClaimed { .. }
            | Notification::RequestEscalated { .. }
            | Notification::Dismissed { .. }
            | Notification::Settings(_) => None,
        }
    }
}

/// What a user sets for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Agent Message Notification: pop-up when true, red indicator only when false.
    pub pop_up: bool,
    /// Whether single letters act on the page, outside of text boxes.
    #[serde(default = "on")]
    pub letter_keys: bool,
    /// What the user chose; what others see is also offline while no live connection remains.
    pub presence: Presence,
    /// The language of their pages; none is the browser's.
    #[serde(default, deserialize_with = "crate::lenient::known")]
    pub language: Option<Language>,
}

/// What a host of a release before does not know is on.
fn on() -> bool {
    true
}

/// A change of [`Settings`] that are on or off; what is `None` stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switches {
    /// Agent Message Notification.
    pub pop_up: Option<bool>,
    /// Single letters as shortcuts.
    pub letter_keys: Option<bool>,
}

impl Switches {
    /// The settings after the change.
    pub fn over(self, before: Settings) -> Settings {
        Settings {
            pop_up: self.pop_up.unwrap_or(before.pop_up),
            letter_keys: self.letter_keys.unwrap_or(before.letter_keys),
            ..before
        }
    }
}

/// What the frame around the pages of a signed-in user begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// Who is signed in.
    pub me: Actor,
    /// Their settings.
    pub settings: Settings,
    /// Whether an active assistance template exists.
    pub assistance: bool,
    /// Unread messages by person.
    pub unread: Vec<Unread>,
    /// Raised hands to this user that nobody has settled and that the user has not dismissed, oldest first.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub open_requests: Vec<DirectoryMessage>,
    /// People who were deactivated and with whom the user has a conversation.
    #[serde(default)]
    pub former: Vec<PersonRef>,
    /// With whom the user has exchanged messages, the last one first; not all of them.
    #[serde(default)]
    pub recent: Vec<UserId>,
    /// Minutes within which a customer who waits on each channel should have an answer.
    #[serde(default = "answer_within")]
    pub answer_within_min: ChannelCounts,
    /// The last number of the user's log that this shows.
    pub seq: i64,
    /// The store's epoch.
    pub epoch: String,
}

/// As long as nobody has said otherwise; a host of the release before does not say.
fn answer_within() -> ChannelCounts {
    OrganisationSettings::default().answer_within_min
}

/// A page of a directory conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryPage {
    /// Oldest first.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub messages: Vec<DirectoryMessage>,
    /// Whether there are older ones.
    pub older: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A raised hand as the release before this one writes it.
    const BEFORE: &str = r#"{"id": "m1", "seq": 1, "at": 700, "from": {"id": "amy", "name": "Amy"},
        "to": {"id": "sam", "name": "Sam"}, "text": "I need help.",
        "request": {"id": "r1", "workitem": null, "answered_by": null}}"#;

    #[test]
    fn e20_an_escalated_request_waits_since_it_was_raised() {
        let mut message: DirectoryMessage = serde_json::from_str(BEFORE).expect("a message");
        assert_eq!(message.raised_at(), Timestamp(700), "as far as is known");
        let request = message.request.as_mut().expect("a request");
        request.at = Some(Timestamp(100));
        request.escalated = Step::Everybody;
        assert_eq!(message.raised_at(), Timestamp(100));
        let text = serde_json::to_string(&message).expect("a text");
        assert_eq!(serde_json::from_str(&text).ok(), Some(message));
    }
}
