//! The list of everything that Sideline can do on behalf of a signed-in user, as the server functions call it.
//!
//! `server` implements it (in its `desk`); a test can implement it with a fake. Server functions know nothing
//! else of the host. Every method decides through `shared::policy`; `NotFound` also means "not yours".
//! Methods that take a [`CommandKey`] may be repeated: the first answer comes again, nothing happens twice.

use std::sync::Arc;

use async_trait::async_trait;
use leptos::prelude::use_context;
use shared::account::SessionInfo;
use shared::admin::{ChatChannel, MembershipChange, Team, TeamChange, UserAccount, UserChange};
use shared::assistance::{Ask, Asked, AssistanceOptions, Claim, Settled, Template};
use shared::audit::{AuditPage, AuditQuery};
use shared::channels::{ChannelTested, ProviderChannel, ProviderChannelChange, ProviderChannels};
use shared::deletion::{Deletable, DeletionExtent};
use shared::directory::{Bootstrap, DirectoryMessage, DirectoryPage, Settings, Switches};
use shared::erasure::{CustomerWorkitem, Erasure};
use shared::error::AppError;
use shared::helped::HelpedBefore;
use shared::history::{HistoryPage, HistoryQuery, HistoryReading};
use shared::ids::{
    AlertRuleId, ChannelKey, CommandKey, DirectoryMessageId, EntryId, LabelId, RequestId,
    SessionId, TeamId, TemplateId, UserId, WorkitemId,
};
use shared::labels::LabelRef;
use shared::language::Language;
use shared::organisation::{OrganisationEdit, SettingChange};
use shared::people::{Actor, Person, Presence, Role};
use shared::phone::PhoneNumber;
use shared::saved_texts::{SavedFor, SavedText};
use shared::text::{
    CoachingText, CustomerName, DirectoryText, DisplayName, MessageText, NoteText, Password,
    ReplyText, TemplateText, TemplateTitle, TypedPassword, Username,
};
use shared::transcript::{Conversation, Entry, Reaction, Sent};
use shared::views::{DashboardChoice, DashboardViews};
use shared::workitem::{
    AgentWorkitems, CallPlaced, Dashboard, Peek, TransferOptions, TransferTo, Workitem,
};

/// What a method answers.
pub type Answer<T> = Result<T, AppError>;

/// Who calls: the actor, and the session in which they are signed in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// On whose behalf.
    pub actor: Actor,
    /// The session's id (not its token), so that "everywhere else" differs from "here".
    pub session: String,
}

/// Everything at once; the supertraits are the areas.
pub trait Backend:
    Keys
    + Workitems
    + Coaching
    + SteppingIn
    + Notes
    + Alerts
    + Labels
    + Assistance
    + Templates
    + SavedTexts
    + Views
    + Directory
    + Account
    + Administration
    + Deletions
    + Organisation
    + Audit
    + Channels
    + Customers
    + History
{
}

impl<T> Backend for T where
    T: Keys
        + Workitems
        + Coaching
        + SteppingIn
        + Notes
        + Alerts
        + Labels
        + Assistance
        + Templates
        + SavedTexts
        + Views
        + Directory
        + Account
        + Administration
        + Deletions
        + Organisation
        + Audit
        + Channels
        + Customers
        + History
{
}

/// Keys for commands that came without one.
pub trait Keys: Send + Sync {
    /// A key that was never used. For tabs of the release before, which send none with some commands: these are carried
    /// out as often as they come.
    fn key_fresh(&self) -> CommandKey;
}

