//! Raising a hand: templates that administrators write, and requests that agents send.

use serde::{Deserialize, Serialize};

use crate::error::{AppError, Problem};
use crate::ids::{TemplateId, UserId, WorkitemId};
use crate::people::{PersonRef, Presence};
use crate::time::Timestamp;

/// The longest target time of a template, in minutes: a day.
pub const TARGET_MAX_MIN: i64 = 1_440;

/// A template's target time as it is typed or sent, in minutes; 0 is none.
pub fn target_minutes(minutes: i64) -> Result<Option<i64>, AppError> {
    match minutes {
        0 => Ok(None),
        1..=TARGET_MAX_MIN => Ok(Some(minutes)),
        actual => {
            let (min, max) = (0, TARGET_MAX_MIN);
            let problem = Problem::OutOfRange { min, max, actual };
            Err(AppError::invalid("target", problem))
        }
    }
}

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
    /// Within how many minutes somebody should have seen to a request; none where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_min: Option<i64>,
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

/// Who sees to a request. It stays open, and nobody else has to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Who.
    pub by: PersonRef,
    /// Since when.
    pub at: Timestamp,
}

/// Why a request that somebody had claimed is open for everybody again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returned {
    /// Who had it handed it back.
    HandedBack,
    /// Who had it was deactivated, or supervises the agent no more.
    ClaimerGone,
    /// Who had it signed out, or has had no live connection for too long.
    ClaimerAbsent,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// It waits, and nobody has claimed it.
    Open,
    /// Somebody sees to it.
    Claimed,
    /// It was answered, coached or marked as handled.
    Done,
    /// The agent took it back.
    Withdrawn,
    /// What it was about is over, or nobody is left who could answer.
    Lapsed,
}

impl RequestState {
    /// Of a request with this claim and this end.
    pub fn of(claim: Option<&Claim>, settled: Option<&Settled>) -> Self {
        match settled.map(|settled| settled.how) {
            None if claim.is_some() => RequestState::Claimed,
            None => RequestState::Open,
            Some(SettledHow::Answered | SettledHow::Coached | SettledHow::Handled) => {
                RequestState::Done
            }
            Some(SettledHow::Withdrawn) => RequestState::Withdrawn,
            Some(
                SettledHow::ConversationEnded
                | SettledHow::WorkitemClosed
                | SettledHow::WorkitemMoved
                | SettledHow::AgentGone
                | SettledHow::NobodyLeft,
            ) => RequestState::Lapsed,
        }
    }

    /// The word in the API.
    pub fn code(self) -> &'static str {
        match self {
            RequestState::Open => "open",
            RequestState::Claimed => "claimed",
            RequestState::Done => "done",
            RequestState::Withdrawn => "withdrawn",
            RequestState::Lapsed => "lapsed",
        }
    }
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
    use super::*;
    use crate::ids::UserId;

    #[test]
    fn e20_a_request_is_claimed_while_it_is_open_and_lapses_for_a_reason_of_nobody() {
        let by = PersonRef {
            id: UserId::parse("sam").expect("a test id"),
            name: "Sam Stone".to_owned(),
        };
        let claim = Claim {
            by: by.clone(),
            at: Timestamp(1),
        };
        assert_eq!(RequestState::of(None, None), RequestState::Open);
        assert_eq!(RequestState::of(Some(&claim), None), RequestState::Claimed);
        for how in SettledHow::ALL {
            let settled = Settled::notified(how, by.clone(), Timestamp(2));
            let expected = match (how, &settled.by) {
                (SettledHow::Withdrawn, _) => RequestState::Withdrawn,
                (_, Some(_)) => RequestState::Done,
                (_, None) => RequestState::Lapsed,
            };
            assert_eq!(RequestState::of(Some(&claim), Some(&settled)), expected);
        }
    }

    #[test]
    fn u03_a_target_time_is_up_to_a_day_or_none() {
        assert_eq!(target_minutes(0), Ok(None));
        assert_eq!(target_minutes(TARGET_MAX_MIN), Ok(Some(TARGET_MAX_MIN)));
        for wrong in [-1, TARGET_MAX_MIN + 1] {
            let refused = target_minutes(wrong).expect_err("out of its limits");
            assert!(matches!(&refused, AppError::Invalid { field, .. } if field == "target"));
        }
    }

    #[test]
    fn e20_every_way_has_a_code_of_its_own() {
        for how in SettledHow::ALL {
            assert_eq!(SettledHow::from_code(how.code()), Some(how));
        }
    }
}
