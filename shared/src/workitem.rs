//! Workitems: what an agent handles, as staff see it. Nothing here is ever sent to a customer.

use serde::{Deserialize, Serialize};

use crate::assistance::Claim;
use crate::escalation::Step;
use crate::ids::{EntryId, RequestId, TeamId, UserId, WorkitemId};
use crate::labels::LabelRef;
use crate::people::{Actor, Permission, PersonRef, Presence};
use crate::rating::Rating;
use crate::text::TextLimit;
use crate::time::Timestamp;
use crate::transcript::Entry;

/// The way on which a customer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The chat page or widget.
    Chat,
    /// Messenger and the like.
    Social,
    /// Text messages.
    Sms,
    /// A call; Sideline carries no voice, it records that there is one.
    Phone,
    /// Mail; Sideline carries none, it records that there is one.
    Email,
}

impl Channel {
    /// Every channel, in the order in which they are shown.
    pub const ALL: [Channel; 5] = [
        Channel::Chat,
        Channel::Social,
        Channel::Sms,
        Channel::Phone,
        Channel::Email,
    ];

    /// Whether a supervisor can coach here; phone and email are view-only.
    pub fn coachable(self) -> bool {
        matches!(self, Channel::Chat | Channel::Social | Channel::Sms)
    }

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            Channel::Chat => "chat",
            Channel::Social => "social",
            Channel::Sms => "sms",
            Channel::Phone => "phone",
            Channel::Email => "email",
        }
    }

    /// The channel of a code.
    pub fn from_code(code: &str) -> Option<Channel> {
        Channel::ALL
            .into_iter()
            .find(|channel| channel.code() == code)
    }
}

/// The service behind a social conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Instagram.
    Instagram,
    /// Messenger.
    Messenger,
    /// WhatsApp, where customers have telephone numbers.
    Whatsapp,
}

impl Service {
    /// The service of a kind of channel, such as `meta_whatsapp`; nothing for text messages.
    pub fn of_kind(kind: &str) -> Option<Service> {
        let (_, service) = kind.split_once('_')?;
        match service {
            "instagram" => Some(Service::Instagram),
            "messenger" => Some(Service::Messenger),
            "whatsapp" => Some(Service::Whatsapp),
            _ => None,
        }
    }
}

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
    /// Everybody who monitors it now, on the host.
    pub fn all_monitors(&self) -> impl Iterator<Item = &PersonRef> {
        self.monitors.iter().chain(&self.unannounced)
    }

    /// This supervisor, if they monitor it now: on the host.
    pub fn monitor(&self, supervisor: &UserId) -> Option<&PersonRef> {
        self.all_monitors().find(|who| who.id == *supervisor)
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

/// How many workitems of each channel: those that an agent has open, or may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelCounts {
    /// Chats.
    pub chat: i64,
    /// Social conversations.
    pub social: i64,
    /// SMS conversations.
    pub sms: i64,
    /// Calls.
    pub phone: i64,
    /// Mails.
    pub email: i64,
}

impl ChannelCounts {
    /// The count of one channel.
    pub fn of(&self, channel: Channel) -> i64 {
        match channel {
            Channel::Chat => self.chat,
            Channel::Social => self.social,
            Channel::Sms => self.sms,
            Channel::Phone => self.phone,
            Channel::Email => self.email,
        }
    }

    /// Counts one more.
    pub fn add(&mut self, channel: Channel, count: i64) {
        match channel {
            Channel::Chat => self.chat += count,
            Channel::Social => self.social += count,
            Channel::Sms => self.sms += count,
            Channel::Phone => self.phone += count,
            Channel::Email => self.email += count,
        }
    }

    /// All channels together.
    pub fn total(&self) -> i64 {
        Channel::ALL
            .into_iter()
            .map(|channel| self.of(channel))
            .sum()
    }

    /// Whether there is none of any channel.
    pub fn is_zero(&self) -> bool {
        self.total() == 0
    }
}

/// A raised hand that nobody has answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaisedHand {
    /// The request.
    pub request: RequestId,
    /// The text that the agent chose.
    pub text: String,
    /// Since when.
    pub at: Timestamp,
    /// The workitem that it was raised from.
    pub workitem: Option<WorkitemId>,
    /// Who sees to it; nobody yet, or a host of the release before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// Within how many minutes somebody should have seen to it, if its template said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_min: Option<i64>,
    /// Whom it was escalated to, because nobody claimed it.
    #[serde(default, skip_serializing_if = "Step::is_first")]
    pub escalated: Step,
    /// Whom the workitem is with. Only the User Dashboard says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<HandAbout>,
}

