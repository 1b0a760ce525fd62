//! Rows of users as administrators see them.

use async_trait::async_trait;
use shared::admin::UserAccount;
use shared::ids::UserId;
use shared::people::Role;
use shared::time::Timestamp;
use shared::workitem::ChannelCounts;

use super::deletions::holder;
use super::names::person_key;
use super::rows::{codes, flag, id, int, json, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{NameHolder, UserReads, UserRows};

macro_rules! select_accounts {
    ($tail:literal) => {
        concat!(
            "SELECT u.id, u.username, u.name, u.active, u.version, u.capacity,
                (SELECT json_group_array(r.role ORDER BY r.place) FROM user_roles r
                 WHERE r.user_id = u.id) AS roles
             FROM users u ",
            $tail
        )
    };
}
const LIST: &str = select_accounts!("WHERE u.deleted_at IS NULL ORDER BY u.name_key, u.id");
const FIND: &str = select_accounts!("WHERE u.id = $1 AND u.deleted_at IS NULL");
// An id is not empty. Asked in this way, the index answers.
const ANY: &str = "SELECT EXISTS (SELECT 1 FROM users WHERE id > '') AS found";
const HOLDER: &str = "SELECT deleted_at IS NOT NULL AS deleted FROM users WHERE username = $1";
const INSERT: &str =
    "INSERT INTO users (id, username, name, password_hash, active, created_at, name_key)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const SET: &str =
    "UPDATE users SET name = $2, version = $3, capacity = $4, name_key = $5 WHERE id = $1";
const SET_ACTIVE: &str = "UPDATE users SET active = $2 WHERE id = $1";
const ROLES_DELETE: &str = "DELETE FROM user_roles
    WHERE user_id = $1 AND role NOT IN (SELECT value FROM json_each($2))";
/// A role that stays keeps what an administrator made of it.
const ROLE_INSERT: &str = "INSERT INTO user_roles (user_id, role, place) VALUES ($1, $2, $3)
    ON CONFLICT (user_id, role) DO UPDATE SET place = excluded.place";
/// Only those count who have a way in: a password, or a subject of the provider that is on.
const ADMINISTRATORS_BESIDE: &str = "SELECT COUNT(*) AS count FROM users u
    JOIN user_roles r ON r.user_id = u.id AND r.role = 'administrator'
    WHERE u.active = 1 AND ($1 IS NULL OR u.id <> $1) AND (r.custom_id IS NULL
        OR r.custom_id IN (SELECT c.id FROM custom_roles c, json_each(c.permissions) p
            WHERE p.value = 'user.manage'))
        AND (u.password_hash <> '' OR EXISTS (SELECT 1 FROM user_identities i WHERE i.user_id = u.id
            AND i.issuer = (SELECT s.issuer FROM sign_on s WHERE s.one = 1 AND s.active = 1)))";
const TEAM_SUPERVISORS: &str = "SELECT DISTINCT s.user_id AS id FROM team_members m
    JOIN team_supervisors s ON s.team_id = m.team_id WHERE m.user_id = $1 ORDER BY 1";
const MEMBERSHIPS_DELETE: &str = "DELETE FROM team_members WHERE user_id = $1";
const SUPERVISIONS_DELETE: &str = "DELETE FROM team_supervisors WHERE user_id = $1";

fn read(row: &Row) -> Stored<UserAccount> {
    Ok(UserAccount {
        id: id(row, "id")?,
        username: text(row, "username")?,
        name: text(row, "name")?,
        roles: codes(row, "roles", Role::from_code)?,
        active: flag(row, "active")?,
        version: int(row, "version")?,
        capacity: capacity(row)?,
        built: Vec::new(),
    })
}

/// The numbers of the agent in this row, if there are some for this agent alone.
pub(super) fn capacity(row: &Row) -> Stored<Option<ChannelCounts>> {
    match text_maybe(row, "capacity")? {
        Some(_) => json(row, "capacity").map(Some),
        None => Ok(None),
    }
}

#[async_trait]
impl<R: Runner> UserReads for Rows<R> {
    async fn user_list(&mut self) -> Stored<Vec<UserAccount>> {
        self.slow(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
    }

    async fn user_find(&mut self, user: &UserId) -> Stored<Option<UserAccount>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(user.as_str()).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn user_any(&mut self) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(ANY).fetch_one(connection)?;
            flag(&row, "found")
        })
    }

    async fn username_holder(&mut self, username: &str) -> Stored<Option<NameHolder>> {
        self.quick(|connection| {
            let row = sql(HOLDER).bind(username).fetch_optional(connection)?;
            row.as_ref().map(holder).transpose()
        })
    }

    async fn administrators_beside(&mut self, user: Option<&UserId>) -> Stored<i64> {
        self.quick(|connection| {
            let row = sql(ADMINISTRATORS_BESIDE)
                .bind(user.map(UserId::as_str))
                .fetch_one(connection)?;
            int(&row, "count")
        })
    }

    async fn team_supervisors_of(&mut self, agent: &UserId) -> Stored<Vec<UserId>> {
        self.quick(|connection| {
            let rows = sql(TEAM_SUPERVISORS)
                .bind(agent.as_str())
                .fetch_all(connection)?;
            rows.iter().map(|row| id(row, "id")).collect()
        })
    }
}

#[async_trait]
impl UserRows for Rows<Inline<'_>> {
    async fn user_insert(
        &mut self,
        account: &UserAccount,
        password_hash: &str,
        at: Timestamp,
    ) -> Stored<()> {
        sql(INSERT)
            .bind(account.id.as_str())
            .bind(account.username.as_str())
            .bind(account.name.as_str())
            .bind(password_hash)
            .bind(i64::from(account.active))
            .bind(at.0)
            .bind(person_key(&account.name))
            .execute(self.connection())?;
        Ok(())
    }

    async fn user_set(&mut self, account: &UserAccount) -> Stored<()> {
        let capacity = account.capacity.as_ref().map(serde_json::to_string);
        sql(SET)
            .bind(account.id.as_str())
            .bind(account.name.as_str())
            .bind(account.version)
            .bind(capacity.transpose()?)
            .bind(person_key(&account.name))
            .execute(self.connection())?;
        Ok(())
    }

    async fn user_set_roles(&mut self, user: &UserId, roles: &[Role]) -> Stored<()> {
        let codes: Vec<&str> = roles.iter().map(|role| role.code()).collect();
        sql(ROLES_DELETE)
            .bind(user.as_str())
            .bind(serde_json::to_string(&codes)?)
            .execute(self.connection())?;
        for (place, role) in (1_i64..).zip(roles) {
            sql(ROLE_INSERT)
                .bind(user.as_str())
                .bind(role.code())
                .bind(place)
                .execute(self.connection())?;
        }
        Ok(())
    }

    async fn user_set_active(&mut self, user: &UserId, active: bool) -> Stored<()> {
        sql(SET_ACTIVE)
            .bind(user.as_str())
            .bind(i64::from(active))
            .execute(self.connection())?;
        Ok(())
    }

    async fn user_delete_memberships(&mut self, agent: &UserId) -> Stored<()> {
        sql(MEMBERSHIPS_DELETE)
            .bind(agent.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn user_delete_supervisions(&mut self, supervisor: &UserId) -> Stored<()> {
        sql(SUPERVISIONS_DELETE)
            .bind(supervisor.as_str())
            .execute(self.connection())?;
        Ok(())
    }
}
