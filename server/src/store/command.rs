//! What the desk hands to the store: commands whose authority and texts were checked already.

use shared::admin::TeamChange;
use shared::ids::{
    ChannelKey, CommandKey, DirectoryMessageId, EntryId, RequestId, TeamId, TemplateId, UserId,
    WorkitemId,
};
use shared::people::PersonRef;
use shared::text::MessageText;
use shared::time::Timestamp;
use shared::workitem::Channel;

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

/// What a customer writes on a chat page.
#[derive(Clone, Debug)]
pub struct CustomerSend {
    /// The chat channel.
    pub channel: ChannelKey,
    /// Hash of the visitor's token, in hex.
    pub visitor: String,
    /// How the customer introduces themselves; used when a new workitem begins.
    pub name: String,
    /// What is said.
    pub text: MessageText,
    /// When.
    pub at: Timestamp,
    /// Id for the workitem, if a new one begins (none yet, or the last one ended).
    pub workitem: WorkitemId,
    /// The new entry's id.
    pub entry: EntryId,
    /// Repeating it (per visitor) gives the first answer.
    pub key: CommandKey,
    /// Whether it may begin a workitem. Where it would and may not, nothing is written ([`StoreError::WouldBegin`]): the
    /// caller counts new workitems, and only the transaction knows whether this is one.
    ///
    /// [`StoreError::WouldBegin`]: super::StoreError::WouldBegin
    pub begins: bool,
}

/// A customer ends their own conversation.
#[derive(Clone, Debug)]
pub struct CustomerEnd {
    /// The chat channel.
    pub channel: ChannelKey,
    /// Hash of the visitor's token, in hex.
    pub visitor: String,
    /// Id for the notice to staff.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// Repeating it (per visitor) gives the first answer.
    pub key: CommandKey,
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

/// A workitem made whole, by demo data, tests and intake of other systems.
#[derive(Clone, Debug)]
pub struct WorkitemImport {
    /// Its id.
    pub id: WorkitemId,
    /// On which way the customer came.
    pub channel: Channel,
    /// The customer's name.
    pub customer: String,
    /// The title.
    pub subject: String,
    /// The team.
    pub team: TeamId,
    /// Who has it; nobody: queued.
    pub agent: Option<UserId>,
    /// When it came in.
    pub started_at: Timestamp,
    /// Who said what when, oldest first: `true` is the customer.
    pub messages: Vec<(bool, Timestamp, MessageText)>,
}