impl RaisedHand {
    /// When its target time is over.
    pub fn due(&self) -> Option<Timestamp> {
        let minutes = self.target_min?;
        Some(Timestamp(
            self.at.0.saturating_add(minutes.saturating_mul(60_000_000)),
        ))
    }
}

/// Whom the workitem of a raised hand is with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandAbout {
    /// On which way the customer came.
    pub channel: Channel,
    /// The customer's name.
    pub customer: String,
}

/// One agent on the User Dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRow {
    /// Who.
    pub id: UserId,
    /// Display name.
    pub name: String,
    /// The agent's teams under the supervisor's authority.
    pub teams: Vec<String>,
    /// Whether the agent can be reached.
    pub presence: Presence,
    /// Since when; nothing where the host does not know, or is one of the release before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence_since: Option<Timestamp>,
    /// Since when the agent, who has open work, has had no connection; only once it is too long ago (SPEC, E10).
    #[serde(default)]
    pub lost_since: Option<Timestamp>,
    /// Open workitems (active and wrap-up) by channel.
    pub counts: ChannelCounts,
    /// Those of them that are in wrap-up, which take no capacity; a host of the release before names none.
    #[serde(default, skip_serializing_if = "ChannelCounts::is_zero")]
    pub wrap_up: ChannelCounts,
    /// How many active workitems of each channel the agent is assigned, where that is not [`Dashboard::capacity`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<ChannelCounts>,
    /// Since when the customer who waits longest waits for this agent.
    pub waiting_since: Option<Timestamp>,
    /// The longest wait of each channel on which somebody waits for this agent; a host of the release before says nothing of it.
    #[serde(default)]
    pub waits: Vec<ChannelWait>,
    /// Unanswered requests, oldest first.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub hands: Vec<RaisedHand>,
    /// How many of the agent's workitems supervisors monitor now.
    pub monitored: i64,
}

impl AgentRow {
    /// Who waits for the agent, one for each channel. A host of the release before does not say on which: then as in a chat.
    pub fn waits(&self) -> Vec<ChannelWait> {
        match self.waiting_since {
            Some(since) if self.waits.is_empty() => vec![ChannelWait {
                channel: Channel::Chat,
                since,
            }],
            _ => self.waits.clone(),
        }
    }

    /// How many workitems of a channel are open in a state; none where no agent has work in it.
    pub fn in_state(&self, state: WorkitemState, channel: Channel) -> i64 {
        match state {
            WorkitemState::Active => self.counts.of(channel) - self.wrap_up.of(channel),
            WorkitemState::WrapUp => self.wrap_up.of(channel),
            WorkitemState::Queued | WorkitemState::Closed => 0,
        }
    }

    /// What the agent's capacity is taken by: active workitems by channel.
    pub fn active(&self) -> ChannelCounts {
        let mut active = ChannelCounts::default();
        for channel in Channel::ALL {
            active.add(channel, self.in_state(WorkitemState::Active, channel));
        }
        active
    }
}

impl Workitem {
    /// The wait of its customer, if they wait.
    pub fn waits(&self) -> Vec<ChannelWait> {
        let wait = |since| ChannelWait {
            channel: self.channel,
            since,
        };
        self.waiting_since.map(wait).into_iter().collect()
    }
}

/// Since when a customer waits for an agent on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelWait {
    /// On which.
    pub channel: Channel,
    /// Since when.
    pub since: Timestamp,
}

impl ChannelWait {
    /// When an answer is late. `within`: how many minutes each channel has.
    pub fn late_at(self, within: &ChannelCounts) -> Timestamp {
        Timestamp(self.since.0 + within.of(self.channel) * 60_000_000)
    }
}

/// The queue of one team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamQueue {
    /// Which team.
    pub team: TeamId,
    /// Its name.
    pub name: String,
    /// How many workitems wait for an agent.
    pub queued: i64,
    /// Since when the first of them waits.
    pub since: Option<Timestamp>,
}

/// The User Dashboard, whole: a projection, sent again when something in it changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    /// Agents by name.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub agents: Vec<AgentRow>,
    /// Queues of the supervised teams.
    pub queues: Vec<TeamQueue>,
    /// How many active workitems of each channel an agent is assigned who has no numbers of their own; a host of the release
    /// before does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<ChannelCounts>,
}

/// The open workitems of one agent: active and wrap-up, in order of their start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentWorkitems {
    /// Whose.
    pub agent: PersonRef,
    /// Whether the agent can be reached.
    pub presence: Presence,
    /// Since when the agent has had no connection; only once it is too long ago (SPEC, E10).
    #[serde(default)]
    pub lost_since: Option<Timestamp>,
    /// The workitems.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub workitems: Vec<Workitem>,
    /// The agent's requests that wait for help, oldest first.
    #[serde(default, deserialize_with = "crate::lenient::list")]
    pub hands: Vec<RaisedHand>,
}

