//! Roles that administrators built, and who holds which.

use async_trait::async_trait;
use shared::ids::{RoleId, UserId};
use shared::people::Role;
use shared::roles::CustomRole;

use crate::store::Stored;

/// A user who holds a kind of role, and the role that was built for them, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleHolder {
    /// Who.
    pub user: UserId,
    /// Display name; users of one name are told apart.
    pub name: String,
    /// Deactivated users keep their roles.
    pub active: bool,
    /// The kind.
    pub kind: Role,
    /// The role; none: what its kind has.
    pub role: Option<RoleId>,
}

/// Reads of roles.
#[async_trait]
pub trait CustomRoleReads: Send {
    /// A role.
    async fn custom_role_find(&mut self, role: &RoleId) -> Stored<Option<CustomRole>>;
    /// All of them, by kind and name.
    async fn custom_role_list(&mut self) -> Stored<Vec<CustomRole>>;
    /// Whether another role of any kind has its name, by the key of names.
    async fn custom_role_name_taken(&mut self, role: &CustomRole) -> Stored<bool>;
    /// Who holds a role.
    async fn custom_role_holders(&mut self, role: &RoleId) -> Stored<Vec<UserId>>;
    /// Every user who was not deleted, once for each kind of role, by name.
    async fn role_holders(&mut self) -> Stored<Vec<RoleHolder>>;
}

/// Writes of roles.
#[async_trait]
pub trait CustomRoleRows: Send {
    /// Inserts one.
    async fn custom_role_insert(&mut self, role: &CustomRole) -> Stored<()>;
    /// Sets name, permissions and version.
    async fn custom_role_set(&mut self, role: &CustomRole) -> Stored<()>;
    /// Deletes one that nobody holds.
    async fn custom_role_delete(&mut self, role: &RoleId) -> Stored<()>;
    /// Gives a user who holds the kind a role of it, or what the kind has.
    async fn custom_role_give(
        &mut self,
        user: &UserId,
        kind: Role,
        role: Option<&RoleId>,
    ) -> Stored<()>;
}
