//! Raising a hand: templates that administrators write, and requests that agents send.

use serde::{Deserialize, Serialize};

use crate::ids::{TemplateId, UserId, WorkitemId};
use crate::people::{PersonRef, Presence};
use crate::time::Timestamp;

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
    /// The words that the agent saw. When the template says something else by now, nothing is sent.
    #[serde(default)]
    pub text: Option<String>,
}

/// The answer to a raised hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who was asked.
    pub recipients: Vec<PersonRef>,
}

/// In which way a request was settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettledHow {
    /// Somebody answered in the Company Directory.
    #[default]
    Answered,
    /// Somebody coached in its workitem.
    Coached,
    /// Somebody marked it as handled.
    Handled,
    /// The agent took it back.
    Withdrawn,
    /// The conversation of its workitem was wrapped up.
    ConversationEnded,
    /// Its workitem was closed.
    WorkitemClosed,
    /// Its workitem went to somebody else or back to the queue.
    WorkitemMoved,
    /// The agent was deactivated, or is an agent no more.
    AgentGone,
    /// Nobody supervises the agent any more.
    NobodyLeft,
}

impl SettledHow {
    /// Every way.
    pub const ALL: [SettledHow; 9] = [
        SettledHow::Answered,
        SettledHow::Coached,
        SettledHow::Handled,
        SettledHow::Withdrawn,
        SettledHow::ConversationEnded,
        SettledHow::WorkitemClosed,
        SettledHow::WorkitemMoved,
        SettledHow::AgentGone,
        SettledHow::NobodyLeft,
    ];

    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            SettledHow::Answered => "answered",
            SettledHow::Coached => "coached",
            SettledHow::Handled => "handled",
            SettledHow::Withdrawn => "withdrawn",
            SettledHow::ConversationEnded => "conversation_ended",
            SettledHow::WorkitemClosed => "workitem_closed",
            SettledHow::WorkitemMoved => "workitem_moved",
            SettledHow::AgentGone => "agent_gone",
            SettledHow::NobodyLeft => "nobody_left",
        }
    }

    /// The way of a code.
    pub fn from_code(code: &str) -> Option<SettledHow> {
        SettledHow::ALL.into_iter().find(|how| how.code() == code)
    }
}

/// How a request came to its end. The first one counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// In which way.
    pub how: SettledHow,
    /// Who did it; nobody when it followed from something else.
    pub by: Option<PersonRef>,
    /// When.
    pub at: Timestamp,
}

impl Settled {
    /// From a notification, which always names somebody.
    pub fn notified(how: SettledHow, by: PersonRef, at: Timestamp) -> Self {
        let by = match how {
            SettledHow::Answered
            | SettledHow::Coached
            | SettledHow::Handled
            | SettledHow::Withdrawn => Some(by),
            SettledHow::ConversationEnded
            | SettledHow::WorkitemClosed
            | SettledHow::WorkitemMoved
            | SettledHow::AgentGone
            | SettledHow::NobodyLeft => None,
        };
        Self { how, by, at }
    }
}

#[cfg(test)]
mod tests {
    use super::SettledHow;

    #[test]
    fn e20_every_way_has_a_code_of_its_own() {
        for how in SettledHow::ALL {
            assert_eq!(SettledHow::from_code(how.code()), Some(how));
        }
    }
}
