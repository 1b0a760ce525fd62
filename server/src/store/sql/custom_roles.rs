//! Roles that administrators built.

use async_trait::async_trait;
use shared::fold::folded;
use shared::ids::{RoleId, UserId};
use shared::people::{Permission, Role};
use shared::roles::{CustomRole, choices};

use super::names::shown_name;
use super::rows::{code, flag, id, id_maybe, int, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{CustomRoleReads, CustomRoleRows, RoleHolder};

/// What the release before this one does not know. It takes a role for damaged whose `permissions` name one of these, so they stand in
/// a column that it leaves alone.
const LATER: [Permission; 1] = [Permission::WorkitemGiveBack];

const FIND: &str = "SELECT id, kind, name, permissions, more_permissions, version
    FROM custom_roles WHERE id = $1";
const LIST: &str = "SELECT id, kind, name, permissions, more_permissions, version
    FROM custom_roles ORDER BY kind, name_key, id";
const NAME_TAKEN: &str = "SELECT EXISTS (SELECT 1 FROM custom_roles
    WHERE name_key = $1 AND id <> $2) AS taken";
const HOLDERS: &str = "SELECT user_id AS id FROM user_roles WHERE custom_id = $1 ORDER BY user_id";
const ALL_HOLDERS: &str = concat!(
    "SELECT u.id, ",
    shown_name!("u"),
    " AS name, u.active, r.role, r.custom_id FROM users u JOIN user_roles r ON r.user_id = u.id
    WHERE u.deleted_at IS NULL ORDER BY u.name_key, u.id, r.place"
);
const INSERT: &str = "INSERT INTO custom_roles
    (id, kind, name, name_key, permissions, more_permissions, version)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const SET: &str = "UPDATE custom_roles SET name = $2, name_key = $3, permissions = $4,
    more_permissions = $5, version = $6 WHERE id = $1";
const DELETE: &str = "DELETE FROM custom_roles WHERE id = $1";
const GIVE: &str = "UPDATE user_roles SET custom_id = $3 WHERE user_id = $1 AND role = $2";

fn read(row: &Row) -> Stored<CustomRole> {
    let kind = code(row, "kind", Role::from_code)?;
    let (known, later) = (text(row, "permissions")?, text(row, "more_permissions")?);
    let stored = permissions(&known, &later)?;
    // A migration may have put one at the end.
    let mut in_order = choices(kind);
    in_order.retain(|choice| stored.contains(choice));
    Ok(CustomRole {
        id: id(row, "id")?,
        kind,
        name: text(row, "name")?,
        permissions: in_order,
        version: int(row, "version")?,
    })
}

/// The permissions of both columns. What a later release stored is left out.
pub(super) fn permissions(known: &str, later: &str) -> Stored<Vec<Permission>> {
    let mut found = Vec::new();
    for list in [known, later] {
        let codes: Vec<String> = serde_json::from_str(list)?;
        found.extend(codes.iter().filter_map(|code| Permission::from_code(code)));
    }
    Ok(found)
}

/// As they are stored: what the release before knows, and the rest.
fn listed(permissions: &[Permission]) -> Stored<[String; 2]> {
    let (later, known): (Vec<&Permission>, Vec<_>) =
        permissions.iter().partition(|one| LATER.contains(one));
    let list = |permissions: Vec<&Permission>| {
        let codes: Vec<&str> = permissions.iter().map(|one| one.code()).collect();
        serde_json::to_string(&codes)
    };
    Ok([list(known)?, list(later)?])
}

#[async_trait]
impl<R: Runner> CustomRoleReads for Rows<R> {
    async fn custom_role_find(&mut self, role: &RoleId) -> Stored<Option<CustomRole>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(role.as_str()).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn custom_role_list(&mut self) -> Stored<Vec<CustomRole>> {
        self.quick(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
    }

    async fn custom_role_name_taken(&mut self, role: &CustomRole) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(NAME_TAKEN)
                .bind(folded(&role.name))
                .bind(role.id.as_str())
                .fetch_one(connection)?;
            Ok(int(&row, "taken")? == 1)
        })
    }

    async fn custom_role_holders(&mut self, role: &RoleId) -> Stored<Vec<UserId>> {
        self.quick(|connection| {
            let rows = sql(HOLDERS).bind(role.as_str()).fetch_all(connection)?;
            rows.iter().map(|row| id(row, "id")).collect()
        })
    }

    async fn role_holders(&mut self) -> Stored<Vec<RoleHolder>> {
        self.slow(|connection| {
            let rows = sql(ALL_HOLDERS).fetch_all(connection)?;
            let holder = |row: &Row| {
                Ok(RoleHolder {
                    user: id(row, "id")?,
                    name: text(row, "name")?,
                    active: flag(row, "active")?,
                    kind: code(row, "role", Role::from_code)?,
                    role: id_maybe(row, "custom_id")?,
                })
            };
            rows.iter().map(holder).collect()
        })
        .await
    }
}

#[async_trait]
impl CustomRoleRows for Rows<Inline<'_>> {
    async fn custom_role_insert(&mut self, role: &CustomRole) -> Stored<()> {
        let [known, later] = listed(&role.permissions)?;
        sql(INSERT)
            .bind(role.id.as_str())
            .bind(role.kind.code())
            .bind(role.name.as_str())
            .bind(folded(&role.name))
            .bind(known)
            .bind(later)
            .bind(role.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn custom_role_set(&mut self, role: &CustomRole) -> Stored<()> {
        let [known, later] = listed(&role.permissions)?;
        sql(SET)
            .bind(role.id.as_str())
            .bind(role.name.as_str())
            .bind(folded(&role.name))
            .bind(known)
            .bind(later)
            .bind(role.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn custom_role_delete(&mut self, role: &RoleId) -> Stored<()> {
        sql(DELETE).bind(role.as_str()).execute(self.connection())?;
        Ok(())
    }

    async fn custom_role_give(
        &mut self,
        user: &UserId,
        kind: Role,
        role: Option<&RoleId>,
    ) -> Stored<()> {
        sql(GIVE)
            .bind(user.as_str())
            .bind(kind.code())
            .bind(role.map(RoleId::as_str))
            .execute(self.connection())?;
        Ok(())
    }
}
