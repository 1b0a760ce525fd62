//! Why a command came too late, or does not apply.

use serde::{Deserialize, Serialize};

use crate::admin::QueuePriority;
use crate::assistance::{Settled, SettledHow};
use crate::deletion::DeletionExtent;
use crate::organisation::SettingDifference;
use crate::people::Role;
use crate::time::Timestamp;
use crate::workitem::ChannelCounts;

/// What stands in the way of a command that is well-formed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ConflictCause {
    /// The key belongs to another command.
    KeyReused,
    /// The conversation is over: nothing can be said in it.
    ConversationEnded,
    /// The conversation is over, so the workitem stays where it is.
    ConversationOver,
    /// The workitem is closed.
    WorkitemClosed,
    /// The workitem's conversation must be ended before the workitem is closed.
    NotWrappedUp,
    /// The workitem needs an outcome before it is closed.
    OutcomeMissing,
    /// The conversation is not over, so there is nothing to reopen.
    NotEnded,
    /// The conversation was rated before.
    AlreadyRated,
    /// The customer ended the conversation, so nobody else reopens it.
    EndedByCustomer,
    /// Nothing leads the customer back to the conversation.
    CustomerGone,
    /// The customer has begun another conversation since.
    NewerConversation,
    /// Only an active workitem can be handed on by its agent.
    NotActive,
    /// The workitem waits in this queue already.
    InThisQueue,
    /// Somebody else took the workitem from the queue.
    TakenMeanwhile,
    /// The agent can take no work any more.
    AgentGone,
    /// The agent takes no work from this queue at the moment.
    AgentNotAvailable,
    /// The agent has as much work of this channel as they may have.
    AgentFull,
    /// Why a workitem was to be taken from its agent holds no longer.
    ReasonGone,
    /// What is said on this channel is said in another system.
    AnsweredElsewhere,
    /// Nobody has the workitem yet, so nobody can be coached in it.
    NobodyHasIt,
    /// Who coaches must monitor the workitem.
    NotMonitoring,
    /// Somebody else than expected has the workitem by now.
    HandedOnMeanwhile,
    /// The workitem was taken over from nobody, so it goes back to nobody.
    NotTakenOver,
    /// Nobody coaches in the workitem, so nobody would read the reply.
    NobodyCoaches,
    /// The chat page takes no messages at the moment.
    ChannelClosed,
    /// The customer wants no messages on this way.
    CustomerStopped,
    /// The customer wrote too long ago: their provider takes no answer any more until they write again.
    WindowClosed,
    /// The agent is in no team, so a call has no place.
    NoTeam,
    /// None of the agent's supervisors is available.
    NobodyAvailable,
    /// None of the agent's supervisors is signed in.
    NobodySignedIn,
    /// The supervisor who was chosen is not signed in.
    SupervisorSignedOut,
    /// None of those who were asked supervises the agent any more.
    RecipientsGone,
    /// The assistance template is no longer offered.
    TemplateGone,
    /// The assistance template says something else than the agent saw.
    TemplateChanged {
        /// What it says now.
        text: String,
    },
    /// Somebody else sees to the request.
    RequestClaimed {
        /// Who.
        by: String,
    },
    /// The request came to its end before.
    RequestSettled {
        /// How, by whom and when.
        settled: Settled,
    },
    /// The workitem is flagged for review already.
    ReviewOpen {
        /// By whom.
        by: String,
    },
    /// The flag was marked as reviewed before.
    ReviewDone {
        /// By whom.
        by: String,
    },
    /// The team exists already.
    TeamExists,
    /// The key of a chat page belongs to another one.
    ChannelKeyTaken,
    /// The workitem exists already.
    WorkitemExists,
    /// The last active administrator.
    LastAdministrator,
    /// Somebody holds the role.
    RoleInUse,
    /// One's own password is changed in the settings.
    OwnPassword,
    /// Nobody deactivates themselves.
    OwnDeactivation,
    /// Nobody deletes themselves.
    OwnDeletion,
    /// A team is deleted when nothing hangs on it.
    TeamInUse {
        /// What does.
        extent: DeletionExtent,
    },
    /// A chat channel is deleted when no conversation of it is open.
    ChannelInUse {
        /// How many are.
        open: i64,
    },
    /// The password is another one since it was verified.
    PasswordChanged,
    /// Somebody else has edited it since.
    EditedMeanwhile {
        /// Who, as far as is known.
        by: Option<String>,
        /// What stands in the fields in which the edit wanted something else.
        now: Vec<Difference>,
        /// Whether it was to be deleted.
        deleting: bool,
    },
    /// Somebody else has saved the organisation's settings since.
    SettingsChanged {
        /// Who, as far as is known.
        by: Option<String>,
        /// What they changed.
        changes: Vec<SettingDifference>,
    },
    /// A cause that this release does not know.
    #[serde(skip)]
    Unknown {
        /// The host's own words.
        reason: String,
    },
}

/// What stands in a field of which an edit wanted something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The name of a user or a team.
    Name(String),
    /// The title of a template.
    Title(String),
    /// The text of a template.
    Message(String),
    /// Whether a template is offered.
    Active(bool),
    /// A template's target time in minutes, if it has one.
    Target(Option<i64>),
    /// A user's roles.
    Roles(Vec<Role>),
    /// An agent's own numbers; nothing: the organisation's.
    Capacity(Option<ChannelCounts>),
    /// The names of a team's agents.
    Agents(Vec<String>),
    /// The names of a team's supervisors.
    Supervisors(Vec<String>),
    /// How a team's queue stands beside others.
    Priority(QueuePriority),
}

