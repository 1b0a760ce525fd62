//! What a customer gets. These types cannot carry coaching, monitors, staff numbers or anything that hints at
//! them; that is the point of their being apart. Never add a field here that staff actions other than an
//! ordinary message can change.

use serde::{Deserialize, Serialize};

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
        text: String,
        /// The key under which the browser sent it, so that it recognises its own.
        key: String,
    },
    /// What the company said.
    Theirs {
        /// The agent's name.
        name: String,
        /// The text.
        text: String,
    },
    /// The conversation is over.
    Ended,
}
