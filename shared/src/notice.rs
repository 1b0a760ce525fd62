//! What the program notes in a conversation for staff: a kind with its parameters, never a sentence. Words come where it
//! is shown (`i18n`).

use serde::{Deserialize, Serialize};

use crate::ids::{UserId, WorkitemId};
use crate::rating::Score;

/// A change of a workitem that staff see as a line of the conversation. Names are as they were then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// The queue gave the workitem to an agent.
    Assigned {
        /// The agent's name.
        agent: String,
    },
    /// Its agent handed it on.
    Transferred {
        /// The agent's name.
        by: String,
        /// Where it went.
        to: HandedTo,
    },
    /// A supervisor handed it on.
    Reassigned {
        /// The supervisor's name.
        by: String,
        /// The agent who had it; nobody: it waited in a queue.
        from: Option<String>,
        /// Where it went.
        to: HandedTo,
    },
    /// A supervisor wrote to the customer for the first time.
    Joined {
        /// The supervisor's name.
        by: String,
    },
    /// A supervisor took it over.
    TakenOver {
        /// The supervisor's name.
        by: String,
        /// The agent who had it.
        from: String,
    },
    /// Who had taken it over gave it back.
    GivenBack {
        /// The supervisor's name.
        by: String,
        /// Where it went.
        to: HandedTo,
        /// The agent from whom it was taken, when it went to the queue because they cannot take it now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missing: Option<String>,
    },
    /// An agent called a number.
    Called {
        /// The agent's name.
        by: String,
        /// The number.
        number: String,
    },
    /// Its agent or a supervisor ended the conversation.
    Ended {
        /// Their name.
        by: String,
    },
    /// The customer ended the conversation.
    EndedByCustomer {
        /// The customer's name.
        customer: String,
    },
    /// The customer ended the conversation and was forgotten, so that they cannot come back to it.
    CustomerForgotten {
        /// The customer's name.
        customer: String,
    },
    /// The agent reopened it: the conversation goes on.
    Reopened {
        /// The agent's name.
        by: String,
    },
    /// Its agent, a supervisor or another system closed the workitem.
    Closed {
        /// Their name, or that of the system's token.
        by: String,
    },
    /// Back in the queue: its agent has had no connection for too long.
    ConnectionLost {
        /// The agent's name.
        agent: String,
        /// For how long, in seconds.
        seconds: i64,
        /// The team in whose queue it is.
        team: String,
    },
    /// Back in the queue: its agent's connection was gone before it arrived.
    NotReceived {
        /// The agent's name.
        agent: String,
        /// The team in whose queue it is.
        team: String,
    },
    /// Back in the queue: its agent was deactivated, or is no agent any more.
    AgentGone {
        /// The agent's name.
        agent: String,
        /// The team in whose queue it is.
        team: String,
    },
    /// Back in the queue: its agent left the team.
    AgentLeftTeam {
        /// The agent's name.
        agent: String,
        /// The team that they left and in whose queue it is.
        team: String,
    },
    /// Closed, for its conversation was over when its agent was deactivated, or was no agent any more.
    ClosedAgentGone {
        /// The agent's name.
        agent: String,
    },
    /// Closed, for its conversation was over when its agent left the team.
    ClosedAgentLeftTeam {
        /// The agent's name.
        agent: String,
        /// The team.
        team: String,
    },
    /// Closed, for its conversation was over and its agent has had no connection for too long.
    ClosedAgentLost {
        /// The agent's name.
        agent: String,
        /// For how long, in seconds.
        seconds: i64,
    },
    /// The customer had a conversation before this one. What it was about is not said: who reads this one may not be allowed to read
    /// that one, and it may be deleted first.
    Earlier {
        /// Which.
        workitem: WorkitemId,
    },
    /// The customer wants no messages on this way any more.
    StoppedByCustomer {
        /// The customer's name.
        customer: String,
    },
    /// The customer wants messages again.
    StartedByCustomer {
        /// The customer's name.
        customer: String,
    },
    /// Files came with the customer's message, of which only the provider has the content.
    Attachments {
        /// How many.
        count: i64,
        /// Their media types.
        types: String,
    },
    /// The customer wrote while no conversation began, by the form of the chat page.
    OfflineForm {
        /// The e-mail address at which they are reached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        email: Option<String>,
        /// The telephone number at which they are reached.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<String>,
    },
    /// Another system reported that this began. It is where a call's number or a mail's address stands.
    Reported {
        /// The name of the system's token.
        by: String,
        /// The number or address of the customer.
        customer: String,
    },
    /// Somebody, or another system, noted something for staff.
    Note {
        /// Their name then, or the name of the system's token.
        by: String,
        /// The note.
        text: String,
        /// Who wrote it; nobody where another system did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        author: Option<UserId>,
    },
    /// The customer rated the conversation.
    Rated {
        /// How good it was.
        score: Score,
        /// What they added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<String>,
    },
    /// Holds the place of coaching that the reader may not read. Never stored.
    Withheld,
    /// What an earlier release wrote and nobody recognised: shown as it is.
    Text {
        /// Its words.
        text: String,
    },
    /// What only a later release knows: its row stays as it is. Never stored.
    #[serde(other)]
    Later,
}

/// Where a workitem went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandedTo {
    /// To an agent of this name.
    Agent(String),
    /// Into the queue of a team of this name.
    Team(String),
}

