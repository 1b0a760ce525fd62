//! Rows of passkeys and of what browsers are asked to sign.

use async_trait::async_trait;
use shared::ids::{PasskeyId, UserId};
use shared::time::Timestamp;

use super::rows::{at, at_maybe, id, int, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{ChallengeRow, PasskeyReads, PasskeyRow, PasskeyRows};

const OF_USER: &str =
    "SELECT id, user_id, credential_id, host, name, credential, counter, created_at, used_at
    FROM passkeys WHERE user_id = $1 ORDER BY created_at, id";
const FIND: &str =
    "SELECT id, user_id, credential_id, host, name, credential, counter, created_at, used_at
    FROM passkeys WHERE credential_id = $1";
const INSERT: &str = "INSERT INTO passkeys
    (id, user_id, credential_id, host, name, credential, counter, created_at, used_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const SET_USED: &str =
    "UPDATE passkeys SET credential = $2, counter = $3, used_at = $4 WHERE id = $1";
const DELETE: &str = "DELETE FROM passkeys WHERE id = $1 AND user_id = $2";
const DELETE_OF: &str = "DELETE FROM passkeys WHERE user_id = $1";

const CHALLENGE_FIND: &str =
    "SELECT id, state, options, created_at FROM passkey_challenges WHERE id = $1";
const CHALLENGES_OLD: &str = "DELETE FROM passkey_challenges WHERE created_at < $1";
const CHALLENGE_SET: &str =
    "INSERT INTO passkey_challenges (id, state, options, created_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (id) DO UPDATE SET state = $2, options = $3, created_at = $4";
const CHALLENGE_TAKE: &str =
    "DELETE FROM passkey_challenges WHERE id = $1 RETURNING id, state, options, created_at";

fn passkey(row: &Row) -> Stored<PasskeyRow> {
    Ok(PasskeyRow {
        id: id(row, "id")?,
        user: id(row, "user_id")?,
        credential_id: text(row, "credential_id")?,
        host: text(row, "host")?,
        name: text(row, "name")?,
        credential: text(row, "credential")?,
        counter: int(row, "counter")?,
        added_at: at(row, "created_at")?,
        used_at: at_maybe(row, "used_at")?,
    })
}

fn challenge(row: &Row) -> Stored<ChallengeRow> {
    Ok(ChallengeRow {
        id: text(row, "id")?,
        state: text(row, "state")?,
        options: text(row, "options")?,
        at: at(row, "created_at")?,
    })
}

#[async_trait]
impl<R: Runner> PasskeyReads for Rows<R> {
    async fn passkeys_of(&mut self, user: &UserId) -> Stored<Vec<PasskeyRow>> {
        self.quick(|connection| {
            let rows = sql(OF_USER).bind(user.as_str()).fetch_all(connection)?;
            rows.iter().map(passkey).collect()
        })
    }

    async fn passkey_find(&mut self, credential_id: &str) -> Stored<Option<PasskeyRow>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(credential_id).fetch_optional(connection)?;
            row.as_ref().map(passkey).transpose()
        })
    }

    async fn passkey_challenge_find(&mut self, id: &str) -> Stored<Option<ChallengeRow>> {
        self.quick(|connection| {
            let row = sql(CHALLENGE_FIND).bind(id).fetch_optional(connection)?;
            row.as_ref().map(challenge).transpose()
        })
    }
}

#[async_trait]
impl PasskeyRows for Rows<Inline<'_>> {
    async fn passkey_insert(&mut self, passkey: &PasskeyRow) -> Stored<()> {
        sql(INSERT)
            .bind(passkey.id.as_str())
            .bind(passkey.user.as_str())
            .bind(passkey.credential_id.as_str())
            .bind(passkey.host.as_str())
            .bind(passkey.name.as_str())
            .bind(passkey.credential.as_str())
            .bind(passkey.counter)
            .bind(passkey.added_at.0)
            .bind(passkey.used_at.map(|at| at.0))
            .execute(self.connection())?;
        Ok(())
    }

    async fn passkey_set_used(&mut self, passkey: &PasskeyRow) -> Stored<()> {
        sql(SET_USED)
            .bind(passkey.id.as_str())
            .bind(passkey.credential.as_str())
            .bind(passkey.counter)
            .bind(passkey.used_at.map(|at| at.0))
            .execute(self.connection())?;
        Ok(())
    }

    async fn passkey_delete(&mut self, user: &UserId, id: &PasskeyId) -> Stored<bool> {
        let deleted = sql(DELETE)
            .bind(id.as_str())
            .bind(user.as_str())
            .execute(self.connection())?;
        Ok(deleted > 0)
    }

    async fn passkeys_delete_of(&mut self, user: &UserId) -> Stored<()> {
        sql(DELETE_OF)
            .bind(user.as_str())
            .execute(self.connection())?;
        Ok(())
    }

    async fn passkey_challenge_set(
        &mut self,
        challenge: &ChallengeRow,
        since: Timestamp,
    ) -> Stored<()> {
        sql(CHALLENGES_OLD)
            .bind(since.0)
            .execute(self.connection())?;
        sql(CHALLENGE_SET)
            .bind(challenge.id.as_str())
            .bind(challenge.state.as_str())
            .bind(challenge.options.as_str())
            .bind(challenge.at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn passkey_challenge_take(&mut self, id: &str) -> Stored<Option<ChallengeRow>> {
        let row = sql(CHALLENGE_TAKE)
            .bind(id)
            .fetch_optional(self.connection())?;
        row.as_ref().map(challenge).transpose()
    }
}
