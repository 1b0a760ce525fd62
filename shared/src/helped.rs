//! Coaching that helped before: offered again to those who coach in a similar conversation.

use serde::{Deserialize, Serialize};

use crate::ids::WorkitemId;
use crate::time::Timestamp;

/// A coaching message that its agent liked or forwarded, with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpedBefore {
    /// What was said.
    pub text: String,
    /// Who coached.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// In which workitem.
    pub workitem: WorkitemId,
    /// What that was about.
    pub subject: String,
    /// Whether the agent sent it on to the customer.
    pub forwarded: bool,
}
