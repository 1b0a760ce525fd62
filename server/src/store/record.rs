//! What the store returns to the desk.

use shared::chat_settings::ChatSettings;
use shared::customer::CustomerFrame;
use shared::ids::{ChannelKey, TeamId, UserId, WorkitemId};
use shared::people::{Actor, PersonRef, Presence};
use shared::policy::{AgentFacts, WorkitemFacts};
use shared::reviews::Review;
use shared::time::Timestamp;
use shared::transcript::Entry;
use shared::workitem::{Channel, ChannelCounts, Workitem};

/// A signed-in session.
#[derive(Clone, Debug)]
pub struct Session {
    /// The session's id: the hash of its token, in hex.
    pub id: String,
    /// Who is signed in.
    pub actor: Actor,
}

/// What signing in needs.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose.
    pub user: UserId,
    /// PHC string of argon2id.
    pub password_hash: String,
    /// Deactivated users cannot sign in.
    pub active: bool,
    /// Somebody else chose the password; the user has to choose another one.
    pub temporary: bool,
}

/// A workitem with what the policy needs to know of it.
#[derive(Clone, Debug)]
pub struct WorkitemRecord {
    /// As lists show it.
    pub workitem: Workitem,
    /// For the policy.
    pub facts: WorkitemFacts,
}

/// An agent with what the policy needs to know of them.
#[derive(Clone, Debug)]
pub struct AgentRecord {
    /// Who.
    pub person: PersonRef,
    /// For the policy.
    pub facts: AgentFacts,
    /// What the agent chose.
    pub presence: Presence,
}

/// A workitem that waits for an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Which.
    pub workitem: WorkitemId,
    /// In whose queue.
    pub team: TeamId,
    /// On which way the customer came.
    pub channel: Channel,
}

/// An agent who chose `available`, with what decides about further work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub agent: UserId,
    /// Of the teams that were asked about.
    pub teams: Vec<TeamId>,
    /// How much they have.
    pub active: ChannelCounts,
    /// How much they may have.
    pub capacity: ChannelCounts,
    /// When they were last given work.
    pub assigned_at: Timestamp,
}

/// Why work is taken from an agent who is not connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reclaim {
    /// They have been away for too long: conversations in which the customer waits, and what is in wrap-up.
    Lost {
        /// For how many seconds.
        seconds: i64,
        /// Work that they were given after this time is left to them: somebody handed it to them while they were away,
        /// not so long ago.
        given_until: Timestamp,
    },
    /// They were given it after this time, at which their browser was heard last.
    Unseen(Timestamp),
}

/// A page of a conversation, read in one transaction.
#[derive(Clone, Debug)]
pub struct EntryPage {
    /// The heading.
    pub workitem: Workitem,
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// Whether there are older ones.
    pub older: bool,
    /// The topic's head.
    pub rev: i64,
    /// With the newest page, its latest flag for review as the viewer may see it.
    pub review: Option<Box<Review>>,
}

/// Where a visitor is on a channel: their latest conversation there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerVisit {
    /// Which.
    pub workitem: WorkitemId,
    /// How the visitor introduced themselves in it.
    pub name: String,
    /// Whether the conversation is over.
    pub ended: bool,
    /// Whether its last line asks for a rating.
    pub asks: bool,
    /// Whether it was rated.
    pub rated: bool,
    /// The number of its last line.
    pub head: i64,
    /// When its first line was written.
    pub began: Timestamp,
}

/// What a customer's send became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerSent {
    /// The visitor's present workitem.
    pub workitem: WorkitemId,
    /// The line as the customer sees it.
    pub frame: CustomerFrame,
    /// Whether a new workitem was queued with it.
    pub begun: bool,
}

/// A channel as what customers do needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRecord {
    /// The public key.
    pub key: ChannelKey,
    /// Its kind: [`CHAT`](ChannelRecord::CHAT), or one of a provider.
    pub kind: String,
    /// The heading of its page.
    pub name: String,
    /// The team that it feeds.
    pub team: TeamId,
    /// Whether it takes messages.
    pub active: bool,
    /// Its settings, as they are stored: texts by name in JSON.
    pub settings: String,
    /// When something last came in, on a chat page to the minute.
    pub heard_at: Option<Timestamp>,
}

impl ChannelRecord {
    /// The kind of a chat page.
    pub const CHAT: &str = "chat";

    /// Whether it is a chat page.
    pub fn is_chat(&self) -> bool {
        self.kind == Self::CHAT
    }

    /// The settings of a chat page.
    pub fn chat_settings(&self) -> ChatSettings {
        ChatSettings::stored(&self.settings)
    }
}
