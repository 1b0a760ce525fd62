//! What an identity provider says of users.

use async_trait::async_trait;
use shared::ids::UserId;

use super::rows::{at_maybe, id, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{ProvisionedRow, ProvisioningReads, ProvisioningRows, provider_key};

const LIST: &str = "SELECT user_id, name, external_id, removed_at
    FROM provisioned_users ORDER BY user_id";
const FIND: &str =
    "SELECT user_id, name, external_id, removed_at FROM provisioned_users WHERE user_id = $1";
/// `$2` is the key of the release before, which knew nothing of composition.
const NAMED: &str = "SELECT p.user_id AS id FROM provisioned_users p WHERE p.name_key IN ($1, $2)
    UNION ALL
    SELECT u.id FROM users u WHERE u.username = $1 AND u.deleted_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM provisioned_users p WHERE p.user_id = u.id)";
const SET: &str = "INSERT INTO provisioned_users (user_id, name, name_key, external_id, removed_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key,
        external_id = excluded.external_id, removed_at = excluded.removed_at";
const RESTORE: &str = "UPDATE provisioned_users SET removed_at = NULL WHERE user_id = $1";
const DELETE: &str = "DELETE FROM provisioned_users WHERE user_id = $1";

fn read(row: &Row) -> Stored<ProvisionedRow> {
    Ok(ProvisionedRow {
        user: id(row, "user_id")?,
        name: text(row, "name")?,
        external_id: text_maybe(row, "external_id")?,
        removed_at: at_maybe(row, "removed_at")?,
    })
}

#[async_trait]
impl<R: Runner> ProvisioningReads for Rows<R> {
    async fn provisioned_list(&mut self) -> Stored<Vec<ProvisionedRow>> {
        self.slow(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
        .await
    }

    async fn provisioned_find(&mut self, user: &UserId) -> Stored<Option<ProvisionedRow>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(user.as_str()).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn provisioned_named(&mut self, name: &str) -> Stored<Vec<UserId>> {
        self.quick(|connection| {
            let rows = sql(NAMED)
                .bind(provider_key(name))
                .bind(name.to_lowercase())
                .fetch_all(connection)?;
            rows.iter().map(|row| id(row, "id")).collect()
        })
    }
}

#[async_trait]
impl ProvisioningRows for Rows<Inline<'_>> {
    async fn provisioned_set(&mut self, row: &ProvisionedRow) -> Stored<()> {
        sql(SET)
            .bind(row.user.as_str())
            .bind(row.name.as_str())
            .bind(provider_key(&row.name))
            .bind(row.external_id.as_deref())
            .bind(row.removed_at.map(|at| at.0))
            .execute(self.connection())?;
        Ok(())
    }

    async fn provisioned_restore(&mut self, user: &UserId) -> Stored<()> {
        sql(RESTORE)
            .bind(user.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn provisioned_delete(&mut self, user: &UserId) -> Stored<()> {
        sql(DELETE).bind(user.as_str()).execute(self.connection())?;
        Ok(())
    }
}
