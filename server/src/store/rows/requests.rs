//! Requests for assistance, and whom they reached.

use async_trait::async_trait;
use shared::assistance::{Claim, Settled, SettledHow};
use shared::ids::{RequestId, TeamId, TemplateId, UserId, WorkitemId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::workitem::RaisedHand;

use crate::store::Stored;

/// A request as far as its end is concerned.
#[derive(Clone, Debug)]
pub struct RequestRow {
    /// Who asked.
    pub agent: PersonRef,
    /// What was asked.
    pub text: String,
    /// The workitem that it was raised from.
    pub workitem: Option<WorkitemId>,
    /// Who sees to it, or did until it was settled.
    pub claim: Option<Claim>,
    /// How it was settled; `None` while it is open.
    pub settled: Option<Settled>,
}

/// A request as lists show it.
#[derive(Clone, Debug)]
pub struct ListedRequest {
    /// Which.
    pub id: RequestId,
    /// Who asked.
    pub agent: PersonRef,
    /// What was asked.
    pub text: String,
    /// The workitem that it was raised from.
    pub workitem: Option<WorkitemId>,
    /// When.
    pub at: Timestamp,
    /// Within how many minutes somebody should have seen to it.
    pub target_min: Option<i64>,
    /// Who sees to it, or did until it was settled.
    pub claim: Option<Claim>,
    /// How it was settled; `None` while it is open.
    pub settled: Option<Settled>,
}

/// A request about to be stored.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// Its id.
    pub id: RequestId,
    /// Who asks.
    pub agent: UserId,
    /// What is asked.
    pub text: String,
    /// The template that it was made from, for figures.
    pub template: TemplateId,
    /// How the recipients were chosen, for the record.
    pub choice: &'static str,
    /// The workitem that it is about, with its subject.
    pub workitem: Option<(WorkitemId, String)>,
    /// Within how many minutes somebody should have seen to it.
    pub target_min: Option<i64>,
    /// When.
    pub at: Timestamp,
}

/// Reads of requests.
#[async_trait]
pub trait RequestReads: Send {
    /// A request.
    async fn request_find(&mut self, request: &RequestId) -> Stored<Option<RequestRow>>;
    /// At most `limit` requests before this place (a time, and an id within it), of the agents of one team or of all, the
    /// newest first.
    async fn requests_before(
        &mut self,
        team: Option<&TeamId>,
        at: Timestamp,
        id: &str,
        limit: i64,
    ) -> Stored<Vec<ListedRequest>>;
    /// At most `limit` requests of the agents of these teams, the newest first: those of the time that begins with `from` and ends
    /// before `until`.
    async fn requests_between(
        &mut self,
        teams: &[TeamId],
        from: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Stored<Vec<ListedRequest>>;
    /// The open requests that were raised from a workitem, the oldest first, with their agents.
    async fn requests_open_in(&mut self, workitem: &WorkitemId)
    -> Stored<Vec<(RequestId, UserId)>>;
    /// The open requests of an agent, the oldest first.
    async fn requests_open_of(&mut self, agent: &UserId) -> Stored<Vec<RaisedHand>>;
    /// The open requests of an agent that were sent to this supervisor and that nobody else has, and those that the
    /// supervisor has, the oldest first.
    async fn requests_open_between(
        &mut self,
        agent: &UserId,
        supervisor: &UserId,
    ) -> Stored<Vec<RequestId>>;
    /// The open requests that nobody can answer or that nobody needs an answer to any more, the oldest first, with the
    /// reason.
    async fn requests_stranded(&mut self) -> Stored<Vec<(RequestId, SettledHow)>>;
    /// The open requests that are claimed by somebody who supervises the agent no more, the oldest first.
    async fn claims_stranded(&mut self) -> Stored<Vec<RequestId>>;
    /// Whether the request of an agent was sent to this user.
    async fn request_was_sent(
        &mut self,
        request: &RequestId,
        agent: &UserId,
        to: &UserId,
    ) -> Stored<bool>;
    /// Everybody to whom the request was sent.
    async fn request_recipients(&mut self, request: &RequestId) -> Stored<Vec<UserId>>;
}

/// Writes of requests.
#[async_trait]
pub trait RequestRows: Send {
    /// Stores a request.
    async fn request_insert(&mut self, request: &NewRequest) -> Stored<()>;
    /// Says who sees to a request; `None`: nobody any more.
    async fn request_set_claim(&mut self, request: &RequestId, claim: Option<&Claim>)
    -> Stored<()>;
    /// Settles a request that is open. Answers whether it was.
    async fn request_settle(&mut self, request: &RequestId, settled: &Settled) -> Stored<bool>;
}
