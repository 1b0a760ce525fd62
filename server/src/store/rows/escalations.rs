//! Escalation of requests for assistance that nobody has claimed.

use async_trait::async_trait;
use shared::escalation::{Escalation, Step};
use shared::ids::{RequestId, TeamId, WorkitemId};
use shared::people::PersonRef;
use shared::time::Timestamp;

use crate::store::Stored;

/// A request that a step is due for.
#[derive(Clone, Debug)]
pub struct DueRequest {
    /// Which.
    pub request: RequestId,
    /// Whose.
    pub agent: PersonRef,
    /// What was asked.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// The workitem that it was raised from, with its subject.
    pub workitem: Option<(WorkitemId, String)>,
    /// The step.
    pub step: Step,
    /// Who is on call, with that step.
    pub on_call: Option<PersonRef>,
}

/// Reads of escalations.
#[async_trait]
pub trait EscalationReads: Send {
    /// The steps of a team.
    async fn escalation_find(&mut self, team: &TeamId) -> Stored<Option<Escalation>>;
    /// The steps of all teams that have some.
    async fn escalation_list(&mut self) -> Stored<Vec<Escalation>>;
    /// Requests for which a step is due at this time, the oldest first, and of several steps the first.
    async fn requests_due(&mut self, at: Timestamp) -> Stored<Vec<DueRequest>>;
}

/// Writes of escalations.
#[async_trait]
pub trait EscalationRows: Send {
    /// Sets the steps of a team.
    async fn escalation_set(&mut self, escalation: &Escalation) -> Stored<()>;
    /// Notes how far a request has escalated.
    async fn request_set_escalated(&mut self, request: &RequestId, step: Step) -> Stored<()>;
}
