//! What is done with workitems: by those who handle them, and by those who look in and step in.

use async_trait::async_trait;
use shared::history::{HistoryPage, HistoryQuery, HistoryReading};
use shared::ids::{AlertRuleId, CommandKey, EntryId, LabelId, UserId, WorkitemId};
use shared::labels::LabelRef;
use shared::people::Actor;
use shared::phone::PhoneNumber;
use shared::text::{MessageText, NoteText, ReviewComment};
use shared::transcript::{Conversation, Entry, Peek, Sent};
use shared::workitem::{AgentWorkitems, CallPlaced, TransferOptions, TransferTo, Workitem};

use super::ApiResult;

/// An agent's work.
#[async_trait]
pub trait Workitems: Send + Sync {
    /// The caller's own open workitems.
    async fn worklist_load(&self, actor: &Actor) -> ApiResult<AgentWorkitems>;
    /// The caller's workitems that were closed last, the newest first.
    async fn closed_list(&self, actor: &Actor) -> ApiResult<Vec<Workitem>>;
    /// The newest page of a conversation, for its agent or a supervisor with authority. While another agent has it, the audit log
    /// names a caller who does not monitor it, before they are answered.
    async fn conversation_load(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
    ) -> ApiResult<Conversation>;
    /// The page before the entry with number `before`, oldest first. Recorded as the newest one.
    async fn conversation_older(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        before: i64,
    ) -> ApiResult<Vec<Entry>>;
    /// Answers the customer. Only in an active chat, social or SMS workitem of the caller.
    async fn message_send(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: MessageText,
    ) -> ApiResult<Sent>;
    /// Sends a message again that its provider did not deliver. One that has failed no longer is left as it is.
    async fn delivery_retry(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        entry: EntryId,
    ) -> ApiResult<()>;
    /// The agent has seen everything up to entry number `through`, coaching included. May be repeated.
    async fn workitem_read(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        through: i64,
    ) -> ApiResult<()>;
    /// Ends the conversation with the customer; the workitem goes to wrap-up.
    async fn workitem_wrap_up(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()>;
    /// Goes on with the conversation of a workitem in wrap-up, where its customer still is.
    async fn workitem_reopen(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()>;
    /// Closes a workitem in wrap-up.
    async fn workitem_close(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()>;
    /// To whom the caller can hand work.
    async fn transfer_options_load(&self, actor: &Actor) -> ApiResult<TransferOptions>;
    /// Hands an active workitem over. `Invalid { field: "confirmed" }` when the agent cannot take it at once: then it is
    /// for the caller to confirm.
    async fn workitem_transfer(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        to: TransferTo,
        confirmed: bool,
        note: Option<NoteText>,
    ) -> ApiResult<()>;
    /// The agents to whom a supervisor can hand on work.
    async fn reassign_options_load(&self, actor: &Actor) -> ApiResult<TransferOptions>;
    /// Hands on the work of somebody under the caller's authority: to another agent, or back to the queue of its team.
    async fn workitem_reassign(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        to: TransferTo,
        confirmed: bool,
    ) -> ApiResult<()>;
    /// Records a call as a phone workitem and answers the address that places it.
    async fn call_place(
        &self,
        actor: &Actor,
        key: CommandKey,
        number: PhoneNumber,
    ) -> ApiResult<CallPlaced>;
}

/// A supervisor steps in: each act asks for authority over the workitem and for a permission of its own; closing wrap-up asks for that
/// of reassigning.
#[async_trait]
pub trait SteppingIn: Send + Sync {
    /// Says something to the customer beside the agent, under the caller's name. `Conflict` unless the caller monitors the
    /// workitem and its conversation goes on.
    async fn barge_send(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: MessageText,
    ) -> ApiResult<Sent>;
    /// Takes a workitem over from the agent who has it, as the caller saw it. `Conflict` when somebody else has it by now, or
    /// its conversation is over.
    async fn workitem_take_over(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        from: UserId,
    ) -> ApiResult<()>;
    /// Gives a workitem back to the agent from whom the caller took it over, or to its queue when they cannot take it.
    async fn workitem_give_back(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()>;
    /// Ends a conversation that an agent has. The agent finishes the workitem.
    async fn conversation_end(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()>;
    /// Closes what an agent left in wrap-up, and notifies the agent. `Conflict` in any other state, and without an outcome that the
    /// organisation wants.
    async fn wrap_up_close(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> ApiResult<()>;
    /// Peeks at the last lines of an open workitem. It starts no monitoring and notifies nobody; the audit log names the caller.
    async fn workitem_peek(&self, actor: &Actor, workitem: WorkitemId) -> ApiResult<Peek>;
}

/// Notes for staff in workitems. Never for customers.
#[async_trait]
pub trait Notes: Send + Sync {
    /// Writes a note into a workitem that the caller works on or has authority over, on any channel. `Conflict` once it is closed.
    async fn note_add(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: NoteText,
    ) -> ApiResult<Sent>;
}

/// Labels of workitems: how one ended, and what it is about. Never for customers.
#[async_trait]
pub trait Labels: Send + Sync {
    /// The labels that a workitem can be given, by kind and name.
    async fn label_list(&self, actor: &Actor, workitem: WorkitemId) -> ApiResult<Vec<LabelRef>>;
    /// Gives a workitem that the caller works on or has authority over a label, or takes it back; a new outcome takes the place
    /// of the one before.
    async fn label_set(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        label: LabelId,
        on: bool,
    ) -> ApiResult<()>;
}

/// Flags for review of workitems. Between supervisors: never for the workitem's agent, never for customers.
#[async_trait]
pub trait Reviews: Send + Sync {
    /// Flags a workitem over which the caller has authority for review, open or closed. `Conflict` while it is flagged.
    async fn review_flag(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        comment: ReviewComment,
    ) -> ApiResult<()>;
    /// Marks a flag as reviewed, by its number. `Conflict` when somebody has done so.
    ///
    /// # Errors
    /// `NotFound` without authority over the workitem, and for a flag that there never was.
    async fn review_finish(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        number: i64,
    ) -> ApiResult<()>;
}

/// Alerts of workitems. For supervisors alone.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Dismisses an alert, for everybody who sees it: what it is about raises no other one by the same rule.
    ///
    /// # Errors
    /// `NotFound` without authority over the workitem, and for an alert that there never was.
    async fn alert_dismiss(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        rule: AlertRuleId,
        about: i64,
    ) -> ApiResult<()>;
}

/// What was said, and what is over.
#[async_trait]
pub trait History: Send + Sync {
    /// What is found in the workitems that the caller may read, the newest first.
    async fn history_search(&self, actor: &Actor, query: HistoryQuery) -> ApiResult<HistoryPage>;
    /// The newest page of a conversation that no agent has, or that none has any more. The audit log names who reads
    /// another's.
    async fn history_read(&self, actor: &Actor, workitem: WorkitemId) -> ApiResult<HistoryReading>;
    /// The conversations that the customer of a workitem had before it, the newest first.
    async fn conversations_before(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
    ) -> ApiResult<Vec<Workitem>>;
}
