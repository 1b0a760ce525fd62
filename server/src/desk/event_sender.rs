//! What the desk asks of whatever sends events to other systems. The desk knows no socket and no format.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use shared::customer::CustomerFrame;
use shared::ids::UserId;
use shared::reviews::Review;
use shared::time::Timestamp;
use shared::transcript::Entry;
use shared::webhooks::{EventFailure, EventKind};
use shared::workitem::{Workitem, WorkitemState};

use crate::secrets::Secret;
use crate::store::rows::ListedRequest;

/// What an event says.
#[derive(Clone, Debug)]
pub enum EventContent {
    /// A workitem, as it stands.
    Workitem {
        /// It.
        workitem: Box<Workitem>,
    },
    /// It was given to an agent.
    Assigned {
        /// As it stands.
        workitem: Box<Workitem>,
        /// To whom.
        agent: UserId,
    },
    /// It came into another state.
    State {
        /// As it stands.
        workitem: Box<Workitem>,
        /// Out of which.
        from: WorkitemState,
        /// Into which.
        to: WorkitemState,
    },
    /// A line of the customer's view, which no coaching fits.
    Message {
        /// The workitem, as it stands.
        workitem: Box<Workitem>,
        /// The line.
        line: CustomerFrame,
    },
    /// A raised hand, as it stands.
    Request(ListedRequest),
    /// Coaching, as it stands.
    Coaching {
        /// The workitem, as it stands.
        workitem: Box<Workitem>,
        /// The entry.
        entry: Box<Entry>,
    },
    /// A flag for review, as it stands.
    Review {
        /// The workitem, as it stands.
        workitem: Box<Workitem>,
        /// The flag.
        review: Box<Review>,
    },
    /// Nothing: a receiver is tried.
    Test,
}

/// An event on its way to a receiver.
#[derive(Clone, Debug)]
pub struct OutgoingEvent {
    /// Its webhook-id.
    pub id: String,
    /// What it says.
    pub kind: EventKind,
    /// When it happened.
    pub happened_at: Timestamp,
    /// Which of the workitem's events it is, where customers may know of it.
    pub sequence: Option<i64>,
    /// Of what.
    pub content: EventContent,
    /// When it is sent.
    pub sent_at: Timestamp,
    /// The receiver's address.
    pub url: Secret,
    /// The receiver's keys, the present one first.
    pub keys: Vec<Secret>,
}

/// Why a receiver did not take an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendFailure {
    /// What happened.
    pub failure: EventFailure,
    /// The status that it answered with.
    pub status: Option<i64>,
    /// When it wants to be asked again.
    pub after: Option<Duration>,
}

impl SendFailure {
    /// A failure without an answer.
    pub fn of(failure: EventFailure) -> Self {
        Self {
            failure,
            status: None,
            after: None,
        }
    }
}

/// What is wrong with the address of a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlProblem {
    /// No address of the web, or one with signs that have no place in it.
    Unreadable,
    /// More characters than [`shared::webhooks::URL_MAX`].
    TooLong,
    /// Not `https`, and not `http` to a network that the operator allows.
    NotHttps,
    /// A name or a password in front of the host.
    UserInfo,
    /// Nobody knows the host.
    UnknownHost,
    /// The host is in a network to which nothing is sent.
    AddressRefused,
}

/// Sends events. Implemented where there are sockets (`crate::webhooks`).
#[async_trait]
pub trait EventSender: Send + Sync + 'static {
    /// Checks an address as it was typed: scheme, host and port, which may be shown.
    async fn check(&self, url: &str) -> Result<String, UrlProblem>;
    /// Sends an event: the status with which the receiver took it.
    async fn send(&self, event: &OutgoingEvent) -> Result<i64, SendFailure>;
}

/// What sends events on this host. Cheap to clone.
#[derive(Clone, Default)]
pub struct Webhooks(Option<Arc<dyn EventSender>>);

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Webhooks").field(&self.0.is_some()).finish()
    }
}

impl Webhooks {
    /// By this one. Without any, no host is known.
    pub fn by(sender: impl EventSender) -> Self {
        Self(Some(Arc::new(sender)))
    }

    pub(super) async fn check(&self, url: &str) -> Result<String, UrlProblem> {
        match &self.0 {
            Some(sender) => sender.check(url).await,
            None => Err(UrlProblem::UnknownHost),
        }
    }

    pub(super) async fn send(&self, event: &OutgoingEvent) -> Result<i64, SendFailure> {
        match &self.0 {
            Some(sender) => sender.send(event).await,
            None => Err(SendFailure::of(EventFailure::UnknownHost)),
        }
    }
}