/// An agent's work.
#[async_trait]
pub trait Workitems: Send + Sync {
    /// The caller's own open workitems.
    async fn worklist_load(&self, actor: &Actor) -> Answer<AgentWorkitems>;
    /// The caller's workitems that were closed last, the newest first.
    async fn closed_list(&self, actor: &Actor) -> Answer<Vec<Workitem>>;
    /// The newest page of a conversation, for its agent or a supervisor with authority.
    async fn conversation_load(&self, actor: &Actor, workitem: WorkitemId) -> Answer<Conversation>;
    /// The page before the entry with number `before`, oldest first.
    async fn conversation_older(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        before: i64,
    ) -> Answer<Vec<Entry>>;
    /// Answers the customer. Only in an active chat, social or SMS workitem of the caller.
    async fn message_send(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: MessageText,
    ) -> Answer<Sent>;
    /// Sends a message again that its provider did not deliver. One that has failed no longer is left as it is.
    async fn delivery_retry(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        entry: EntryId,
    ) -> Answer<()>;
    /// The agent has seen everything up to entry number `through`, coaching included. May be repeated.
    async fn workitem_read(&self, actor: &Actor, workitem: WorkitemId, through: i64) -> Answer<()>;
    /// Ends the conversation with the customer; the workitem goes to wrap-up.
    async fn workitem_wrap_up(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> Answer<()>;
    /// Goes on with the conversation of a workitem in wrap-up, where its customer still is.
    async fn workitem_reopen(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> Answer<()>;
    /// Closes a workitem in wrap-up.
    async fn workitem_close(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> Answer<()>;
    /// To whom the caller can hand work.
    async fn transfer_options_load(&self, actor: &Actor) -> Answer<TransferOptions>;
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
    ) -> Answer<()>;
    /// The agents to whom a supervisor can hand on work.
    async fn reassign_options_load(&self, actor: &Actor) -> Answer<TransferOptions>;
    /// Hands on the work of somebody under the caller's authority: to another agent, or back to the queue of its team.
    async fn workitem_reassign(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        to: TransferTo,
        confirmed: bool,
    ) -> Answer<()>;
    /// Records a call as a phone workitem and answers the address that places it.
    async fn call_place(
        &self,
        actor: &Actor,
        key: CommandKey,
        number: PhoneNumber,
    ) -> Answer<CallPlaced>;
}

/// A supervisor beside an agent.
#[async_trait]
pub trait Coaching: Send + Sync {
    /// The agents under the caller's authority.
    async fn dashboard_load(&self, actor: &Actor) -> Answer<Dashboard>;
    /// The open workitems of an agent under the caller's authority.
    async fn agent_workitems_load(&self, actor: &Actor, agent: UserId) -> Answer<AgentWorkitems>;
    /// The workitems that wait in the queue of a team that the caller supervises, the first in turn first; a hundred at most.
    async fn queue_load(&self, actor: &Actor, team: TeamId) -> Answer<Vec<Workitem>>;
    /// Says something to the agent inside a workitem. Never reaches the customer.
    async fn coaching_send(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: CoachingText,
    ) -> Answer<Sent>;
    /// Coaching that helped before in conversations like this one, which the caller may coach: of the same team and channel, with
    /// words in common, liked or forwarded.
    async fn coaching_helped(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
    ) -> Answer<Vec<HelpedBefore>>;
    /// Answers those who coach inside a workitem of the caller. Never reaches the customer. `Conflict` where nobody coaches.
    async fn coaching_reply(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        text: ReplyText,
    ) -> Answer<Sent>;
    /// The caller, a supervisor, has had the replies in a workitem in front of them, up to entry number `through`. May be
    /// repeated.
    async fn coaching_reply_seen(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        through: i64,
    ) -> Answer<()>;
    /// Sends the notice of a coaching message in a workitem of the caller away; it counts as unseen all the same. May be
    /// repeated.
    async fn coaching_dismiss(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        entry: EntryId,
    ) -> Answer<()>;
    /// The agent's opinion of a coaching message; `None` takes it back.
    async fn reaction_set(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        entry: EntryId,
        key: CommandKey,
        reaction: Option<Reaction>,
    ) -> Answer<()>;
    /// Sends a coaching message's text to the customer as the agent's own. Happens once however often it is
    /// called and under whatever key: later calls answer the first message.
    async fn coaching_forward(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        entry: EntryId,
        key: CommandKey,
    ) -> Answer<Sent>;
}

/// A supervisor steps in: each act has a permission of its own, and asks for authority over the workitem.
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
    ) -> Answer<Sent>;
    /// Takes a workitem over from the agent who has it, as the caller saw it. `Conflict` when somebody else has it by now, or
    /// its conversation is over.
    async fn workitem_take_over(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        from: UserId,
    ) -> Answer<()>;
    /// Gives a workitem back to the agent from whom the caller took it over, or to its queue when they cannot take it.
    async fn workitem_give_back(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> Answer<()>;
    /// Ends a conversation that an agent has. The agent finishes the workitem.
    async fn conversation_end(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
    ) -> Answer<()>;
    /// A look at the last lines of an open workitem. It starts no monitoring and tells nobody; the audit log names the caller.
    async fn workitem_peek(&self, actor: &Actor, workitem: WorkitemId) -> Answer<Peek>;
}

/// What was said, and what is over.
#[async_trait]
pub trait History: Send + Sync {
    /// What is found in the workitems that the caller may read, the newest first.
    async fn history_search(&self, actor: &Actor, query: HistoryQuery) -> Answer<HistoryPage>;
    /// The newest page of a conversation that no agent has, or that none has any more. The audit log names who reads
    /// another's.
    async fn history_read(&self, actor: &Actor, workitem: WorkitemId) -> Answer<HistoryReading>;
    /// The conversations that the customer of a workitem had before it, the newest first.
    async fn conversations_before(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
    ) -> Answer<Vec<Workitem>>;
}

/// Raising a hand.
#[async_trait]
pub trait Assistance: Send + Sync {
    /// Active templates, and the caller's supervisors with their presence.
    async fn assistance_options_load(&self, actor: &Actor) -> Answer<AssistanceOptions>;
    /// Raises a hand. `Conflict` when nobody can be reached this way, the template is gone, or it no longer says what
    /// the agent saw.
    async fn assistance_request(&self, actor: &Actor, key: CommandKey, ask: Ask) -> Answer<Asked>;
    /// Takes a request of the caller back. Answers how it was settled, which may have happened before.
    async fn request_withdraw(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> Answer<Settled>;
    /// Takes a request on: who supervises the agent. `Conflict` when somebody else has it, or it is over.
    async fn request_claim(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> Answer<Claim>;
    /// Gives a request back that the caller has claimed. `Conflict` as above.
    async fn request_hand_back(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> Answer<()>;
    /// Settles a request without a word: its agent, who was asked, and who supervises the agent. Answers how it was
    /// settled, which may have happened before.
    async fn request_handle(
        &self,
        actor: &Actor,
        key: CommandKey,
        request: RequestId,
    ) -> Answer<Settled>;
}

/// Texts that people keep to use again.
#[async_trait]
pub trait SavedTexts: Send + Sync {
    /// One's own and those of one's teams for customers or for coaching, by title.
    async fn saved_text_list(&self, actor: &Actor, written_for: SavedFor)
    -> Answer<Vec<SavedText>>;
}

/// Views of the dashboard.
#[async_trait]
pub trait Views: Send + Sync {
    /// The views that the actor may open, and what the dashboard keeps for them.
    async fn view_list(&self, actor: &Actor) -> Answer<DashboardViews>;
    /// Sets what the dashboard keeps for the actor.
    async fn view_choose(&self, actor: &Actor, choice: DashboardChoice) -> Answer<()>;
}

/// Assistance templates.
#[async_trait]
pub trait Templates: Send + Sync {
    /// All of them, in order.
    async fn template_list(&self, actor: &Actor) -> Answer<Vec<Template>>;
    /// Adds one at the end.
    #[allow(clippy::too_many_arguments)]
    async fn template_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        title: TemplateTitle,
        text: TemplateText,
        active: bool,
        target_min: Option<i64>,
    ) -> Answer<Template>;
    /// Changes one; without a target time the stored one stays. Requests already sent keep their text. `Conflict` when
    /// somebody else edited it since `version`.
    #[allow(clippy::too_many_arguments)]
    async fn template_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        template: TemplateId,
        version: i64,
        title: TemplateTitle,
        text: TemplateText,
        active: bool,
        target_min: Option<Option<i64>>,
    ) -> Answer<Template>;
    /// Moves one place up (`true`) or down; at the end it stays where it is.
    async fn template_move(
        &self,
        actor: &Actor,
        key: CommandKey,
        template: TemplateId,
        up: bool,
    ) -> Answer<()>;
    /// Deletes one. `Conflict` when it is at another version than the one that was seen, if one is named.
    async fn template_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        template: TemplateId,
        version: Option<i64>,
    ) -> Answer<()>;
}

/// The Company Directory.
#[async_trait]
pub trait Directory: Send + Sync {
    /// What header and pop-ups begin with.
    async fn bootstrap_load(&self, actor: &Actor) -> Answer<Bootstrap>;
    /// Everybody active except the caller, by name.
    async fn people_list(&self, actor: &Actor) -> Answer<Vec<Person>>;
    /// The newest messages with somebody, or those before number `before`.
    async fn directory_conversation(
        &self,
        actor: &Actor,
        with: UserId,
        before: Option<i64>,
    ) -> Answer<DirectoryPage>;
    /// Writes to somebody. A supervisor's message to an agent settles the request that it answers; without a name, the
    /// only one that is open between the two.
    async fn directory_send(
        &self,
        actor: &Actor,
        to: UserId,
        key: CommandKey,
        text: DirectoryText,
        answers: Option<RequestId>,
    ) -> Answer<DirectoryMessage>;
    /// The caller has read everything from `with` up to number `through`.
    async fn directory_read(&self, actor: &Actor, with: UserId, through: i64) -> Answer<()>;
    /// Sends the pop-up of a message to the caller away, in all their windows and for good. May be repeated.
    async fn message_dismiss(&self, actor: &Actor, message: DirectoryMessageId) -> Answer<()>;
}

/// A user's own account.
#[async_trait]
pub trait Account: Send + Sync {
    /// Sets what others see while the caller is connected.
    async fn presence_set(&self, actor: &Actor, key: CommandKey, presence: Presence) -> Answer<()>;
    /// Switches what the caller has on or off.
    async fn settings_save(
        &self,
        actor: &Actor,
        key: CommandKey,
        switches: Switches,
    ) -> Answer<Settings>;
    /// Sets the language of the caller's pages; none is the browser's.
    async fn language_set(
        &self,
        actor: &Actor,
        key: CommandKey,
        language: Option<Language>,
    ) -> Answer<()>;
    /// Changes the caller's password and ends all their other sessions.
    async fn password_change(
        &self,
        caller: &Caller,
        key: CommandKey,
        old: TypedPassword,
        new: Password,
    ) -> Answer<()>;
    /// The caller types their password once more: for a while the session may do what is sensitive.
    async fn password_prove(&self, caller: &Caller, password: TypedPassword) -> Answer<()>;
    /// Ends every other session of the caller.
    async fn sessions_end_elsewhere(&self, caller: &Caller, key: CommandKey) -> Answer<()>;
    /// The caller's sessions, the one that was used last first.
    async fn session_list(&self, caller: &Caller) -> Answer<Vec<SessionInfo>>;
    /// Ends one of the caller's sessions.
    async fn session_end(&self, actor: &Actor, key: CommandKey, session: SessionId) -> Answer<()>;
}

/// Channels that go through a provider. Switching one on or off is [`Administration::channel_activate`].
#[async_trait]
pub trait Channels: Send + Sync {
    /// All of them by name, and the kinds that there are.
    async fn provider_channel_list(&self, actor: &Actor) -> Answer<ProviderChannels>;
    /// Creates one. `Invalid` when its address belongs to another one of its kind.
    async fn provider_channel_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        change: ProviderChannelChange,
    ) -> Answer<ProviderChannel>;
    /// Changes one; secrets that are not named stay. `Conflict` when somebody else edited it since the change's version.
    async fn provider_channel_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        channel: ChannelKey,
        change: ProviderChannelChange,
    ) -> Answer<ProviderChannel>;
    /// Sends a message to a number of the caller's, past every queue, and answers what the provider says. Each call sends
    /// one.
    async fn channel_test(
        &self,
        actor: &Actor,
        channel: ChannelKey,
        to: String,
        text: MessageText,
    ) -> Answer<ChannelTested>;
}

