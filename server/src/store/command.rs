//! What the desk hands to the store: commands whose authority and texts were checked already.

use shared::admin::TeamChange;
use shared::ids::{
    CommandKey, DirectoryMessageId, RequestId, TeamId, TemplateId, UserId, WorkitemId,
};
use shared::people::PersonRef;
use shared::time::Timestamp;

/// By whom, when and under which key something is changed that has no command of its own.
#[derive(Clone, Debug)]
pub struct CommandContext {
    /// Who; nobody: the operator of the program.
    pub actor: Option<UserId>,
    /// Repeating it (per actor) gives the first answer.
    pub key: CommandKey,
    /// When.
    pub at: Timestamp,
}

/// A team as it shall be.
#[derive(Clone, Debug)]
pub struct TeamSave {
    /// Which.
    pub team: TeamId,
    /// Whether it is a new one.
    pub create: bool,
    /// Name and people, and the version that they started from.
    pub change: TeamChange,
}

/// A raised hand, with its recipients already decided.
#[derive(Clone, Debug)]
pub struct RequestCreate {
    /// The new request's id.
    pub request: RequestId,
    /// Who raises it.
    pub agent: PersonRef,
    /// The template that was chosen; must still be active. Its text is copied.
    pub template: TemplateId,
    /// `all_available`, `all_signed_in` or `one`, for the record.
    pub choice: &'static str,
    /// The supervisor whom the agent chose, with the choice `one`.
    pub named: Option<UserId>,
    /// Who is asked, each with the id for their directory message. Not empty, unless the key was used already.
    pub recipients: Vec<(PersonRef, DirectoryMessageId)>,
    /// From which workitem; its agent must still be `agent`.
    pub workitem: Option<WorkitemId>,
    /// The words that the agent saw, which must still be the template's; `None`: whatever it says now.
    pub text: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}

/// A message between two people.
#[derive(Clone, Debug)]
pub struct DirectoryAppend {
    /// The new message's id.
    pub id: DirectoryMessageId,
    /// Who writes.
    pub from: PersonRef,
    /// To whom; must be an active user.
    pub to: UserId,
    /// The checked text.
    pub text: String,
    /// The request that it answers. Without it, a message to an agent answers the only open request of that
    /// agent to `from`; of several it answers none.
    pub answers: Option<RequestId>,
    /// When.
    pub at: Timestamp,
    /// Repeating it gives the first answer.
    pub key: CommandKey,
}
