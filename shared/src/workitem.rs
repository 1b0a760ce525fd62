//! Workitems: what an agent handles, as staff see it. Nothing here is ever sent to a customer.

mod channel;
mod dashboard;
mod handing_on;

use serde::{Deserialize, Serialize};

pub use self::channel::{Channel, ChannelCounts, ChannelWait, Service};
pub use self::dashboard::{AgentRow, AgentWorkitems, Dashboard, HandAbout, RaisedHand, TeamQueue};
pub use self::handing_on::{CallPlaced, Load, TransferOptions, TransferTo};
use crate::ids::{EntryId, TeamId, UserId, WorkitemId};
use crate::labels::LabelRef;
use crate::people::{Actor, Permission, PersonRef};
use crate::rating::Rating;
use crate::text::TextLimit;
use crate::time::Timestamp;

/// Where a workitem stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkitemState {
    /// Waits for an agent.
    Queued,
    /// An agent has it.
    Active,
    /// The conversation is over, the agent finishes the paperwork.
    WrapUp,
    /// Done.
    Closed,
}

impl WorkitemState {
    /// Whether an agent has it, who is notified of supervisors who read along.
    pub fn is_at_agent(self) -> bool {
        matches!(self, WorkitemState::Active | WorkitemState::WrapUp)
    }

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            WorkitemState::Queued => "queued",
            WorkitemState::Active => "active",
            WorkitemState::WrapUp => "wrap_up",
            WorkitemState::Closed => "closed",
        }
    }

    /// The state of a code.
    pub fn from_code(code: &str) -> Option<WorkitemState> {
        [
            WorkitemState::Queued,
            WorkitemState::Active,
            WorkitemState::WrapUp,
            WorkitemState::Closed,
        ]
        .into_iter()
        .find(|state| state.code() == code)
    }
}

/// One interaction, as lists and headings show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workitem {
    /// Which.
    pub id: WorkitemId,
    /// On which way the customer came.
    pub channel: Channel,
    /// The customer's name.
    pub customer: String,
    /// What it is about; the workitem's title.
    pub subject: String,
    /// Where it stands.
    pub state: WorkitemState,
    /// Who has it; nobody while it is queued.
    pub agent: Option<PersonRef>,
    /// The team that it belongs to.
    pub team: TeamId,
    /// That team's name.
    pub team_name: String,
    /// When it came in.
    pub started_at: Timestamp,
    /// The last message of customer or agent. Coaching does not count.
    pub last_activity_at: Timestamp,
    /// Since when the customer waits for an answer; `None` while nobody waits for the agent.
    pub waiting_since: Option<Timestamp>,
    /// The beginning of the last message of customer or agent, at most 120 characters.
    pub preview: String,
    /// Messages of the customer that the agent has not read. Monitoring does not change it.
    pub unread: i64,
    /// The supervisors who monitor it now, as its agent may know.
    pub monitors: Vec<PersonRef>,
    /// Those of whom the agent is not notified. It never leaves the host: every frame of the workitem goes to its agent too.
    #[serde(skip)]
    pub unannounced: Vec<PersonRef>,
    /// Coaching messages that the agent has not seen.
    #[serde(default)]
    pub coaching_unseen: i64,
    /// The newest of them, unless the agent has dismissed its notice.
    #[serde(default)]
    pub coaching_latest: Option<CoachingNotice>,
    /// What is to be known of the provider that carries its messages; nothing where none does.
    #[serde(default)]
    pub limits: Option<Box<ProviderLimits>>,
    /// From whom the supervisor who has it took it over, and to whom it goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_from: Option<PersonRef>,
    /// How it ended and what it is about: the outcome first, then by name.
    #[serde(default, deserialize_with = "crate::lenient::list")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<LabelRef>,
    /// How its customer rated it, once they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
}

impl Workitem {
    /// An active chat of team Care that nobody has touched since it began, for tests.
    pub fn sample(id: &str) -> Self {
        Self {
            id: WorkitemId::parse(id).expect("a test id"),
            channel: Channel::Chat,
            customer: "Dana".to_owned(),
            subject: "A parcel".to_owned(),
            state: WorkitemState::Active,
            agent: None,
            team: TeamId::parse("care").expect("a test id"),
            team_name: "Care".to_owned(),
            started_at: Timestamp(1),
            last_activity_at: Timestamp(1),
            waiting_since: None,
            preview: String::new(),
            unread: 0,
            monitors: Vec::new(),
            unannounced: Vec::new(),
            coaching_unseen: 0,
            coaching_latest: None,
            limits: None,
            taken_from: None,
            labels: Vec::new(),
            rating: None,
        }
    }

    /// Everybody who monitors it now, on the host.
    pub fn all_monitors(&self) -> impl Iterator<Item = &PersonRef> {
        self.monitors.iter().chain(&self.unannounced)
    }

    /// This supervisor, if they monitor it now: on the host.
    pub fn monitor(&self, supervisor: &UserId) -> Option<&PersonRef> {
        self.all_monitors().find(|who| who.id == *supervisor)
    }

