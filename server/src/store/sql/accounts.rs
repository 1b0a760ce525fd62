//! What a user signs in with and sets for themselves.

use async_trait::async_trait;
use shared::directory::Settings;
use shared::ids::UserId;
use shared::language::Language;
use shared::people::Presence;
use shared::time::Timestamp;

use super::rows::{flag, id, ids_argument, presence, text, text_maybe};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, Statement, sql};
use crate::store::rows::{AccountReads, AccountRows};
use crate::store::{Credentials, StoreError, Stored};

const CREDENTIALS: &str = "SELECT id, password_hash, active, password_temporary FROM users
    WHERE username = $1 AND deleted_at IS NULL";
const CREDENTIALS_OF: &str = "SELECT id, password_hash, active, password_temporary FROM users
    WHERE id = $1 AND deleted_at IS NULL";
const PASSWORD: &str = "UPDATE users SET password_hash = $2 WHERE id = $1";
const TEMPORARY: &str = "UPDATE users SET password_temporary = $2 WHERE id = $1";
const SETTINGS: &str = "SELECT pop_up, letter_keys, presence, language FROM users WHERE id = $1";
const PRESENCES: &str =
    "SELECT id, presence FROM users WHERE id IN (SELECT value FROM json_each($1))";
const SWITCHES: &str = "UPDATE users SET pop_up = $2, letter_keys = $3 WHERE id = $1";
const LANGUAGE: &str = "UPDATE users SET language = $2 WHERE id = $1";
const PRESENCE: &str = "UPDATE users SET presence = $2, presence_at = $3 WHERE id = $1";

fn credentials(row: &Row) -> Stored<Credentials> {
    Ok(Credentials {
        user: id(row, "id")?,
        password_hash: text(row, "password_hash")?,
        active: flag(row, "active")?,
        temporary: flag(row, "password_temporary")?,
    })
}

/// Finds the presences that these users chose.
pub(super) fn presences_of(users: &[UserId]) -> Statement<'static> {
    sql(PRESENCES).bind(ids_argument(users))
}

/// A presence that was found so, with its user.
pub(super) fn found(row: &Row) -> Stored<(UserId, Presence)> {
    Ok((id(row, "id")?, presence(row)?))
}

#[async_trait]
impl<R: Runner> AccountReads for Rows<R> {
    async fn credentials_find(&mut self, username: &str) -> Stored<Option<Credentials>> {
        self.quick(|connection| {
            let row = sql(CREDENTIALS).bind(username).fetch_optional(connection)?;
            row.as_ref().map(credentials).transpose()
        })
    }

    async fn credentials_of(&mut self, user: &UserId) -> Stored<Option<Credentials>> {
        self.quick(|connection| {
            let row = sql(CREDENTIALS_OF)
                .bind(user.as_str())
                .fetch_optional(connection)?;
            row.as_ref().map(credentials).transpose()
        })
    }

    async fn settings_find(&mut self, user: &UserId) -> Stored<Settings> {
        self.quick(|connection| {
            let row = sql(SETTINGS)
                .bind(user.as_str())
                .fetch_optional(connection)?
                .ok_or(StoreError::NotFound)?;
            Ok(Settings {
                pop_up: flag(&row, "pop_up")?,
                letter_keys: flag(&row, "letter_keys")?,
                presence: presence(&row)?,
                // One of a later release is none.
                language: text_maybe(&row, "language")?.and_then(|tag| Language::from_tag(&tag)),
            })
        })
    }
}

#[async_trait]
impl AccountRows for Rows<Inline<'_>> {
    async fn account_set_password(&mut self, user: &UserId, hash: &str) -> Stored<()> {
        sql(PASSWORD)
            .bind(user.as_str())
            .bind(hash)
            .execute(self.connection())?;
        Ok(())
    }

    async fn account_set_temporary(&mut self, user: &UserId, temporary: bool) -> Stored<()> {
        sql(TEMPORARY)
            .bind(user.as_str())
            .bind(i64::from(temporary))
            .execute(self.connection())?;
        Ok(())
    }

    async fn account_set_switches(&mut self, user: &UserId, settings: &Settings) -> Stored<()> {
        sql(SWITCHES)
            .bind(user.as_str())
            .bind(i64::from(settings.pop_up))
            .bind(i64::from(settings.letter_keys))
            .execute(self.connection())?;
        Ok(())
    }

    async fn account_set_language(
        &mut self,
        user: &UserId,
        language: Option<Language>,
    ) -> Stored<()> {
        sql(LANGUAGE)
            .bind(user.as_str())
            .bind(language.map(Language::code))
            .execute(self.connection())?;
        Ok(())
    }

    async fn account_set_presence(
        &mut self,
        user: &UserId,
        presence: Presence,
        at: Timestamp,
    ) -> Stored<()> {
        sql(PRESENCE)
            .bind(user.as_str())
            .bind(presence.code())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }
}
