//! What nodes say to each other: that something changed, never what. Who hears it reads the database.
//!
//! A hint may be lost, late or repeated. It holds ids and numbers, so that the server in between reads no conversation, and so that
//! nothing that comes from there is shown; only who writes at the moment, which is stored nowhere, is named.

use serde::{Deserialize, Serialize};
use shared::ids::{ChannelKey, TeamId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::transcript::WorkitemChange;
use shared::workitem::Workitem;

use super::BusTopic;
use crate::store::Change;

/// Whose a workitem is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Who has it; nobody while it waits.
    pub agent: Option<UserId>,
    /// In which team.
    pub team: TeamId,
}

impl Holder {
    /// As it is in a workitem.
    pub fn of(workitem: &Workitem) -> Self {
        Self {
            agent: workitem.agent.as_ref().map(|agent| agent.id.clone()),
            team: workitem.team.clone(),
        }
    }
}

/// A change on another node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    /// A workitem's staff log stands here.
    Workitem {
        /// Which.
        id: WorkitemId,
        /// The head.
        rev: i64,
        /// Whose it is, where the workitem itself changed.
        holder: Option<Holder>,
    },
    /// The customer's view of a workitem stands here.
    Customer {
        /// Which.
        id: WorkitemId,
        /// The head.
        seq: i64,
    },
    /// See [`Change::CustomerAccess`].
    CustomerAccess(WorkitemId),
    /// See [`Change::ChatAccess`].
    ChatAccess(ChannelKey),
    /// A user's log stands here.
    Notification {
        /// Whose.
        user: UserId,
        /// The head.
        seq: i64,
    },
    /// See [`Change::AgentTyping`].
    AgentTyping {
        /// In which workitem.
        id: WorkitemId,
        /// The agent's name, as the customer reads it.
        name: String,
    },
    /// See [`Change::CustomerTyping`].
    CustomerTyping(WorkitemId),
    /// See [`Change::CoachingTyping`].
    CoachingTyping {
        /// In which workitem.
        id: WorkitemId,
        /// Who, as staff read it.
        by: PersonRef,
    },
    /// See [`Change::Alerts`].
    Alerts(TeamId),
    /// See [`Change::AlertRules`].
    AlertRules,
    /// See [`Change::Review`].
    Review(WorkitemId),
    /// See [`Change::Replies`].
    Replies(UserId),
    /// See [`Change::Monitors`].
    Monitors {
        /// In which workitem.
        id: WorkitemId,
        /// Who has it.
        agent: Option<UserId>,
    },
    /// See [`Change::Agent`].
    Agent(UserId),
    /// See [`Change::Hands`].
    Hands(UserId),
    /// See [`Change::Queue`].
    Queue(TeamId),
    /// See [`Change::People`].
    People,
    /// See [`Change::Presence`].
    Presence(UserId),
    /// See [`Change::Assistance`].
    Assistance,
    /// See [`Change::Authority`].
    Authority(UserId),
    /// See [`Change::SignedOut`].
    SignedOut {
        /// Whose.
        user: UserId,
        /// The session's id.
        session: String,
    },
    /// See [`Change::SessionsEnded`].
    SessionsEnded {
        /// Whose.
        user: UserId,
        /// The session that lasts.
        except: Option<String>,
    },
    /// Other live connections, or another node.
    Nodes,
}

