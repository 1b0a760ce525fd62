//! Flags for review: a supervisor marks a workitem with a comment, and somebody with authority over it marks it as reviewed. They are
//! between supervisors: neither the agent nor the customer sees them.

use serde::{Deserialize, Serialize};

use crate::people::PersonRef;
use crate::time::Timestamp;

/// Whether somebody has reviewed what was flagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// It waits for a review.
    Flagged,
    /// It was reviewed.
    Reviewed,
}

impl ReviewState {
    /// Both, in the order in which a flag has them.
    pub const ALL: [ReviewState; 2] = [ReviewState::Flagged, ReviewState::Reviewed];

    /// The word in the database and in addresses.
    pub fn code(self) -> &'static str {
        match self {
            ReviewState::Flagged => "flagged",
            ReviewState::Reviewed => "reviewed",
        }
    }

    /// The one with this word.
    pub fn from_code(code: &str) -> Option<ReviewState> {
        ReviewState::ALL
            .into_iter()
            .find(|state| state.code() == code)
    }
}

/// The latest flag of a workitem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Counts the flags of the workitem, from 1.
    pub number: i64,
    /// Who flagged it.
    pub by: PersonRef,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub comment: String,
    /// Who reviewed it, and when; nobody yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<ReviewDone>,
}

impl Review {
    /// Whether somebody has reviewed it.
    pub fn state(&self) -> ReviewState {
        match self.done {
            None => ReviewState::Flagged,
            Some(_) => ReviewState::Reviewed,
        }
    }
}

/// The end of a flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewDone {
    /// Who reviewed it.
    pub by: PersonRef,
    /// When.
    pub at: Timestamp,
}
