//! Roles that administrators build.

use app::backend::{ApiResult, Caller};
use shared::ids::{CommandKey, RoleId, UserId};
use shared::people::{Actor, Permission, Role};
use shared::policy::Action;
use shared::roles::CustomRole;
use shared::text::RoleName;

use super::{Desk, to_app_error};
use crate::commands::{RoleCreate, RoleDelete, RoleGive, RoleUpdate};
use crate::store::rows::RoleHolder;

/// What the page of roles shows.
pub(crate) struct RolesManaged {
    /// All roles that were built, by kind and name.
    pub(crate) roles: Vec<CustomRole>,
    /// Every user, once for each kind of role, by name.
    pub(crate) holders: Vec<RoleHolder>,
}

impl Desk {
    /// All roles, and who holds which.
    ///
    /// # Errors
    /// `NotFound` for those who do not manage users.
    pub(crate) async fn roles_managed(&self, actor: &Actor) -> ApiResult<RolesManaged> {
        self.allow(actor, Action::UserManage).await?;
        let mut rows = self.snapshot().await?;
        Ok(RolesManaged {
            roles: rows.custom_role_list().await.map_err(to_app_error)?,
            holders: rows.role_holders().await.map_err(to_app_error)?,
        })
    }

    /// Adds a role that has what its kind has.
    pub(crate) async fn role_create(
        &self,
        actor: &Actor,
        key: CommandKey,
        kind: Role,
        name: RoleName,
    ) -> ApiResult<()> {
        self.allow(actor, Action::UserManage).await?;
        let create = RoleCreate {
            role: RoleId::parse(self.ids().next())?,
            kind,
            name: name.into(),
            context: self.context(actor, key),
        };
        self.execute(create).await
    }

    /// Changes a role. The caller's password was proved a short while ago.
    pub(crate) async fn role_update(
        &self,
        caller: &Caller,
        key: CommandKey,
        (role, version): (RoleId, i64),
        name: RoleName,
        permissions: Vec<Permission>,
    ) -> ApiResult<()> {
        self.allow(&caller.actor, Action::UserManage).await?;
        let update = RoleUpdate {
            role,
            version,
            name: name.into(),
            permissions,
            session: caller.session.clone(),
            context: self.context(&caller.actor, key),
        };
        self.execute(update).await
    }

    /// Deletes a role that nobody holds.
    pub(crate) async fn role_delete(
        &self,
        actor: &Actor,
        key: CommandKey,
        role: RoleId,
    ) -> ApiResult<()> {
        self.allow(actor, Action::UserManage).await?;
        let context = self.context(actor, key);
        self.execute(RoleDelete { role, context }).await
    }

    /// Gives a user a role, or what its kind has. The caller's password was proved a short while ago.
    pub(crate) async fn role_give(
        &self,
        caller: &Caller,
        key: CommandKey,
        user: UserId,
        kind: Role,
        role: Option<RoleId>,
    ) -> ApiResult<()> {
        self.allow(&caller.actor, Action::UserManage).await?;
        let give = RoleGive {
            user,
            kind,
            role,
            session: caller.session.clone(),
            context: self.context(&caller.actor, key),
        };
        self.execute(give).await
    }
}
