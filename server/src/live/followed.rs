//! What one connection follows, and what of it waits to be sent.

use shared::ids::{TeamId, UserId};
use shared::live::Topic;
use shared::workitem::Workitem;

use crate::bus::BusTopic;

/// How one topic is followed.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// The last number handed on; for people the version that was sent, 0 for other projections.
    pub(super) rev: i64,
    /// The number of the tab's subscription, once it was answered; 0 before, and for a tab that does not number them.
    pub(super) answered: u64,
    /// Whether this connection holds a monitoring of it.
    pub(super) monitor: bool,
    /// For a projection: whether rows are sent once the whole was.
    pub(super) patches: bool,
    /// For a conversation: its last known agent and team.
    pub(super) holder: Option<Holder>,
    /// The bus topics whose events change what is shown. They are few, so a list takes the least memory.
    pub(super) bus_topics: Vec<BusTopic>,
}

/// The agent and the team of a workitem. Authority over it depends on both.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Holder {
    agent: Option<UserId>,
    team: TeamId,
}

impl Holder {
    pub(super) fn of(workitem: &Workitem) -> Self {
        Self {
            agent: workitem.agent.as_ref().map(|agent| agent.id.clone()),
            team: workitem.team.clone(),
        }
    }
}

/// A part of a projection that changed since it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stale {
    /// All of it.
    Whole(Topic),
    /// A row of the dashboard.
    Row(UserId),
    /// The dashboard's queues.
    Queues,
}

impl Stale {
    /// The projection that it belongs to.
    pub(super) fn topic(&self) -> &Topic {
        match self {
            Stale::Whole(topic) => topic,
            Stale::Row(_) | Stale::Queues => &Topic::Dashboard,
        }
    }
}