impl Notice {
    /// One of each, for tests that must miss none: the compiler refuses a notice that has no place in this list.
    pub fn samples() -> impl Iterator<Item = Notice> {
        let first = Notice::Assigned { agent: amy() };
        std::iter::successors(Some(first), Notice::next)
    }

    fn next(&self) -> Option<Notice> {
        let (agent, team) = (amy(), "Care".to_owned());
        Some(match self {
            Notice::Assigned { .. } => Notice::Transferred {
                by: agent,
                to: HandedTo::Agent("Ben Brooks".to_owned()),
            },
            Notice::Transferred { by, to } => match to {
                HandedTo::Agent(_) => Notice::Transferred {
                    by: by.clone(),
                    to: HandedTo::Team(team),
                },
                HandedTo::Team(_) => Notice::Reassigned {
                    by: "Sam Stone".to_owned(),
                    from: None,
                    to: HandedTo::Agent(agent),
                },
            },
            Notice::Reassigned { by, from, to } => match (from, to) {
                (None, HandedTo::Agent(_)) => Notice::Reassigned {
                    by: by.clone(),
                    from: None,
                    to: HandedTo::Team(team),
                },
                (None, HandedTo::Team(_)) => Notice::Reassigned {
                    by: by.clone(),
                    from: Some(agent),
                    to: HandedTo::Agent("Ben Brooks".to_owned()),
                },
                (Some(_), HandedTo::Agent(_)) => Notice::Reassigned {
                    by: by.clone(),
                    from: Some(agent),
                    to: HandedTo::Team(team),
                },
                (Some(_), HandedTo::Team(_)) => Notice::Joined { by: by.clone() },
            },
            Notice::Joined { by } => Notice::TakenOver {
                by: by.clone(),
                from: agent,
            },
            Notice::TakenOver { by, from } => Notice::GivenBack {
                by: by.clone(),
                to: HandedTo::Agent(from.clone()),
                missing: None,
            },
            Notice::GivenBack { by, to, .. } => match to {
                HandedTo::Agent(missing) => Notice::GivenBack {
                    by: by.clone(),
                    to: HandedTo::Team(team),
                    missing: Some(missing.clone()),
                },
                HandedTo::Team(_) => Notice::Called {
                    by: agent,
                    number: "+493012345".to_owned(),
                },
            },
            Notice::Called { .. } => Notice::Ended { by: agent },
            Notice::Ended { .. } => Notice::EndedByCustomer { customer: dana() },
            Notice::EndedByCustomer { customer } => Notice::CustomerForgotten {
                customer: customer.clone(),
            },
            Notice::CustomerForgotten { .. } => Notice::Reopened { by: agent },
            Notice::Reopened { .. } => Notice::Closed { by: agent },
            Notice::Closed { .. } => Notice::ConnectionLost {
                agent,
                seconds: 240,
                team,
            },
            Notice::ConnectionLost { .. } => Notice::NotReceived { agent, team },
            Notice::NotReceived { .. } => Notice::AgentGone { agent, team },
            Notice::AgentGone { .. } => Notice::AgentLeftTeam { agent, team },
            Notice::AgentLeftTeam { .. } => Notice::ClosedAgentGone { agent },
            Notice::ClosedAgentGone { .. } => Notice::ClosedAgentLeftTeam { agent, team },
            Notice::ClosedAgentLeftTeam { .. } => Notice::ClosedAgentLost {
                agent,
                seconds: 240,
            },
            Notice::ClosedAgentLost { .. } => Notice::Earlier {
                workitem: WorkitemId::parse("w-1").ok()?,
            },
            Notice::Earlier { .. } => Notice::StoppedByCustomer { customer: dana() },
            Notice::StoppedByCustomer { customer } => Notice::StartedByCustomer {
                customer: customer.clone(),
            },
            Notice::StartedByCustomer { .. } => Notice::Attachments {
                count: 2,
                types: "image/jpeg, text/vcard".to_owned(),
            },
            Notice::Attachments { .. } => Notice::OfflineForm {
                email: Some("dana@example.com".to_owned()),
                number: Some("+493012345".to_owned()),
            },
            Notice::OfflineForm { .. } => Notice::Reported {
                by: "Telephony".to_owned(),
                customer: "+493012345".to_owned(),
            },
            Notice::Reported { by, .. } => Notice::Note {
                by: by.clone(),
                text: "Asks for a new invoice.".to_owned(),
                author: None,
            },
            Notice::Note { .. } => Notice::Rated {
                score: Score::try_from(4).ok()?,
                comment: None,
            },
            Notice::Rated { score, comment } => match comment {
                None => Notice::Rated {
                    score: *score,
                    comment: Some("Quick help.".to_owned()),
                },
                Some(_) => Notice::Withheld,
            },
            Notice::Withheld => Notice::Text {
                text: "Wrapped up.".to_owned(),
            },
            Notice::Text { .. } => Notice::Later,
            Notice::Later => return None,
        })
    }
}

fn dana() -> String {
    "Dana Dietz".to_owned()
}

fn amy() -> String {
    "Amy Adler".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_reads_back_what_it_wrote() {
        for notice in Notice::samples() {
            let text = serde_json::to_string(&notice).expect("text");
            let read: Notice = serde_json::from_str(&text).expect("a notice");
            assert_eq!(read, notice, "{text}");
        }
        assert_eq!(Notice::samples().count(), 36);
    }
}