impl ConflictCause {
    /// One of each, for tests that must miss none: the compiler refuses a cause that has no place in this list.
    pub fn samples() -> impl Iterator<Item = ConflictCause> {
        std::iter::successors(Some(ConflictCause::KeyReused), ConflictCause::next)
    }

    fn next(&self) -> Option<ConflictCause> {
        Some(match self {
            ConflictCause::KeyReused => ConflictCause::ConversationEnded,
            ConflictCause::ConversationEnded => ConflictCause::ConversationOver,
            ConflictCause::ConversationOver => ConflictCause::WorkitemClosed,
            ConflictCause::WorkitemClosed => ConflictCause::NotWrappedUp,
            ConflictCause::NotWrappedUp => ConflictCause::OutcomeMissing,
            ConflictCause::OutcomeMissing => ConflictCause::NotEnded,
            ConflictCause::NotEnded => ConflictCause::AlreadyRated,
            ConflictCause::AlreadyRated => ConflictCause::EndedByCustomer,
            ConflictCause::EndedByCustomer => ConflictCause::CustomerGone,
            ConflictCause::CustomerGone => ConflictCause::NewerConversation,
            ConflictCause::NewerConversation => ConflictCause::NotActive,
            ConflictCause::NotActive => ConflictCause::InThisQueue,
            ConflictCause::InThisQueue => ConflictCause::TakenMeanwhile,
            ConflictCause::TakenMeanwhile => ConflictCause::AgentGone,
            ConflictCause::AgentGone => ConflictCause::AgentNotAvailable,
            ConflictCause::AgentNotAvailable => ConflictCause::AgentFull,
            ConflictCause::AgentFull => ConflictCause::ReasonGone,
            ConflictCause::ReasonGone => ConflictCause::AnsweredElsewhere,
            ConflictCause::AnsweredElsewhere => ConflictCause::NobodyHasIt,
            ConflictCause::NobodyHasIt => ConflictCause::NotMonitoring,
            ConflictCause::NotMonitoring => ConflictCause::HandedOnMeanwhile,
            ConflictCause::HandedOnMeanwhile => ConflictCause::NotTakenOver,
            ConflictCause::NotTakenOver => ConflictCause::NobodyCoaches,
            ConflictCause::NobodyCoaches => ConflictCause::ChannelClosed,
            ConflictCause::ChannelClosed => ConflictCause::CustomerStopped,
            ConflictCause::CustomerStopped => ConflictCause::WindowClosed,
            ConflictCause::WindowClosed => ConflictCause::NoTeam,
            ConflictCause::NoTeam => ConflictCause::NobodyAvailable,
            ConflictCause::NobodyAvailable => ConflictCause::NobodySignedIn,
            ConflictCause::NobodySignedIn => ConflictCause::SupervisorSignedOut,
            ConflictCause::SupervisorSignedOut => ConflictCause::RecipientsGone,
            ConflictCause::RecipientsGone => ConflictCause::TemplateGone,
            ConflictCause::TemplateGone => ConflictCause::TemplateChanged {
                text: "Approve a refund".to_owned(),
            },
            ConflictCause::TemplateChanged { .. } => ConflictCause::RequestClaimed {
                by: "Sam Stone".to_owned(),
            },
            ConflictCause::RequestClaimed { .. } => ConflictCause::RequestSettled {
                settled: Settled {
                    how: SettledHow::Withdrawn,
                    by: None,
                    at: Timestamp(1),
                },
            },
            ConflictCause::RequestSettled { .. } => ConflictCause::ReviewOpen {
                by: "Sam Stone".to_owned(),
            },
            ConflictCause::ReviewOpen { .. } => ConflictCause::ReviewDone {
                by: "Sam Stone".to_owned(),
            },
            ConflictCause::ReviewDone { .. } => ConflictCause::TeamExists,
            ConflictCause::TeamExists => ConflictCause::ChannelKeyTaken,
            ConflictCause::ChannelKeyTaken => ConflictCause::WorkitemExists,
            ConflictCause::WorkitemExists => ConflictCause::LastAdministrator,
            ConflictCause::LastAdministrator => ConflictCause::RoleInUse,
            ConflictCause::RoleInUse => ConflictCause::OwnPassword,
            ConflictCause::OwnPassword => ConflictCause::OwnDeactivation,
            ConflictCause::OwnDeactivation => ConflictCause::OwnDeletion,
            ConflictCause::OwnDeletion => ConflictCause::TeamInUse {
                extent: DeletionExtent {
                    open: 2,
                    agents: 1,
                    channels: 1,
                },
            },
            ConflictCause::TeamInUse { .. } => ConflictCause::ChannelInUse { open: 2 },
            ConflictCause::ChannelInUse { .. } => ConflictCause::PasswordChanged,
            ConflictCause::PasswordChanged => ConflictCause::EditedMeanwhile {
                by: Some("Ada Almond".to_owned()),
                now: vec![
                    Difference::Name("Care".to_owned()),
                    Difference::Title("Refund".to_owned()),
                    Difference::Message("Approve a refund".to_owned()),
                    Difference::Active(true),
                    Difference::Target(Some(10)),
                    Difference::Roles(vec![Role::Agent]),
                    Difference::Capacity(Some(ChannelCounts::default())),
                    Difference::Agents(vec!["Amy Adler".to_owned()]),
                    Difference::Supervisors(Vec::new()),
                ],
                deleting: false,
            },
            ConflictCause::EditedMeanwhile { .. } => ConflictCause::SettingsChanged {
                by: None,
                changes: vec![SettingDifference {
                    name: "queue_max".to_owned(),
                    was: 200,
                    is: 300,
                }],
            },
            ConflictCause::SettingsChanged { .. } => ConflictCause::Unknown {
                reason: "Not at the moment.".to_owned(),
            },
            ConflictCause::Unknown { .. } => return None,
        })
    }
}
