//! People among themselves, and what each keeps for themselves.

use async_trait::async_trait;
use shared::account::SessionInfo;
use shared::directory::{Bootstrap, DirectoryMessage, DirectoryPage, Settings, Switches};
use shared::ids::{CommandKey, DirectoryMessageId, RequestId, SessionId, TeamId, UserId};
use shared::language::Language;
use shared::people::{Actor, Person, Presence};
use shared::text::{DirectoryText, Password, TypedPassword};
use shared::views::{DashboardChoice, DashboardViews};

use super::{ApiResult, Caller};

/// The Company Directory.
#[async_trait]
pub trait Directory: Send + Sync {
    /// What header and pop-ups begin with.
    async fn bootstrap_load(&self, actor: &Actor) -> ApiResult<Bootstrap>;
    /// Everybody active except the caller, by name.
    async fn people_list(&self, actor: &Actor) -> ApiResult<Vec<Person>>;
    /// The newest messages with somebody, or those before number `before`.
    async fn directory_conversation(
        &self,
        actor: &Actor,
        with: UserId,
        before: Option<i64>,
    ) -> ApiResult<DirectoryPage>;
    /// Writes to somebody. A supervisor's message to an agent settles the request that it answers; without a name, the
    /// only one that is open between the two.
    async fn directory_send(
        &self,
        actor: &Actor,
        to: UserId,
        key: CommandKey,
        text: DirectoryText,
        answers: Option<RequestId>,
    ) -> ApiResult<DirectoryMessage>;
    /// Writes to all agents of a team, in the caller's conversation with each, and answers how many there are. It settles
    /// no request.
    async fn team_message_send(
        &self,
        actor: &Actor,
        team: TeamId,
        key: CommandKey,
        text: DirectoryText,
    ) -> ApiResult<usize>;
    /// The caller has read everything from `with` up to number `through`.
    async fn directory_read(&self, actor: &Actor, with: UserId, through: i64) -> ApiResult<()>;
    /// Sends the pop-up of a message to the caller away, in all their windows and for good. May be repeated.
    async fn message_dismiss(&self, actor: &Actor, message: DirectoryMessageId) -> ApiResult<()>;
}

/// A user's own account.
#[async_trait]
pub trait Account: Send + Sync {
    /// Sets what others see while the caller is connected.
    async fn presence_set(
        &self,
        actor: &Actor,
        key: CommandKey,
        presence: Presence,
    ) -> ApiResult<()>;
    /// Switches what the caller has on or off.
    async fn settings_save(
        &self,
        actor: &Actor,
        key: CommandKey,
        switches: Switches,
    ) -> ApiResult<Settings>;
    /// Sets the language of the caller's pages; none is the browser's.
    async fn language_set(
        &self,
        actor: &Actor,
        key: CommandKey,
        language: Option<Language>,
    ) -> ApiResult<()>;
    /// Changes the caller's password and ends all their other sessions.
    async fn password_change(
        &self,
        caller: &Caller,
        key: CommandKey,
        old: TypedPassword,
        new: Password,
    ) -> ApiResult<()>;
    /// The caller types their password once more: for a while the session may do what is sensitive.
    async fn password_prove(&self, caller: &Caller, password: TypedPassword) -> ApiResult<()>;
    /// Ends every other session of the caller.
    async fn sessions_end_elsewhere(&self, caller: &Caller, key: CommandKey) -> ApiResult<()>;
    /// The caller's sessions, the one that was used last first.
    async fn session_list(&self, caller: &Caller) -> ApiResult<Vec<SessionInfo>>;
    /// Ends one of the caller's sessions.
    async fn session_end(
        &self,
        actor: &Actor,
        key: CommandKey,
        session: SessionId,
    ) -> ApiResult<()>;
}

/// Views of the dashboard.
#[async_trait]
pub trait Views: Send + Sync {
    /// The views that the actor may open, and what the dashboard keeps for them.
    async fn view_list(&self, actor: &Actor) -> ApiResult<DashboardViews>;
    /// Sets what the dashboard keeps for the actor.
    async fn view_choose(&self, actor: &Actor, choice: DashboardChoice) -> ApiResult<()>;
}
