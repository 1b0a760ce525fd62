//! Rows of single sign-on.

use async_trait::async_trait;
use shared::ids::UserId;
use shared::time::Timestamp;

use super::rows::{at, blob, flag, id, int, json, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{LinkedUser, SignOnReads, SignOnRow, SignOnRows};

const FIND: &str =
    "SELECT active, name, issuer, client_id, key_id, sealed, settings, version FROM sign_on
    WHERE one = 1";
const SET: &str =
    "INSERT INTO sign_on (one, active, name, issuer, client_id, key_id, sealed, settings, version)
    VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (one) DO UPDATE SET active = excluded.active, name = excluded.name, issuer = excluded.issuer,
        client_id = excluded.client_id, key_id = excluded.key_id, sealed = excluded.sealed,
        settings = excluded.settings, version = excluded.version";
const DELETE: &str = "DELETE FROM sign_on WHERE one = 1";
const IDENTITY: &str = "SELECT user_id FROM user_identities WHERE issuer = $1 AND subject = $2";
const IDENTITY_OF: &str =
    "SELECT subject FROM user_identities WHERE user_id = $1 AND issuer = $2 LIMIT 1";
const LINK: &str = "INSERT INTO user_identities (issuer, subject, user_id, linked_at)
    VALUES ($1, $2, $3, $4)";
const UNLINK: &str = "DELETE FROM user_identities WHERE issuer = $1 AND subject = $2";
const UNLINK_ALL: &str = "DELETE FROM user_identities WHERE user_id = $1";
const LINKED: &str = "SELECT u.id, u.name, u.username, u.active, i.issuer, i.subject, i.linked_at
    FROM users u CROSS JOIN user_identities i ON i.user_id = u.id
    WHERE u.deleted_at IS NULL ORDER BY u.name_key, u.id, i.linked_at, i.subject";
const BEGUN_AT: &str = "SELECT id FROM sessions WHERE user_id = $2 AND issuer = $1 ORDER BY id";
const OF_PROVIDER: &str = "SELECT id FROM sessions
    WHERE provider_session = $2 AND provider_session IS NOT NULL AND issuer = $1 ORDER BY id";
const SET_PROVIDER: &str = "UPDATE sessions SET issuer = $2, provider_session = $3 WHERE id = $1";
const FORGET: &str = "DELETE FROM logout_tokens WHERE expires_at <= $1";
const TAKE: &str = "INSERT INTO logout_tokens (issuer, token, expires_at) VALUES ($1, $2, $3)
    ON CONFLICT (issuer, token) DO NOTHING RETURNING token";

fn read(row: &Row) -> Stored<SignOnRow> {
    Ok(SignOnRow {
        active: flag(row, "active")?,
        name: text(row, "name")?,
        issuer: text(row, "issuer")?,
        client_id: text(row, "client_id")?,
        key_id: text(row, "key_id")?,
        sealed: blob(row, "sealed")?,
        settings: json(row, "settings")?,
        version: int(row, "version")?,
    })
}

fn linked(row: &Row) -> Stored<LinkedUser> {
    Ok(LinkedUser {
        user: id(row, "id")?,
        name: text(row, "name")?,
        username: text(row, "username")?,
        active: flag(row, "active")?,
        issuer: text(row, "issuer")?,
        subject: text(row, "subject")?,
        linked_at: at(row, "linked_at")?,
    })
}

#[async_trait]
impl<R: Runner> SignOnReads for Rows<R> {
    async fn sign_on_find(&mut self) -> Stored<Option<SignOnRow>> {
        self.quick(|connection| {
            let row = sql(FIND).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn subject_find(&mut self, issuer: &str, subject: &str) -> Stored<Option<UserId>> {
        self.quick(|connection| {
            let row = sql(IDENTITY).bind(issuer).bind(subject);
            let row = row.fetch_optional(connection)?;
            row.map(|row| id(&row, "user_id")).transpose()
        })
    }

    async fn subject_known(&mut self, issuer: &str, user: &UserId) -> Stored<bool> {
        self.quick(|connection| {
            let row = sql(IDENTITY_OF).bind(user.as_str()).bind(issuer);
            Ok(row.fetch_optional(connection)?.is_some())
        })
    }

    async fn sessions_of_provider(&mut self, issuer: &str, session: &str) -> Stored<Vec<String>> {
        self.quick(|connection| {
            let rows = sql(OF_PROVIDER).bind(issuer).bind(session);
            let rows = rows.fetch_all(connection)?;
            rows.iter().map(|row| text(row, "id")).collect()
        })
    }

    async fn sessions_begun_at(&mut self, issuer: &str, user: &UserId) -> Stored<Vec<String>> {
        self.quick(|connection| {
            let rows = sql(BEGUN_AT).bind(issuer).bind(user.as_str());
            let rows = rows.fetch_all(connection)?;
            rows.iter().map(|row| text(row, "id")).collect()
        })
    }

    async fn linked_users(&mut self) -> Stored<Vec<LinkedUser>> {
        self.slow(|connection| {
            let rows = sql(LINKED).fetch_all(connection)?;
            rows.iter().map(linked).collect()
        })
        .await
    }
}

#[async_trait]
impl SignOnRows for Rows<Inline<'_>> {
    async fn sign_on_set(&mut self, row: &SignOnRow) -> Stored<()> {
        sql(SET)
            .bind(i64::from(row.active))
            .bind(row.name.as_str())
            .bind(row.issuer.as_str())
            .bind(row.client_id.as_str())
            .bind(row.key_id.as_str())
            .bind(row.sealed.as_slice())
            .bind(serde_json::to_string(&row.settings)?)
            .bind(row.version)
            .execute(self.connection())?;
        Ok(())
    }

    async fn sign_on_delete(&mut self) -> Stored<()> {
        sql(DELETE).execute(self.connection())?;
        Ok(())
    }

    async fn subject_link(
        &mut self,
        issuer: &str,
        subject: &str,
        user: &UserId,
        at: Timestamp,
    ) -> Stored<()> {
        sql(LINK)
            .bind(issuer)
            .bind(subject)
            .bind(user.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn subject_unlink(&mut self, issuer: &str, subject: &str) -> Stored<()> {
        sql(UNLINK)
            .bind(issuer)
            .bind(subject)
            .execute(self.connection())?;
        Ok(())
    }

    async fn subjects_delete_of(&mut self, user: &UserId) -> Stored<()> {
        sql(UNLINK_ALL)
            .bind(user.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn session_set_provider(
        &mut self,
        session: &str,
        issuer: &str,
        provider_session: Option<&str>,
    ) -> Stored<()> {
        sql(SET_PROVIDER)
            .bind(session)
            .bind(issuer)
            .bind(provider_session)
            .execute(self.connection())?;
        Ok(())
    }

    async fn logout_token_take(
        &mut self,
        issuer: &str,
        token: &str,
        expires_at: Timestamp,
    ) -> Stored<bool> {
        let row = sql(TAKE)
            .bind(issuer)
            .bind(token)
            .bind(expires_at.0)
            .fetch_optional(self.connection())?;
        Ok(row.is_some())
    }

    async fn logout_tokens_forget(&mut self, now: Timestamp) -> Stored<()> {
        sql(FORGET).bind(now.0).execute(self.connection())?;
        Ok(())
    }
}