impl Hint {
    /// The hint of a change that this node made; nothing for one that concerns this node alone.
    pub fn of(change: &Change) -> Option<Self> {
        Some(match change.clone() {
            Change::Workitem { id, rev, change } => Self::Workitem {
                id,
                rev,
                holder: match change {
                    WorkitemChange::Workitem(workitem) => Some(Holder::of(&workitem)),
                    WorkitemChange::Entry(_) => None,
                },
            },
            Change::FormerCoaching { id, rev, .. } => Self::Workitem {
                id,
                rev,
                holder: None,
            },
            Change::Customer { id, frame } => Self::Customer { id, seq: frame.seq },
            Change::CustomerAccess(id) => Self::CustomerAccess(id),
            Change::ChatAccess(channel) => Self::ChatAccess(channel),
            Change::Notification { user, seq, .. } => Self::Notification { user, seq },
            Change::AgentTyping { id, name } => Self::AgentTyping { id, name },
            Change::CustomerTyping(id) => Self::CustomerTyping(id),
            Change::CoachingTyping { id, by } => Self::CoachingTyping { id, by },
            Change::Alerts(team) => Self::Alerts(team),
            Change::AlertRules => Self::AlertRules,
            Change::Review(id) => Self::Review(id),
            Change::Replies(user) => Self::Replies(user),
            Change::Monitors { id, agent } => Self::Monitors { id, agent },
            Change::Agent(user) => Self::Agent(user),
            Change::Hands(user) => Self::Hands(user),
            Change::Queue(team) => Self::Queue(team),
            Change::People => Self::People,
            Change::Presence(user) => Self::Presence(user),
            Change::Assistance => Self::Assistance,
            Change::Authority(user) => Self::Authority(user),
            Change::SignedOut { user, session } => Self::SignedOut { user, session },
            Change::SessionsEnded { user, except } => Self::SessionsEnded { user, except },
            // Each node has its own list of people and its own sweep; a worker looks for what waits on its own schedule.
            Change::WorkitemHead { .. }
            | Change::CustomerHead { .. }
            | Change::NotificationHead { .. }
            | Change::PeopleRows { .. }
            | Change::PeopleHead(_)
            | Change::EventQueued => return None,
        })
    }

    /// The hints of what one command changed.
    pub fn of_all(changes: &[Change]) -> Vec<Self> {
        Self::merged(changes.iter().filter_map(Self::of))
    }

    /// Of each log one, which tells where it stands in the end, and nothing twice: each wakes everybody who follows.
    fn merged(hints: impl Iterator<Item = Self>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for hint in hints {
            if !all.iter_mut().any(|known| known.stands_for(&hint)) {
                all.push(hint);
            }
        }
        all
    }

    /// Whether it stands for a later one as well; from then on it does.
    fn stands_for(&mut self, later: &Self) -> bool {
        match (self, later) {
            (
                Self::Workitem { id, rev, holder },
                Self::Workitem {
                    id: same,
                    rev: then,
                    holder: whose,
                },
            ) if id == same => {
                *rev = (*rev).max(*then);
                if whose.is_some() {
                    holder.clone_from(whose);
                }
                true
            }
            (
                Self::Customer { id, seq },
                Self::Customer {
                    id: same,
                    seq: then,
                },
            ) if id == same => {
                *seq = (*seq).max(*then);
                true
            }
            (
                Self::Notification { user, seq },
                Self::Notification {
                    user: same,
                    seq: then,
                },
            ) if user == same => {
                *seq = (*seq).max(*then);
                true
            }
            (known, later) => known == later,
        }
    }

    /// The change as this node publishes it; nothing for one that nobody here subscribes to.
    pub fn change(self) -> Option<Change> {
        Some(match self {
            Self::Workitem { id, rev, .. } => Change::WorkitemHead { id, rev },
            Self::Customer { id, seq } => Change::CustomerHead { id, seq },
            Self::CustomerAccess(id) => Change::CustomerAccess(id),
            Self::ChatAccess(channel) => Change::ChatAccess(channel),
            Self::Notification { user, seq } => Change::NotificationHead { user, seq },
            Self::AgentTyping { id, name } => Change::AgentTyping { id, name },
            Self::CustomerTyping(id) => Change::CustomerTyping(id),
            Self::CoachingTyping { id, by } => Change::CoachingTyping { id, by },
            Self::Alerts(team) => Change::Alerts(team),
            Self::AlertRules => Change::AlertRules,
            Self::Review(id) => Change::Review(id),
            Self::Replies(user) => Change::Replies(user),
            Self::Monitors { id, agent } => Change::Monitors { id, agent },
            Self::Agent(user) => Change::Agent(user),
            Self::Hands(user) => Change::Hands(user),
            Self::Queue(team) => Change::Queue(team),
            Self::People => Change::People,
            Self::Presence(user) => Change::Presence(user),
            Self::Assistance => Change::Assistance,
            Self::Authority(user) => Change::Authority(user),
            Self::SignedOut { user, session } => Change::SignedOut { user, session },
            Self::SessionsEnded { user, except } => Change::SessionsEnded { user, except },
            Self::Nodes => return None,
        })
    }

