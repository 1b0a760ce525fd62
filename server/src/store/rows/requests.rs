//! Requests for assistance, and whom they reached.

use async_trait::async_trait;
use shared::assistance::Settled;
use shared::ids::{RequestId, UserId, WorkitemId};
use shared::people::PersonRef;

use crate::store::Stored;

/// A request as far as its end is concerned.
#[derive(Clone, Debug)]
pub struct RequestRow {
    /// Who asked.
    pub agent: PersonRef,
    /// What was asked.
    pub text: String,
    /// How it was settled; `None` while it is open.
    pub settled: Option<Settled>,
}

/// Reads of requests.
#[async_trait]
pub trait RequestReads: Send {
    /// A request.
    async fn request_find(&mut self, request: &RequestId) -> Stored<Option<RequestRow>>;
    /// The open requests that were raised from a workitem, the oldest first, with their agents.
    async fn requests_open_in(&mut self, workitem: &WorkitemId)
    -> Stored<Vec<(RequestId, UserId)>>;
    /// Everybody to whom the request was sent.
    async fn request_recipients(&mut self, request: &RequestId) -> Stored<Vec<UserId>>;
}

/// Writes of requests.
#[async_trait]
pub trait RequestRows: Send {
    /// Settles a request that is open. Answers whether it was.
    async fn request_settle(&mut self, request: &RequestId, settled: &Settled) -> Stored<bool>;
}
