//! Alerts: what tells supervisors that a workitem needs somebody. An administrator writes the rules; an alert is open as long as
//! what it is about lasts, or until a supervisor dismisses it. Agents and customers never hear of any.

#[cfg(not(target_arch = "wasm32"))]
mod rules;

use serde::{Deserialize, Serialize};

use crate::ids::{AlertRuleId, TeamId, WorkitemId};
use crate::people::PersonRef;
use crate::time::Timestamp;
use crate::workitem::Channel;

#[cfg(not(target_arch = "wasm32"))]
pub use self::rules::*;

/// How many alerts somebody is shown at once: the latest.
pub const ALERTS_SHOWN_MAX: i64 = 500;

/// An open alert, as supervisors with authority over the workitem see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAlert {
    /// Whose rule.
    pub rule: AlertRuleId,
    /// The rule's name.
    pub name: String,
    /// What tells it apart from others of this rule and workitem.
    pub about: i64,
    /// Since when it is open.
    pub at: Timestamp,
    /// The workitem.
    pub workitem: WorkitemId,
    /// On which way its customer came.
    pub channel: Channel,
    /// Its customer.
    pub customer: String,
    /// Its title.
    pub subject: String,
    /// Who has it; nobody while it waits.
    pub agent: Option<PersonRef>,
    /// The team that it belongs to.
    pub team: TeamId,
}