/// Users and teams.
///
/// To create or change an administrator, to change roles, to set somebody's password, to take their second factor away and
/// to let a deactivated user in again, the
/// caller's session must have proved its password a short while ago ([`Account::password_prove`]); signing in counts.
/// Otherwise the answer is `Invalid` with the field [`PROOF`](shared::error::PROOF).
#[async_trait]
pub trait Administration: Send + Sync {
    /// All users by name.
    async fn user_list(&self, actor: &Actor) -> Answer<Vec<UserAccount>>;
    /// Creates a user. `Invalid` when the username is taken.
    async fn user_create(
        &self,
        caller: &Caller,
        key: CommandKey,
        username: Username,
        name: DisplayName,
        roles: Vec<Role>,
        password: Password,
    ) -> Answer<UserAccount>;
    /// Changes name, roles and an agent's capacity; ends the user's sessions when the roles changed. `Conflict` when
    /// somebody else edited them since the change's version.
    async fn user_update(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        change: UserChange,
    ) -> Answer<UserAccount>;
    /// Sets a new password, which the user has to change at the next sign-in, and ends their sessions. One's own is changed with the old one instead.
    async fn user_password_reset(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        password: Password,
    ) -> Answer<()>;
    /// Deactivates (sessions end, work goes back to the queue) or activates again. Nobody deactivates
    /// themselves.
    async fn user_activate(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        active: bool,
    ) -> Answer<UserAccount>;
    /// Ends all sessions of a user.
    async fn user_sessions_end(&self, actor: &Actor, key: CommandKey, user: UserId) -> Answer<()>;
    /// Takes a user's second factor away, who has lost it, and ends their sessions.
    async fn user_second_factor_reset(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
    ) -> Answer<()>;
    /// All teams by name.
    async fn team_list(&self, actor: &Actor) -> Answer<Vec<Team>>;
    /// Creates a team.
    async fn team_create(&self, actor: &Actor, key: CommandKey, change: TeamChange)
    -> Answer<Team>;
    /// Changes name, members and supervisors. `Conflict` when somebody else edited them since the change's version.
    async fn team_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        team: TeamId,
        change: TeamChange,
    ) -> Answer<Team>;
    /// Puts a user into teams and takes them out of others. `Invalid` where they lack the role.
    async fn memberships_change(
        &self,
        actor: &Actor,
        key: CommandKey,
        user: UserId,
        change: MembershipChange,
    ) -> Answer<()>;
    /// Gives a team one more chat channel, at the address that was chosen or at one that nobody guesses. `Invalid` when the
    /// address is taken.
    async fn channel_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        team: TeamId,
        name: CustomerName,
        address: Option<ChannelKey>,
    ) -> Answer<ChatChannel>;
    /// Renames a chat channel. `Conflict` when somebody else did since `version`.
    async fn channel_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        channel: ChannelKey,
        version: i64,
        name: CustomerName,
    ) -> Answer<ChatChannel>;
    /// Switches a chat channel on or off.
    async fn channel_activate(
        &self,
        actor: &Actor,
        key: CommandKey,
        channel: ChannelKey,
        active: bool,
    ) -> Answer<()>;
}

