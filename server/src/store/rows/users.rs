//! Users as administrators see and change them.

use async_trait::async_trait;
use shared::admin::UserAccount;
use shared::ids::UserId;
use shared::people::Role;
use shared::time::Timestamp;

use super::NameHolder;
use crate::store::Stored;

/// Reads of users.
#[async_trait]
pub trait UserReads: Send {
    /// Everybody who was not deleted, by name.
    async fn user_list(&mut self) -> Stored<Vec<UserAccount>>;
    /// A user who was not deleted.
    async fn user_find(&mut self, user: &UserId) -> Stored<Option<UserAccount>>;
    /// Whether there is anybody.
    async fn user_any(&mut self) -> Stored<bool>;
    /// Who has this username.
    async fn username_holder(&mut self, username: &str) -> Stored<Option<NameHolder>>;
    /// How many active administrators there are beside this user who can let others in.
    async fn administrators_beside(&mut self, user: Option<&UserId>) -> Stored<i64>;
    /// Everybody who stands as a supervisor in a team of this agent.
    async fn team_supervisors_of(&mut self, agent: &UserId) -> Stored<Vec<UserId>>;
}

/// Writes of users.
#[async_trait]
pub trait UserRows: Send {
    /// Inserts a user without roles.
    async fn user_insert(
        &mut self,
        account: &UserAccount,
        password_hash: &str,
        at: Timestamp,
    ) -> Stored<()>;
    /// Sets name, capacity and version.
    async fn user_set(&mut self, account: &UserAccount) -> Stored<()>;
    /// Sets the roles, in their order.
    async fn user_set_roles(&mut self, user: &UserId, roles: &[Role]) -> Stored<()>;
    /// Switches an account on or off.
    async fn user_set_active(&mut self, user: &UserId, active: bool) -> Stored<()>;
    /// Takes an agent out of all teams.
    async fn user_delete_memberships(&mut self, agent: &UserId) -> Stored<()>;
    /// Takes a supervisor out of all teams.
    async fn user_delete_supervisions(&mut self, supervisor: &UserId) -> Stored<()>;
}