    /// Where it is said.
    pub fn subject(&self) -> String {
        match self {
            Self::Workitem { id, .. }
            | Self::CustomerTyping(id)
            | Self::Review(id)
            | Self::CoachingTyping { id, .. } => workitem(id),
            Self::Customer { id, .. } | Self::AgentTyping { id, .. } | Self::CustomerAccess(id) => {
                customer(id)
            }
            Self::Notification { user, .. } | Self::Replies(user) => notifications(user),
            Self::Agent(user)
            | Self::Hands(user)
            | Self::Monitors {
                agent: Some(user), ..
            } => agent(user),
            Self::Monitors { id, agent: None } => workitem(id),
            Self::Alerts(team) => alerts(team),
            // The list of people, which each node has, shows every presence.
            Self::AlertRules
            | Self::ChatAccess(_)
            | Self::Presence(_)
            | Self::Queue(_)
            | Self::People
            | Self::Assistance
            | Self::Authority(_)
            | Self::SignedOut { .. }
            | Self::SessionsEnded { .. }
            | Self::Nodes => ALL.to_owned(),
        }
    }
}

/// What each node follows, even with no subscribers: rare changes, and what the desk itself needs.
pub const ALL: &str = "all";

fn workitem(id: &WorkitemId) -> String {
    format!("workitem.{id}")
}

fn customer(id: &WorkitemId) -> String {
    format!("customer.{id}")
}

fn notifications(user: &UserId) -> String {
    format!("user.{user}")
}

fn agent(user: &UserId) -> String {
    format!("agent.{user}")
}

fn alerts(team: &TeamId) -> String {
    format!("alerts.{team}")
}

/// The subject that a node follows while somebody here subscribes to a topic; nothing for what it follows in any case.
pub fn followed(topic: &BusTopic) -> Option<String> {
    Some(match topic {
        BusTopic::Workitem(id) => workitem(id),
        BusTopic::Customer(id) => customer(id),
        BusTopic::Notifications(user) => notifications(user),
        BusTopic::Agent(user) => agent(user),
        BusTopic::Alerts(team) => alerts(team),
        BusTopic::ChatChannel(_)
        | BusTopic::Queue(_)
        | BusTopic::People
        | BusTopic::Directory
        | BusTopic::Assistance
        | BusTopic::AlertRules
        | BusTopic::Events
        | BusTopic::Control(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_changed_is_told_once_for_each_log() {
        let (chat, other) = (
            WorkitemId::parse("w1").unwrap(),
            WorkitemId::parse("w2").unwrap(),
        );
        let (amy, ben) = (UserId::parse("amy").unwrap(), UserId::parse("ben").unwrap());
        let holder = |agent: &UserId| {
            Some(Holder {
                agent: Some(agent.clone()),
                team: TeamId::parse("care").unwrap(),
            })
        };
        let stands = |id: &WorkitemId, rev, holder| Hint::Workitem {
            id: id.clone(),
            rev,
            holder,
        };
        let shown = |seq| Hint::Customer {
            id: chat.clone(),
            seq,
        };
        let told = |user: &UserId, seq| Hint::Notification {
            user: user.clone(),
            seq,
        };
        let said = [
            stands(&chat, 7, None),
            shown(3),
            stands(&chat, 8, holder(&amy)),
            Hint::Agent(amy.clone()),
            stands(&other, 2, None),
            told(&amy, 4),
            told(&ben, 9),
            stands(&chat, 9, holder(&ben)),
            stands(&chat, 10, None),
            shown(4),
            told(&amy, 5),
            Hint::Agent(amy.clone()),
            Hint::Agent(ben.clone()),
            Hint::Hands(amy.clone()),
        ];
        let expected = [
            stands(&chat, 10, holder(&ben)),
            shown(4),
            Hint::Agent(amy.clone()),
            stands(&other, 2, None),
            told(&amy, 5),
            told(&ben, 9),
            Hint::Agent(ben),
            Hint::Hands(amy),
        ];
        assert_eq!(Hint::merged(said.into_iter()), expected);
    }

    #[test]
    fn who_may_read_a_chat_is_asked_on_each_node() {
        let channel = Change::ChatAccess(ChannelKey::parse("care").unwrap());
        let customer = Change::CustomerAccess(WorkitemId::parse("w1").unwrap());
        for (change, subject) in [(channel, ALL), (customer, "customer.w1")] {
            let hint = Hint::of(&change).expect("a hint");
            assert_eq!(hint.subject(), subject);
            assert_eq!(hint.change(), Some(change));
        }
    }
}