/// What administrators delete. Rows stay, so that what people wrote keeps its names.
#[async_trait]
pub trait Deletions: Send + Sync {
    /// What hangs on something that is about to be deleted.
    async fn deletion_preview(&self, actor: &Actor, of: Deletable) -> Answer<DeletionExtent>;
    /// Deletes a user: sessions end, work goes back to its queues. The caller's session must have proved its password.
    /// `Conflict` for the caller, for the last administrator, and when somebody else edited the user since `version`.
    async fn user_delete(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        version: i64,
    ) -> Answer<()>;
    /// Deletes a team. `Conflict` while it has agents, chat channels or open work, and when somebody else edited it since
    /// `version`.
    async fn team_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        team: TeamId,
        version: i64,
    ) -> Answer<()>;
    /// Deletes a chat channel. `Conflict` while a conversation that was begun on it is open.
    async fn channel_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        channel: ChannelKey,
    ) -> Answer<()>;
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
    ) -> Answer<Sent>;
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
    ) -> Answer<()>;
}

/// Labels of workitems: how one ended, and what it is about. Never for customers.
#[async_trait]
pub trait Labels: Send + Sync {
    /// The labels that a workitem can be given, by kind and name.
    async fn label_list(&self, actor: &Actor, workitem: WorkitemId) -> Answer<Vec<LabelRef>>;
    /// Gives a workitem that the caller works on or has authority over a label, or takes it back; a new outcome takes the place
    /// of the one before.
    async fn label_set(
        &self,
        actor: &Actor,
        workitem: WorkitemId,
        key: CommandKey,
        label: LabelId,
        on: bool,
    ) -> Answer<()>;
}

