//! Erasing a customer: what goes, and what is left in its place.

use serde::{Deserialize, Serialize};

use crate::ids::WorkitemId;
use crate::time::Timestamp;
use crate::workitem::{Channel, WorkitemState};

/// What stands where a customer's words, or words about them, were.
pub const ERASED: &str = "—";
/// The longest name that is searched for, in characters.
pub const SEARCH_MAX: usize = 80;

/// A customer who was found, by their latest workitem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerWorkitem {
    /// Which workitem.
    pub id: WorkitemId,
    /// The customer's name.
    pub customer: String,
    /// On which way they came.
    pub channel: Channel,
    /// Whether it is open.
    pub state: WorkitemState,
    /// When it came in.
    pub started_at: Timestamp,
    /// The number, the address or the id by which the customer is known; nothing of a visitor.
    #[serde(default)]
    pub address: Option<String>,
    /// How many workitems the customer has.
    #[serde(default)]
    pub workitems: i64,
}

/// How much of a customer there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Workitems: the one that was chosen, and all that the same visitor of the chat pages began.
    pub workitems: i64,
    /// How many of them are open; they are closed first.
    pub open: i64,
    /// Messages of the customer and to them.
    pub messages: i64,
    /// Files that came with them.
    #[serde(default)]
    pub files: i64,
    /// Coaching messages.
    pub coaching: i64,
    /// Notices.
    pub notices: i64,
    /// Requests for assistance that name one of the workitems.
    pub requests: i64,
}
