//! Listing the users of a database that another process may have open.

use std::path::Path;

use shared::people::Role;
use sqlx::{Connection, Row};

use super::open::{self, OpenError};

/// A user, as the command line lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUser {
    /// Sign-in name.
    pub username: String,
    /// Display name.
    pub name: String,
    /// First one first; one of a later release is left out.
    pub roles: Vec<Role>,
    /// Whether they can sign in.
    pub active: bool,
}

/// Everybody by username. Changes nothing, and takes no lock that a writer would wait for.
pub async fn users_of(path: &Path) -> Result<Vec<ListedUser>, OpenError> {
    let mut connection = open::reading(path).await?;
    let rows = sqlx::query(
        "SELECT u.username, u.name, u.active,
            (SELECT group_concat(r.role, ' ' ORDER BY r.place) FROM user_roles r
             WHERE r.user_id = u.id) AS roles
         FROM users u WHERE u.deleted_at IS NULL ORDER BY u.username",
    )
    .fetch_all(&mut connection)
    .await
    .map_err(|error| open::database(path, &error))?;
    // It was only read: how it is closed changes nothing.
    let _ = connection.close().await;
    let listed = rows.iter().map(|row| {
        let roles: Option<String> = row.get("roles");
        let roles = roles.unwrap_or_default();
        ListedUser {
            username: row.get("username"),
            name: row.get("name"),
            roles: roles.split(' ').filter_map(Role::from_code).collect(),
            active: row.get::<i64, _>("active") != 0,
        }
    });
    Ok(listed.collect())
}
