//! What administrators set up and answer for.

use async_trait::async_trait;
use shared::admin::{ChatChannel, MembershipChange, Team, TeamChange, UserAccount, UserChange};
use shared::audit::{AuditPage, AuditQuery};
use shared::channels::{ChannelTested, ProviderChannel, ProviderChannelChange, ProviderChannels};
use shared::deletion::{Deletable, DeletionExtent};
use shared::erasure::{CustomerWorkitem, Erasure};
use shared::ids::{ChannelKey, CommandKey, TeamId, UserId, WorkitemId};
use shared::language::Language;
use shared::organisation::{Expiring, OrganisationEdit, SettingChange};
use shared::people::{Actor, Role};
use shared::text::{CustomerName, DisplayName, MessageText, Password, Username};

use super::{ApiResult, Caller};

/// Users and teams.
///
/// To create or change an administrator, to change roles, to let somebody supervise a team, to set somebody's password, to take their
/// second factor away and to let a deactivated user in again, the caller's session must have proved its password a short while ago
/// ([`password_prove`](super::Account::password_prove)); signing in counts.
/// Otherwise the answer is `Invalid` with the field [`PROOF`](shared::error::PROOF).
#[async_trait]
pub trait Administration: Send + Sync {
    /// All users by name.
    async fn user_list(&self, actor: &Actor) -> ApiResult<Vec<UserAccount>>;
    /// Creates a user. `Invalid` when the username is taken.
    async fn user_create(
        &self,
        caller: &Caller,
        key: CommandKey,
        username: Username,
        name: DisplayName,
        roles: Vec<Role>,
        password: Password,
    ) -> ApiResult<UserAccount>;
    /// Changes name, roles and an agent's capacity; ends the user's sessions when the roles changed. `Conflict` when
    /// somebody else edited them since the change's version.
    async fn user_update(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        change: UserChange,
    ) -> ApiResult<UserAccount>;
    /// Sets a new password, which the user has to change at the next sign-in, and ends their sessions. One's own is changed with the old one instead.
    async fn user_password_reset(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        password: Password,
    ) -> ApiResult<()>;
    /// Deactivates (sessions end, work goes back to the queue) or activates again. Nobody deactivates
    /// themselves.
    async fn user_activate(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        active: bool,
    ) -> ApiResult<UserAccount>;
    /// Ends all sessions of a user.
    async fn user_sessions_end(
        &self,
        actor: &Actor,
        key: CommandKey,
        user: UserId,
    ) -> ApiResult<()>;
    /// Takes a user's second factor away, who has lost it, and ends their sessions.
    async fn user_second_factor_reset(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
    ) -> ApiResult<()>;
    /// All teams by name.
    async fn team_list(&self, actor: &Actor) -> ApiResult<Vec<Team>>;
    /// Creates a team.
    async fn team_create(
        &self,
        caller: &Caller,
        key: CommandKey,
        change: TeamChange,
    ) -> ApiResult<Team>;
    /// Changes name, members and supervisors. `Conflict` when somebody else edited them since the change's version.
    async fn team_update(
        &self,
        caller: &Caller,
        key: CommandKey,
        team: TeamId,
        change: TeamChange,
    ) -> ApiResult<Team>;
    /// Puts a user into teams and takes them out of others. `Invalid` where they lack the role.
    async fn memberships_change(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        change: MembershipChange,
    ) -> ApiResult<()>;
    /// Gives a team one more chat channel, at the address that was chosen or at one that nobody guesses. `Invalid` when the
    /// address is taken.
    async fn channel_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        team: TeamId,
        name: CustomerName,
        address: Option<ChannelKey>,
    ) -> ApiResult<ChatChannel>;
    /// Renames a chat channel. `Conflict` when somebody else did since `version`.
    async fn channel_update(
        &self,
        actor: &Actor,
        key: CommandKey,
        channel: ChannelKey,
        version: i64,
        name: CustomerName,
    ) -> ApiResult<ChatChannel>;
    /// Switches a chat channel on or off.
    async fn channel_activate(
        &self,
        actor: &Actor,
        key: CommandKey,
        channel: ChannelKey,
        active: bool,
    ) -> ApiResult<()>;
}