/// The organisation's settings.
#[async_trait]
pub trait Organisation: Send + Sync {
    /// The settings and their version.
    async fn organisation_load(&self, actor: &Actor) -> Answer<OrganisationEdit>;
    /// Changes some settings; who needs a second factor only shortly after [`Account::password_prove`]. `version` is the one that the edit started from: `Conflict` says what changed since.
    async fn organisation_save(
        &self,
        caller: &Caller,
        key: CommandKey,
        version: i64,
        changes: Vec<SettingChange>,
    ) -> Answer<OrganisationEdit>;
}

/// The audit log.
#[async_trait]
pub trait Audit: Send + Sync {
    /// A page of the log, the newest first. `Invalid` names what cannot be read in the query.
    async fn audit_list(&self, actor: &Actor, query: AuditQuery) -> Answer<AuditPage>;
}

/// Customers, as administrators erase them.
#[async_trait]
pub trait Customers: Send + Sync {
    /// Workitems of customers whose names have words that begin like these.
    async fn customer_find(&self, actor: &Actor, name: String) -> Answer<Vec<CustomerWorkitem>>;
    /// How much would go with the customer of this workitem.
    async fn erasure_preview(&self, actor: &Actor, workitem: WorkitemId) -> Answer<Erasure>;
    /// Erases the customer of this workitem. Asks for the caller's password once more.
    async fn customer_erase(
        &self,
        caller: &Caller,
        key: CommandKey,
        workitem: WorkitemId,
    ) -> Answer<Erasure>;
}

/// The caller and the backend of the request that is being answered.
pub fn signed_in() -> Answer<(Caller, Arc<dyn Backend>)> {
    let backend = use_context::<Arc<dyn Backend>>().ok_or(AppError::Unavailable)?;
    let caller = use_context::<Option<Caller>>()
        .flatten()
        .ok_or(AppError::Unauthenticated)?;
    Ok((caller, backend))
}
