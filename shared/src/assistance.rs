//! Raising a hand: templates that administrators write, and requests that agents send.

use serde::{Deserialize, Serialize};

use crate::ids::{TemplateId, UserId, WorkitemId};
use crate::people::{PersonRef, Presence};

/// A predefined message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// Which.
    pub id: TemplateId,
    /// Short name in the picker.
    pub title: String,
    /// What is sent.
    pub text: String,
    /// Whether agents are offered it.
    pub active: bool,
    /// How often it was edited; an edit names the version that it started from.
    #[serde(default)]
    pub version: i64,
}

/// Who shall be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recipient {
    /// Supervisors of the agent whose presence is available.
    AllAvailable,
    /// Supervisors of the agent who are signed in, whatever their presence.
    AllSignedIn,
    /// This supervisor of the agent.
    One(UserId),
}

/// What the Assistance picker offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssistanceOptions {
    /// Active templates in the administrators' order.
    pub templates: Vec<Template>,
    /// The supervisors of this agent, with their presence.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub supervisors: Vec<(PersonRef, Presence)>,
}

/// A hand about to be raised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The chosen message.
    pub template: TemplateId,
    /// Who shall be asked.
    pub recipient: Recipient,
    /// The workitem that is open, if one is.
    pub workitem: Option<WorkitemId>,
}

/// The answer to a raised hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who was asked.
    pub recipients: Vec<PersonRef>,
}
