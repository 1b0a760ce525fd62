//! What supervisors see of their agents: the User Dashboard, and the open work of one agent.

use serde::{Deserialize, Serialize};

use super::{Channel, ChannelCounts, ChannelWait, Workitem, WorkitemState};
use crate::assistance::Claim;
use crate::escalation::Step;
use crate::ids::{RequestId, TeamId, UserId, WorkitemId};
use crate::people::{PersonRef, Presence};
use crate::time::Timestamp;

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

#[cfg(test)]
mod tests {
    use super::*;

    /// A row as the release before this one writes it.
    const BEFORE: &str = r#"{"id": "amy", "name": "Amy", "teams": ["Care"], "presence": "busy",
        "counts": {"chat": 2, "social": 0, "sms": 0, "phone": 0, "email": 1},
        "waiting_since": null, "hands": [], "monitored": 0}"#;

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
