//! What administrators see and change: users, teams, chat channels.

use serde::{Deserialize, Serialize};

use crate::ids::{ChannelKey, TeamId, UserId};
use crate::people::{PersonRef, Role};
use crate::text::DisplayName;
use crate::time::Timestamp;
use crate::workitem::ChannelCounts;

/// A user as an administrator sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserAccount {
    /// Who.
    pub id: UserId,
    /// Sign-in name.
    pub username: String,
    /// Display name.
    pub name: String,
    /// First one first.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub roles: Vec<Role>,
    /// A deactivated user cannot sign in and is offered nowhere.
    pub active: bool,
    /// How often name and roles were edited; an edit names the version that it started from.
    #[serde(default)]
    pub version: i64,
    /// How many active workitems of each channel the queue gives this agent; `None`: as many as the organisation's
    /// settings say.
    #[serde(default)]
    pub capacity: Option<ChannelCounts>,
    /// The names of the roles that were built and take the place of what the kinds have. Lists of users fill them in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub built: Vec<String>,
}

/// What a user shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserChange {
    /// Display name.
    pub name: DisplayName,
    /// First one first.
    pub roles: Vec<Role>,
    /// `None` leaves it as it is; only agents have numbers of their own.
    pub capacity: Option<CapacityChange>,
    /// The version of the account that this started from.
    pub version: i64,
}

/// How much work an agent shall be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapacityChange {
    /// As much as the organisation's settings say.
    Organisation,
    /// These numbers.
    Own(ChannelCounts),
}

impl CapacityChange {
    /// The agent's own numbers, if these are.
    pub fn own(self) -> Option<ChannelCounts> {
        match self {
            Self::Organisation => None,
            Self::Own(counts) => Some(counts),
        }
    }
}

/// A team with its people and its way in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Which.
    pub id: TeamId,
    /// Its name.
    pub name: String,
    /// Its agents.
    pub members: Vec<PersonRef>,
    /// Who supervises it.
    pub supervisors: Vec<PersonRef>,
    /// The chat channels that feed it.
    pub channels: Vec<ChatChannel>,
    /// How its queue stands beside those of other teams.
    #[serde(default)]
    pub priority: QueuePriority,
    /// How often name, people and priority were edited; an edit names the version that it started from.
    #[serde(default)]
    pub version: i64,
}

/// Which queue an agent of several teams is given work from first. Within one priority it goes by how long work waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueuePriority {
    /// Before all others.
    High,
    /// What a new team has.
    #[default]
    Normal,
    /// When nothing else waits.
    Low,
}

impl QueuePriority {
    /// All of them, the first one first.
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    /// The priority of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|priority| priority.code() == code)
    }
}

/// A chat page that customers open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatChannel {
    /// The public key; the page is `/chat/{key}`.
    pub key: ChannelKey,
    /// The heading of the page.
    pub name: String,
    /// Switched off, the page tells newcomers that nobody is there; conversations under way go on.
    pub active: bool,
    /// How often it was edited.
    #[serde(default)]
    pub version: i64,
    /// When a customer last wrote there, to the minute.
    #[serde(default)]
    pub heard_at: Option<Timestamp>,
}

/// The teams that a user is put into and taken out of. What it does not name stays as it is, so that two administrators who
/// change different teams do not undo each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipChange {
    /// Where they work from now on.
    pub works_in: Vec<TeamId>,
    /// Where they work no longer.
    pub leaves: Vec<TeamId>,
    /// What they supervise from now on.
    pub supervises: Vec<TeamId>,
    /// What they supervise no longer.
    pub hands_over: Vec<TeamId>,
}

impl MembershipChange {
    /// Every team that it names.
    pub fn teams(&self) -> impl Iterator<Item = &TeamId> {
        let of_agent = self.works_in.iter().chain(&self.leaves);
        of_agent.chain(&self.supervises).chain(&self.hands_over)
    }
}

/// Who shall be in a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamChange {
    /// The team's name.
    pub name: String,
    /// Its agents; each must hold the agent role.
    pub members: Vec<UserId>,
    /// Its supervisors; each must hold the supervisor role.
    pub supervisors: Vec<UserId>,
    /// `None` leaves it as it is, and is the usual one for a new team.
    #[serde(default)]
    pub priority: Option<QueuePriority>,
    /// The version of the team that this started from; 0 for a new one.
    #[serde(default)]
    pub version: i64,
}
