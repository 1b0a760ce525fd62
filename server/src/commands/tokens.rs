//! Tokens of the HTTP API: made, revoked, used.

use async_trait::async_trait;
use shared::error::Problem;
use shared::ids::TokenId;
use shared::policy::Action;
use shared::time::Timestamp;
use shared::tokens::{ApiToken, TOKENS_MAX};

use super::keys::IdempotencyKey;
use super::{audit, rights};
use crate::store::{Command, CommandContext, Snapshot, StoreError, Stored, Transaction, Written};

/// Makes a token. Answers whether it was made now: under a repeated key it was made before, and its secret was shown then.
/// Needs a session that has just proved its password, and what the token opens: who makes it gives no more than they have.
#[derive(Clone)]
pub struct TokenCreate {
    /// The token.
    pub token: ApiToken,
    /// The SHA-256 of its secret, in hex.
    pub hash: String,
    /// The session of the administrator; nobody: the operator.
    pub session: Option<String>,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for TokenCreate {
    type Answer = bool;
    const NAME: &'static str = "token_create";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<bool>> {
        let Self { token, context, .. } = self;
        // Id and secret are made by the host, each time it is asked.
        let content = (&token.name, &token.scopes, &token.team, lifetime(token));
        let key = IdempotencyKey::in_context(context, Self::NAME, &content)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(false));
        }
        rights::ask_to_give(rows, context, &token.scopes, token.team.as_ref()).await?;
        rights::proved_for(rows, context, self.session.as_deref()).await?;
        self.check(rows).await?;
        rows.token_insert(token, &self.hash).await?;
        let is = [
            token.name.clone(),
            audit::listed(token.scopes.iter().map(|scope| scope.code())),
            token
                .team
                .as_ref()
                .map_or_else(String::new, |team| team.to_string()),
            token
                .expires_at
                .map_or_else(String::new, Timestamp::rfc3339),
        ];
        let fields = ["name", "scopes", "team", "expires_at"];
        let changes = audit::differences(fields, None, Some(is));
        audit::changed(rows, context, Self::NAME, token.id.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(true))
    }
}

impl TokenCreate {
    async fn check(&self, rows: &mut dyn Snapshot) -> Stored<()> {
        if self.token.scopes.is_empty() {
            return Err(StoreError::Invalid {
                field: "scopes",
                problem: Problem::NoneChosen,
            });
        }
        if let Some(team) = &self.token.team
            && rows.team_find(team).await?.is_none()
        {
            return Err(StoreError::Invalid {
                field: "team",
                problem: Problem::NotATeam,
            });
        }
        let there = rows.token_list().await?;
        let lasting = there.iter().filter(|token| token.lasts(self.context.at));
        if lasting.count() as i64 >= TOKENS_MAX {
            return Err(StoreError::Invalid {
                field: "tokens",
                problem: Problem::TooMany { max: TOKENS_MAX },
            });
        }
        Ok(())
    }
}

/// For how long a token is made, in microseconds.
fn lifetime(token: &ApiToken) -> Option<i64> {
    token.expires_at.map(|end| end.0 - token.created_at.0)
}

/// Revokes a token: what its bearer does after that is refused. One that was revoked stays as it is.
#[derive(Clone, Debug)]
pub struct TokenRevoke {
    /// Which.
    pub token: TokenId,
    /// By whom, when and under which key.
    pub context: CommandContext,
}

#[async_trait]
impl Command for TokenRevoke {
    type Answer = ();
    const NAME: &'static str = "token_revoke";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        let Self { token, context } = self;
        let key = IdempotencyKey::in_context(context, Self::NAME, token)?;
        if key.first_answer::<()>(rows).await?.is_some() {
            return Ok(Written::unchanged(()));
        }
        rights::ask_for(rows, context, Action::TokenManage).await?;
        let found = rows.token_find(token).await?;
        let found = found.ok_or(StoreError::NotFound)?;
        if found.revoked_at.is_some() {
            return Ok(Written::unchanged(()));
        }
        rows.token_set_revoked(token, context.at).await?;
        let (was, is) = ([String::new()], [context.at.rfc3339()]);
        let changes = audit::differences(["revoked_at"], Some(was), Some(is));
        audit::changed(rows, context, Self::NAME, token.as_str(), changes).await?;
        key.keep(rows, context.at, &()).await?;
        Ok(Written::unchanged(()))
    }
}

/// A token was used.
#[derive(Clone, Debug)]
pub struct TokenSeen {
    /// Which.
    pub token: TokenId,
    /// When.
    pub at: Timestamp,
}

#[async_trait]
impl Command for TokenSeen {
    type Answer = ();
    const NAME: &'static str = "token_seen";

    async fn execute(&self, rows: &mut dyn Transaction) -> Stored<Written<()>> {
        rows.token_set_used(&self.token, self.at).await?;
        Ok(Written::unchanged(()))
    }
}