    /// Whether another agent than this user has it: then it is read by nobody in silence.
    pub fn is_at_another(&self, user: &UserId) -> bool {
        let agent = self.agent.as_ref().map(|agent| &agent.id);
        self.state.is_at_agent() && agent != Some(user)
    }

    /// Whether nothing says yet that this user reads it: another agent has it, and the user does not monitor it. On the host.
    pub fn is_unrecorded_for(&self, user: &UserId) -> bool {
        self.is_at_another(user) && self.monitor(user).is_none()
    }

    /// Whether nothing says that this user reads what is another's, or nobody's yet: neither a monitoring nor that it is or was their own
    /// work. On the host.
    pub fn is_unsaid_for(&self, user: &UserId) -> bool {
        let agent = self.agent.as_ref().map(|agent| &agent.id);
        agent != Some(user) && self.monitor(user).is_none()
    }

    /// The workitem as supervisors see it in lists that no agent gets of their own work: with everybody who monitors it.
    pub fn for_supervisors(mut self, viewer: &Actor) -> Self {
        self.monitors.append(&mut self.unannounced);
        self.for_reader(viewer)
    }

    /// The workitem in a list: with words of the conversation only for somebody who may read conversations.
    pub fn for_reader(mut self, viewer: &Actor) -> Self {
        if !viewer.holds(Permission::WorkitemMonitor) {
            self.preview.clear();
            self.coaching_latest = None;
            if let Some(rating) = &mut self.rating {
                rating.comment = None;
            }
        }
        self
    }
}

/// What a provider asks of the messages to a customer, whether the last ones arrived, and how the customer is reached there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderLimits {
    /// How long they may be.
    pub text: TextLimit,
    /// Until when the customer can be answered, unless they write again; nothing where that does not end, or the conversation
    /// is over.
    pub answer_until: Option<Timestamp>,
    /// Whether the customer wants no messages (STOP); never where the conversation is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
    /// Whether a message did not arrive, and none that was written after it did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undelivered: bool,
    /// The service behind a social conversation; nothing for one that this release does not know.
    #[serde(default, deserialize_with = "crate::lenient::known")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// The customer's number on WhatsApp, with `+`. Text messages name their customer by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// How much of a coaching message its notice shows, in characters.
pub const COACHING_NOTICE_MAX: usize = 300;

/// The notice of coaching that the agent has not seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoachingNotice {
    /// Which.
    pub entry: EntryId,
    /// When it was said.
    pub at: Timestamp,
    /// Who said it.
    pub supervisor: String,
    /// Its beginning, at most [`COACHING_NOTICE_MAX`] characters.
    pub text: String,
}

/// What a coach has not seen of the replies in one workitem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyNotice {
    /// In which workitem.
    pub workitem: WorkitemId,
    /// Its customer.
    pub customer: String,
    /// Its title.
    pub subject: String,
    /// Who wrote the newest one.
    pub agent: PersonRef,
    /// The number of the newest one in the conversation.
    pub seq: i64,
    /// When it was written.
    pub at: Timestamp,
    /// Its beginning, at most [`COACHING_NOTICE_MAX`] characters.
    pub text: String,
    /// How many there are.
    pub count: i64,
}

impl Workitem {
    /// Whether its customer lacks something that was written to them: see [`ProviderLimits::undelivered`].
    pub fn undelivered(&self) -> bool {
        self.limits
            .as_ref()
            .is_some_and(|limits| limits.undelivered)
    }

    /// The service behind it, where it is social and the host says so.
    pub fn service(&self) -> Option<Service> {
        self.limits.as_ref()?.service
    }

    /// The customer's number on WhatsApp, unless they are called by it.
    pub fn number(&self) -> Option<&str> {
        let number = self.limits.as_ref()?.number.as_deref()?;
        (number != self.customer).then_some(number)
    }

    /// The wait of its customer, if they wait.
    pub fn waits(&self) -> Vec<ChannelWait> {
        let wait = |since| ChannelWait {
            channel: self.channel,
            since,
        };
        self.waiting_since.map(wait).into_iter().collect()
    }

    /// For whom the conversation waits.
    pub fn waiting_for(&self) -> WaitingFor {
        match (self.state, self.waiting_since) {
            (WorkitemState::Closed, _) => WaitingFor::Nobody,
            (WorkitemState::Queued, _) => WaitingFor::Queue,
            (_, Some(_)) | (WorkitemState::WrapUp, None) => WaitingFor::Agent,
            (WorkitemState::Active, None) => WaitingFor::Customer,
        }
    }
}

/// For whom a conversation waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitingFor {
    /// It is over.
    Nobody,
    /// For the queue, which assigns it to an agent.
    Queue,
    /// For its agent.
    Agent,
    /// For the customer.
    Customer,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_limits_of_another_release_are_read() {
        let before = r#"{"text": {"max": 9, "in_bytes": false}, "answer_until": null}"#;
        let limits: ProviderLimits = serde_json::from_str(before).expect("limits");
        assert_eq!((limits.stopped, limits.undelivered), (false, false));
        assert_eq!((limits.service, &limits.number), (None, &None));
        let after = before.replace("null", r#"null, "service": "carrier_pigeon""#);
        assert_eq!(serde_json::from_str(&after).ok(), Some(limits));
    }
}
