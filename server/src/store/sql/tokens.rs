//! Tokens of the HTTP API.

use async_trait::async_trait;
use shared::ids::{TeamId, TokenId};
use shared::people::PersonRef;
use shared::time::Timestamp;
use shared::tokens::{ApiToken, Scope};

use super::names::shown_name;
use super::rows::{at, at_maybe, codes, id, id_maybe, text};
use super::runner::{Inline, Rows, Runner};
use super::statement::{Row, sql};
use crate::store::Stored;
use crate::store::rows::{TokenReads, TokenRows};

macro_rules! select_tokens {
    ($tail:literal) => {
        concat!(
            "SELECT t.id, t.name, t.scopes, t.team_id, t.created_by, ",
            shown_name!("u"),
            " AS created_by_name, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
             FROM api_tokens t JOIN users u ON u.id = t.created_by ",
            $tail
        )
    };
}
const FIND: &str = select_tokens!("WHERE t.id = $1");
const OF_HASH: &str = select_tokens!("WHERE t.hash = $1");
const LIST: &str = select_tokens!("ORDER BY t.created_at DESC, t.id DESC");
const INSERT: &str =
    "INSERT INTO api_tokens (id, hash, name, scopes, team_id, created_by, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const SET_REVOKED: &str = "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1";
const SET_USED: &str =
    "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1 AND COALESCE(last_used_at, 0) < $2";

fn read(row: &Row) -> Stored<ApiToken> {
    Ok(ApiToken {
        id: id(row, "id")?,
        name: text(row, "name")?,
        scopes: codes(row, "scopes", Scope::from_code)?,
        team: id_maybe(row, "team_id")?,
        created_by: PersonRef {
            id: id(row, "created_by")?,
            name: text(row, "created_by_name")?,
        },
        created_at: at(row, "created_at")?,
        expires_at: at_maybe(row, "expires_at")?,
        last_used_at: at_maybe(row, "last_used_at")?,
        revoked_at: at_maybe(row, "revoked_at")?,
    })
}

#[async_trait]
impl<R: Runner> TokenReads for Rows<R> {
    async fn token_find(&mut self, token: &TokenId) -> Stored<Option<ApiToken>> {
        self.quick(|connection| {
            let row = sql(FIND).bind(token.as_str()).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn token_of(&mut self, hash: &str) -> Stored<Option<ApiToken>> {
        self.quick(|connection| {
            let row = sql(OF_HASH).bind(hash).fetch_optional(connection)?;
            row.as_ref().map(read).transpose()
        })
    }

    async fn token_list(&mut self) -> Stored<Vec<ApiToken>> {
        self.quick(|connection| {
            let rows = sql(LIST).fetch_all(connection)?;
            rows.iter().map(read).collect()
        })
    }
}

#[async_trait]
impl TokenRows for Rows<Inline<'_>> {
    async fn token_insert(&mut self, token: &ApiToken, hash: &str) -> Stored<()> {
        let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.code()).collect();
        sql(INSERT)
            .bind(token.id.as_str())
            .bind(hash)
            .bind(token.name.as_str())
            .bind(serde_json::to_string(&scopes)?)
            .bind(token.team.as_ref().map(TeamId::as_str))
            .bind(token.created_by.id.as_str())
            .bind(token.created_at.0)
            .bind(token.expires_at.map(|end| end.0))
            .execute(self.connection())?;
        Ok(())
    }

    async fn token_set_revoked(&mut self, token: &TokenId, at: Timestamp) -> Stored<()> {
        sql(SET_REVOKED)
            .bind(token.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }

    async fn token_set_used(&mut self, token: &TokenId, at: Timestamp) -> Stored<()> {
        sql(SET_USED)
            .bind(token.as_str())
            .bind(at.0)
            .execute(self.connection())?;
        Ok(())
    }
}
