//! Events on their way to receivers of webhooks: what happened, as ids and codes.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use shared::ids::{EntryId, ReceiverId, RequestId, TeamId, UserId, WorkitemId};
use shared::time::Timestamp;
use shared::webhooks::{EventFailure, EventKind, EventState};
use shared::workitem::WorkitemState;

use super::ListedRequest;
use crate::store::Stored;

/// The kind of a job that delivers an event. Its queue is the receiver.
pub const EVENT_DELIVER: &str = "webhook_deliver";

/// What happened: ids and codes, never words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum EventFacts {
    /// Something became of a workitem.
    Workitem {
        /// Which.
        workitem: WorkitemId,
    },
    /// It was given to an agent.
    Assigned {
        /// Which.
        workitem: WorkitemId,
        /// To whom.
        agent: UserId,
    },
    /// It came into another state.
    State {
        /// Which.
        workitem: WorkitemId,
        /// Out of which.
        from: WorkitemState,
        /// Into which.
        to: WorkitemState,
    },
    /// A line of the customer's view.
    Message {
        /// In which workitem.
        workitem: WorkitemId,
        /// Its number there.
        number: i64,
    },
    /// A raised hand.
    Request {
        /// Which.
        request: RequestId,
    },
    /// An entry of the staff's log.
    Coaching {
        /// In which workitem.
        workitem: WorkitemId,
        /// Which.
        entry: EntryId,
    },
    /// A flag for review.
    Review {
        /// Of which workitem.
        workitem: WorkitemId,
        /// Which of its flags.
        number: i64,
    },
    /// Nothing: a receiver is tried.
    Test {
        /// Which time.
        test: String,
    },
}

impl EventFacts {
    /// The workitem that it is about, if it is about one.
    pub fn workitem(&self) -> Option<&WorkitemId> {
        match self {
            EventFacts::Workitem { workitem }
            | EventFacts::Assigned { workitem, .. }
            | EventFacts::State { workitem, .. }
            | EventFacts::Message { workitem, .. }
            | EventFacts::Coaching { workitem, .. }
            | EventFacts::Review { workitem, .. } => Some(workitem),
            EventFacts::Request { .. } | EventFacts::Test { .. } => None,
        }
    }
}

/// An event about to be added for a receiver.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    /// Its webhook-id.
    pub id: &'a str,
    /// For whom.
    pub receiver: &'a ReceiverId,
    /// What it says.
    pub kind: EventKind,
    /// Of what.
    pub facts: &'a EventFacts,
    /// Which of the workitem's events it is, where customers may know of it.
    pub sequence: Option<i64>,
    /// When it happened.
    pub at: Timestamp,
}

/// An event for a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its number among all events.
    pub number: i64,
    /// Its webhook-id.
    pub id: String,
    /// For whom.
    pub receiver: ReceiverId,
    /// What it says.
    pub kind: EventKind,
    /// Of what.
    pub facts: EventFacts,
    /// Which of the workitem's events it is, where customers may know of it.
    pub sequence: Option<i64>,
    /// When it happened.
    pub at: Timestamp,
    /// How far it has come.
    pub state: EventState,
    /// What came of it so far.
    pub tries: EventTries,
}

/// What came of the attempts to deliver an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventTries {
    /// How many there were.
    pub attempts: i64,
    /// When the last one was.
    pub tried_at: Option<Timestamp>,
    /// The status that it was answered with.
    pub status: Option<i64>,
    /// Why it failed.
    pub failure: Option<EventFailure>,
}

/// Reads of events, and of what they are about.
#[async_trait]
pub trait EventReads: Send {
    /// An event; nothing where it is gone, or only a later release knows it.
    async fn event_find(&mut self, event: &str) -> Stored<Option<EventRow>>;
    /// Whether an event is there, also one that only a later release knows.
    async fn event_is_there(&mut self, event: &str) -> Stored<bool>;
    /// At most `limit` events of a receiver with smaller numbers than `before`, the newest first.
    async fn events_before(
        &mut self,
        receiver: &ReceiverId,
        before: i64,
        limit: i64,
    ) -> Stored<Vec<EventRow>>;
    /// The teams that an event concerns: that of its workitem, as it stands, or those of the agent who raised a hand without
    /// one. None for a test, and where what it is about is gone.
    async fn event_teams(&mut self, facts: &EventFacts) -> Stored<Vec<TeamId>>;
    /// Whether the customer of a workitem was erased; nothing where there is no such workitem.
    async fn workitem_erased(&mut self, workitem: &WorkitemId) -> Stored<Option<bool>>;
    /// A request as lists show it.
    async fn request_listed(&mut self, request: &RequestId) -> Stored<Option<ListedRequest>>;
}

/// Writes of events.
#[async_trait]
pub trait EventRows: Send {
    /// Adds an event that waits.
    async fn event_insert(&mut self, event: &NewEvent<'_>) -> Stored<()>;
    /// Sets how far an event has come.
    async fn event_set(&mut self, event: &str, state: EventState, tries: &EventTries)
    -> Stored<()>;
    /// At most `limit` events of a receiver that happened at or after this time and were given up, the oldest first.
    async fn events_failed(
        &mut self,
        receiver: &ReceiverId,
        since: Timestamp,
        limit: i64,
    ) -> Stored<Vec<EventRow>>;
    /// The number of the workitem's next event. `NotFound` without such a workitem.
    async fn workitem_next_event(&mut self, workitem: &WorkitemId) -> Stored<i64>;
    /// Deletes at most `limit` events that happened before this time or whose receiver is deleted, with their jobs, and
    /// what is left of such receivers. Wipes keys that have expired at `now`. Answers how many events.
    async fn events_prune(&mut self, before: Timestamp, now: Timestamp, limit: i64) -> Stored<i64>;
}