/// What administrators delete. Rows stay, so that what people wrote keeps its names.
#[async_trait]
pub trait Deletions: Send + Sync {
    /// What hangs on something that is about to be deleted.
    async fn deletion_preview(&self, actor: &Actor, of: Deletable) -> ApiResult<DeletionExtent>;
    /// Deletes a user: sessions end, work goes back to its queues. The caller's session must have proved its password.
    /// `Conflict` for the caller, for the last administrator, and when somebody else edited the user since `version`.
    async fn user_delete(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        version: i64,
    ) -> ApiResult<()>;
    /// Deletes a team. `Conflict` while it has agents, channels or open work, and when somebody else edited it since
    /// `version`.
    async fn team_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        team: TeamId,
        version: i64,
    ) -> ApiResult<()>;
    /// Deletes a channel with its secrets; the number of a provider's is free again. `Conflict` while a conversation that was begun on it is open.
    async fn channel_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        channel: ChannelKey,
    ) -> ApiResult<()>;
}

/// The organisation's settings.
#[async_trait]
pub trait Organisation: Send + Sync {
    /// The settings and their version.
    async fn organisation_load(&self, actor: &Actor) -> ApiResult<OrganisationEdit>;
    /// How much goes at once with these changes, where they delete something sooner than before.
    async fn retention_preview(
        &self,
        actor: &Actor,
        changes: Vec<SettingChange>,
    ) -> ApiResult<Expiring>;
    /// Changes some settings; who needs a second factor, and how long something is kept if that gets shorter, only shortly after [`password_prove`](super::Account::password_prove). `version` is the one that the edit started from: `Conflict` says what changed since.
    async fn organisation_save(
        &self,
        caller: &Caller,
        key: CommandKey,
        version: i64,
        changes: Vec<SettingChange>,
    ) -> ApiResult<OrganisationEdit>;
}

/// Channels that go through a provider. Switching one on or off is [`Administration::channel_activate`]. To set a secret needs the same
/// proof as [`Administration`] asks for.
#[async_trait]
pub trait Channels: Send + Sync {
    /// All of them by name, and the kinds that there are.
    async fn provider_channel_list(&self, actor: &Actor) -> ApiResult<ProviderChannels>;
    /// Creates one. `Invalid` when its address belongs to another one of its kind.
    async fn provider_channel_create(
        &self,
        caller: &Caller,
        key: CommandKey,
        change: ProviderChannelChange,
    ) -> ApiResult<ProviderChannel>;
    /// Changes one; secrets that are not named stay. `Conflict` when somebody else edited it since the change's version.
    async fn provider_channel_update(
        &self,
        caller: &Caller,
        key: CommandKey,
        channel: ChannelKey,
        change: ProviderChannelChange,
    ) -> ApiResult<ProviderChannel>;
    /// Sends a message to a number of the caller's, past every queue, and answers what the provider says. Each call sends
    /// one.
    async fn channel_test(
        &self,
        actor: &Actor,
        channel: ChannelKey,
        to: String,
        text: MessageText,
    ) -> ApiResult<ChannelTested>;
}

/// Customers, as administrators erase them.
#[async_trait]
pub trait Customers: Send + Sync {
    /// Workitems of customers whose names have words that begin like these.
    async fn customer_find(&self, actor: &Actor, name: String) -> ApiResult<Vec<CustomerWorkitem>>;
    /// How much would go with the customer of this workitem.
    async fn erasure_preview(&self, actor: &Actor, workitem: WorkitemId) -> ApiResult<Erasure>;
    /// Erases the customer of this workitem. Asks for the caller's password once more.
    async fn customer_erase(
        &self,
        caller: &Caller,
        key: CommandKey,
        workitem: WorkitemId,
    ) -> ApiResult<Erasure>;
}

/// The audit log.
#[async_trait]
pub trait Audit: Send + Sync {
    /// A page of the log, the newest first, with its values in the words of a language, or as they are stored. `Invalid` names what
    /// cannot be read in the query.
    async fn audit_list(
        &self,
        actor: &Actor,
        query: AuditQuery,
        language: Option<Language>,
    ) -> ApiResult<AuditPage>;
}