/// Whom a workitem can be handed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferOptions {
    /// Other agents, with their presence.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub agents: Vec<(PersonRef, Presence)>,
    /// Teams, whose agents get it as they get new work.
    pub teams: Vec<(TeamId, String)>,
    /// How many active workitems of each channel an agent has, and how many they may have; a host of the release before names nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loads: Vec<(UserId, ChannelCounts, ChannelCounts)>,
}

impl TransferOptions {
    /// How many active workitems of a channel an agent has, and how many they may have.
    pub fn load(&self, agent: &UserId, channel: Channel) -> Option<Load> {
        let (_, active, most) = self.loads.iter().find(|(known, ..)| known == agent)?;
        Some(Load {
            active: active.of(channel),
            most: most.of(channel),
        })
    }
}

/// How much an agent has of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// How many active workitems.
    pub active: i64,
    /// How many of them work is assigned up to.
    pub most: i64,
}

impl Load {
    /// Whether the agent can take no more at once.
    pub fn is_full(self) -> bool {
        self.active >= self.most
    }
}

/// Whom a workitem is handed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferTo {
    /// One agent, at once.
    Agent(UserId),
    /// A team: the available agent with the fewest active workitems, or the queue.
    Team(TeamId),
}

/// A call that was handed to the device's telephony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallPlaced {
    /// The phone workitem that records it.
    pub workitem: WorkitemId,
    /// The address to open: `tel:…`, or the configured pattern with the number in it.
    pub url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row as the release before this one writes it.
    const BEFORE: &str = r#"{"id": "amy", "name": "Amy", "teams": ["Care"], "presence": "busy",
        "counts": {"chat": 2, "social": 0, "sms": 0, "phone": 0, "email": 1},
        "waiting_since": null, "hands": [], "monitored": 0}"#;

    #[test]
    fn provider_limits_of_another_release_are_read() {
        let before = r#"{"text": {"max": 9, "in_bytes": false}, "answer_until": null}"#;
        let limits: ProviderLimits = serde_json::from_str(before).expect("limits");
        assert_eq!((limits.stopped, limits.undelivered), (false, false));
        assert_eq!((limits.service, &limits.number), (None, &None));
        let after = before.replace("null", r#"null, "service": "carrier_pigeon""#);
        assert_eq!(serde_json::from_str(&after).ok(), Some(limits));
    }

    #[test]
    fn a_kind_of_channel_has_its_service() {
        for (kind, service) in [
            ("meta_instagram", Some(Service::Instagram)),
            ("meta_messenger", Some(Service::Messenger)),
            ("meta_whatsapp", Some(Service::Whatsapp)),
            ("twilio_whatsapp", Some(Service::Whatsapp)),
            ("twilio_sms", None),
            ("chat", None),
        ] {
            assert_eq!(Service::of_kind(kind), service, "{kind}");
        }
    }

    #[test]
    fn e06_a_dashboard_of_the_release_before_is_read() {
        let row: AgentRow = serde_json::from_str(BEFORE).expect("a row");
        assert_eq!((row.presence_since, row.capacity), (None, None));
        assert_eq!(row.in_state(WorkitemState::Active, Channel::Chat), 2);
        assert_eq!(row.in_state(WorkitemState::WrapUp, Channel::Chat), 0);
        let whole = format!(r#"{{"agents": [{BEFORE}], "queues": []}}"#);
        let dashboard: Dashboard = serde_json::from_str(&whole).expect("a dashboard");
        assert_eq!((dashboard.agents, dashboard.capacity), (vec![row], None));
    }

    #[test]
    fn a_row_says_what_is_new_only_where_there_is_something_to_say() {
        let mut row: AgentRow = serde_json::from_str(BEFORE).expect("a row");
        let text = |row: &AgentRow| serde_json::to_string(row).expect("a text");
        for name in ["presence_since", "wrap_up", "capacity"] {
            assert!(!text(&row).contains(name), "{name}");
        }
        row.presence_since = Some(Timestamp(7));
        row.wrap_up.add(Channel::Chat, 1);
        row.capacity = Some(ChannelCounts::default());
        assert_eq!(row.in_state(WorkitemState::Active, Channel::Chat), 1);
        assert_eq!(row.in_state(WorkitemState::WrapUp, Channel::Chat), 1);
        assert_eq!(
            serde_json::from_str::<AgentRow>(&text(&row)).ok(),
            Some(row)
        );
    }
}
