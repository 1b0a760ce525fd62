//! What a customer gets. These types cannot carry coaching, monitors, staff numbers or anything that hints at
//! them; that is the point of their being apart. Never add a field here that staff actions other than an
//! ordinary message can change.
//!
//! What is said is a [`MessageText`]:
//!
//! ```
//! # use shared::{customer::CustomerBody, text::MessageText};
//! fn say(name: String, text: MessageText) -> CustomerBody {
//!     CustomerBody::Theirs { name, text }
//! }
//! ```
//!
//! Coaching is of another type, which fits in no way, neither as it is nor converted:
//!
//! ```compile_fail,E0308
//! # use shared::{customer::CustomerBody, text::CoachingText};
//! fn say(name: String, text: CoachingText) -> CustomerBody {
//!     CustomerBody::Theirs { name, text }
//! }
//! ```
//!
//! ```compile_fail,E0277
//! # use shared::{customer::CustomerBody, text::CoachingText};
//! fn say(name: String, text: CoachingText) -> CustomerBody {
//!     CustomerBody::Theirs { name, text: text.into() }
//! }
//! ```
//!
//! Nor does an entry of the staff's conversation, whatever it holds, become something for customers:
//!
//! ```compile_fail,E0277
//! # use shared::{customer::CustomerBody, transcript::EntryBody};
//! fn show(entry: EntryBody) -> CustomerBody {
//!     entry.into()
//! }
//! ```
//!
//! The one way from coaching to a customer is the agent's Forward, and it has a name:
//!
//! ```
//! # use shared::{customer::CustomerBody, text::CoachingText};
//! fn forward(agent: String, text: CoachingText) -> CustomerBody {
//!     CustomerBody::Theirs { name: agent, text: text.forwarded() }
//! }
//! ```

use serde::{Deserialize, Serialize};

use crate::text::MessageText;
use crate::time::Timestamp;

/// One line of the conversation in the customer's view, with the customer's own number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerFrame {
    /// Place in the customer's view, from 1, without gaps.
    pub seq: i64,
    /// When, by the host's clock.
    pub at: Timestamp,
    /// What it is.
    pub body: CustomerBody,
}

/// What a customer can be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CustomerBody {
    /// What the customer said.
    Mine {
        /// The text.
        text: MessageText,
        /// The key under which the browser sent it, so that it recognises its own.
        key: String,
    },
    /// What the company said.
    Theirs {
        /// The agent's name.
        name: String,
        /// The text.
        text: MessageText,
    },
    /// The conversation is over.
    Ended,
}
