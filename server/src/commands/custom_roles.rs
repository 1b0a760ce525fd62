//! Roles that administrators build. Whose rights change by it signs in again, as after any change of roles.

use async_trait::async_trait;
use i18n::{Label, Language};
use shared::audit::AuditChange;
use shared::error::{ConflictCause, Difference, Problem};
use shared::fold::folded;
use shared::ids::{RoleId, UserId};
use shared::people::{Permission, Role};
use shared::policy::Action;
use shared::roles::{CUSTOM_ROLES_MAX, CustomRole, chosen};

use super::edits::{difference, edited_meanwhile};
use super::keys::IdempotencyKey;
use super::users::some_administrator;
use super::{audit, requests, rights, sessions};
use crate::store::{
    Change, Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written,
};

/// Adds a role that has what its kind has. Nobody holds it yet. `Invalid` when its name is taken, or there are too many.
#[derive(Clone, Debug)]
pub struct RoleCreate {
    /// The id of the new role.
    pub role: RoleId,
    /// What kind it is.
    pub kind: Role,
    /// What it is called.
    pub name: String,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for RoleCreate {
    type Answer = ();
    const NAME: &'static str = "role_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let context = &self.context;
        let key = IdempotencyKey::in_context(context, Self::NAME, &(self.kind, &self.name))?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        if rows.custom_role_list().await?.len() >= CUSTOM_ROLES_MAX {
            let max = CUSTOM_ROLES_MAX as i64;
            return Err(invalid("role", Problem::TooMany { max }));
        }
        let role = CustomRole {
            id: self.role.clone(),
            kind: self.kind,
            name: self.name.clone(),
            permissions: self.kind.permissions().to_vec(),
            version: 0,
        };
        free(rows, &role).await?;
        rows.custom_role_insert(&role).await?;
        let (id, changes) = (role.id.as_str(), audited(None, Some(&role)));
        audit::changed(rows, context, Self::NAME, id, changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Renames a role, or changes what it has. `Conflict` when somebody else edited it since `version`, or nobody could let others
/// in any more.
#[derive(Clone, Debug)]
pub struct RoleUpdate {
    /// Which.
    pub role: RoleId,
    /// The version that this started from.
    pub version: i64,
    /// What it is called.
    pub name: String,
    /// What it shall have; what its kind cannot have is left out.
    pub permissions: Vec<Permission>,
    /// The session of the administrator, which must have proved its password.
    pub session: String,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for RoleUpdate {
    type Answer = ();
    const NAME: &'static str = "role_update";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let context = &self.context;
        let content = (&self.role, self.version, &self.name, &self.permissions);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        rights::proved_for(rows, context, Some(&self.session)).await?;
        let before = find(rows, &self.role).await?;
        let permissions = chosen(before.kind, &self.permissions);
        if permissions.is_empty() {
            return Err(invalid("permissions", Problem::NoneChosen));
        }
        let renamed = difference(&before.name, &self.name, Difference::Name);
        let others = permissions != before.permissions;
        let edited = others || renamed.is_some();
        if edited && before.version != self.version {
            let now = renamed.into_iter().collect();
            let refusal = edited_meanwhile(rows, self.role.as_str(), Self::NAME, now, false);
            return Err(refusal.await?);
        }
        let after = CustomRole {
            name: self.name.clone(),
            permissions,
            version: before.version + i64::from(edited),
            ..before.clone()
        };
        free(rows, &after).await?;
        rows.custom_role_set(&after).await?;
        let mut changes = Vec::new();
        if others {
            for user in rows.custom_role_holders(&self.role).await? {
                other_rights(rows, &user, &mut changes).await?;
            }
            settled(rows, context, &mut changes).await?;
        }
        let audited = audited(Some(&before), Some(&after));
        audit::changed(rows, context, Self::NAME, self.role.as_str(), audited).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// Deletes a role. `Conflict` while somebody holds it: they would have what its kind has, which may be more.
#[derive(Clone, Debug)]
pub struct RoleDelete {
    /// Which.
    pub role: RoleId,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for RoleDelete {
    type Answer = ();
    const NAME: &'static str = "role_delete";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let context = &self.context;
        let key = IdempotencyKey::in_context(context, Self::NAME, &self.role)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        let role = find(rows, &self.role).await?;
        if !rows.custom_role_holders(&self.role).await?.is_empty() {
            return Err(StoreError::Conflict(ConflictCause::RoleInUse));
        }
        rows.custom_role_delete(&self.role).await?;
        let (id, changes) = (self.role.as_str(), audited(Some(&role), None));
        audit::changed(rows, context, Self::NAME, id, changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// Gives a user who holds a kind of role one of that kind, or what the kind has. `Conflict` when nobody could let others in any
/// more.
#[derive(Clone, Debug)]
pub struct RoleGive {
    /// Whom.
    pub user: UserId,
    /// The kind.
    pub kind: Role,
    /// The role; none: what its kind has.
    pub role: Option<RoleId>,
    /// The session of the administrator, which must have proved its password.
    pub session: String,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for RoleGive {
    type Answer = ();
    const NAME: &'static str = "role_give";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let (user, context) = (&self.user, &self.context);
        let content = (user, self.kind, &self.role);
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::UserManage).await?;
        rights::proved_for(rows, context, Some(&self.session)).await?;
        let account = rows.user_find(user).await?.ok_or(StoreError::NotFound)?;
        if !account.roles.contains(&self.kind) {
            let role = self.kind;
            return Err(invalid("user", Problem::WithoutRole { role }));
        }
        let (mut name, mut held) = (None, None);
        for role in rows.custom_role_list().await? {
            if Some(&role.id) == self.role.as_ref() && role.kind == self.kind {
                name = Some(role.name);
            } else if rows.custom_role_holders(&role.id).await?.contains(user)
                && role.kind == self.kind
            {
                held = Some(role.name);
            }
        }
        if self.role.is_some() && name.is_none() {
            return Err(StoreError::NotFound);
        }
        rows.custom_role_give(user, self.kind, self.role.as_ref())
            .await?;
        let mut changes = Vec::new();
        other_rights(rows, user, &mut changes).await?;
        settled(rows, context, &mut changes).await?;
        let given = audit::differences(["role"], held.map(|held| [held]), name.map(|name| [name]));
        audit::changed(rows, context, Self::NAME, user.as_str(), given).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written { value: (), changes })
    }
}

/// The user has other rights now.
async fn other_rights(
    rows: &mut dyn Transaction,
    user: &UserId,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    changes.push(Change::Authority(user.clone()));
    sessions::end_of(rows, user, None, changes).await
}

/// What follows from other rights: somebody can still let others in, and requests that nobody can answer any more end.
async fn settled(
    rows: &mut dyn Transaction,
    context: &CommandContext,
    changes: &mut Vec<Change>,
) -> Stored<()> {
    some_administrator(rows).await?;
    requests::review(rows, context.at, changes).await
}

async fn find(rows: &mut dyn Snapshot, role: &RoleId) -> Stored<CustomRole> {
    let found = rows.custom_role_find(role).await?;
    found.ok_or(StoreError::NotFound)
}

/// `Invalid` for a name that another role has: an identity provider names roles by it, of whatever kind they are.
async fn free(rows: &mut dyn Snapshot, role: &CustomRole) -> Stored<()> {
    match is_standard(&role.name) || rows.custom_role_name_taken(role).await? {
        true => Err(invalid("name", Problem::Taken)),
        false => Ok(()),
    }
}

/// Whether a standard role is called so in any language of the interface.
fn is_standard(name: &str) -> bool {
    let name = folded(name);
    let called = |kind: Role, language: Language| folded(kind.label(language)) == name;
    Role::ALL.into_iter().any(|kind| {
        let mut languages = Language::ALL.into_iter();
        kind.code() == name || languages.any(|language| called(kind, language))
    })
}

fn invalid(field: &'static str, problem: Problem) -> StoreError {
    StoreError::Invalid { field, problem }
}

/// What the audit log says of a change.
fn audited(before: Option<&CustomRole>, after: Option<&CustomRole>) -> Vec<AuditChange> {
    let values = |role: &CustomRole| {
        [
            role.kind.code().to_owned(),
            role.name.clone(),
            audit::listed(role.permissions.iter().map(|one| one.code())),
        ]
    };
    let fields = ["kind", "name", "permissions"];
    audit::differences(fields, before.map(values), after.map(values))
}
