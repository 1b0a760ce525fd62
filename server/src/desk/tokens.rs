//! Tokens of the HTTP API, as administrators make and revoke them, and as their bearers use them.

use app::backend::{ApiResult, Caller};
use sha2::{Digest, Sha256};
use shared::error::AppError;
use shared::ids::{CommandKey, TeamId, TokenId};
use shared::people::Actor;
use shared::policy::{Action, lets_hear};
use shared::text::TokenName;
use shared::time::Timestamp;
use shared::tokens::{ApiToken, Scope};

use super::{Desk, to_app_error};
use crate::commands::{TokenCreate, TokenRevoke, TokenSeen, rights};

/// What a secret begins with, so that people and programs that look for lost secrets know one.
pub const PREFIX: &str = "slt_";
/// How exact the time of the last use is: a token that is used all the time costs a write no more often than this.
const SEEN_EVERY_US: i64 = 60 * 1_000_000;

/// What a token shall be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it is for.
    pub name: TokenName,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// The one team that it is for; `None`: all of them.
    pub team: Option<TeamId>,
    /// After how many days it expires; `None`: never.
    pub days: Option<i64>,
}

impl Desk {
    /// All tokens, the newest first.
    pub async fn token_list(&self, actor: &Actor) -> ApiResult<Vec<ApiToken>> {
        self.allow(actor, Action::TokenManage).await?;
        let mut rows = self.snapshot().await?;
        rows.token_list().await.map_err(to_app_error)
    }

    /// The teams for which a token can be made, by name.
    pub(crate) async fn token_teams(&self, actor: &Actor) -> ApiResult<Vec<(TeamId, String)>> {
        self.allow(actor, Action::TokenManage).await?;
        let mut rows = self.snapshot().await?;
        let mut teams = rows.team_names().await.map_err(to_app_error)?;
        teams.retain(|(team, _)| lets_hear(actor, Some(std::slice::from_ref(team))));
        Ok(teams)
    }

    /// Makes a token and answers its secret, which is stored nowhere; `None` when the key was repeated: it was answered
    /// then. Asks for the caller's password once more.
    pub async fn token_create(
        &self,
        caller: &Caller,
        key: CommandKey,
        new: NewToken,
    ) -> ApiResult<Option<String>> {
        let actor = &caller.actor;
        self.allow(actor, Action::TokenManage).await?;
        self.proved(caller).await?;
        let secret = [PREFIX, &self.ids().secret()].concat();
        let context = self.context(actor, key);
        let expires_at = new
            .days
            .map(|days| Timestamp(context.at.0 + days * 86_400_000_000));
        let create = TokenCreate {
            token: ApiToken {
                id: TokenId::parse(self.ids().next())?,
                name: new.name.into(),
                scopes: new.scopes,
                team: new.team,
                created_by: actor.person(),
                created_at: context.at,
                expires_at,
                last_used_at: None,
                revoked_at: None,
            },
            hash: hash_of(&secret),
            session: Some(caller.session.clone()),
            context,
        };
        let made = self.execute(create).await?;
        Ok(made.then_some(secret))
    }

    /// Revokes a token.
    pub async fn token_revoke(
        &self,
        actor: &Actor,
        key: CommandKey,
        token: TokenId,
    ) -> ApiResult<()> {
        self.allow(actor, Action::TokenManage).await?;
        let revoke = TokenRevoke {
            token,
            context: self.context(actor, key),
        };
        self.execute(revoke).await
    }

    /// The token of a secret, if it lasts. Notes that it was used, at most once in [`SEEN_EVERY_US`].
    pub(crate) async fn token_use(&self, secret: &str) -> ApiResult<ApiToken> {
        let mut rows = self.snapshot().await?;
        let found = rows.token_of(&hash_of(secret)).await;
        let now = self.now();
        let Some(token) = found.map_err(to_app_error)? else {
            drop(rows);
            return Err(self.token_refused(None, "unknown").await);
        };
        let token = rights::still_given(&mut *rows, token).await;
        drop(rows);
        let token = token.map_err(to_app_error)?;
        if !token.lasts(now) {
            let why = match token.revoked_at {
                Some(_) => "revoked",
                None => "expired",
            };
            return Err(self.token_refused(Some(&token.id), why).await);
        }
        let seen = token.last_used_at;
        if seen.is_none_or(|seen| now.0 - seen.0 >= SEEN_EVERY_US) {
            let id = token.id.clone();
            let seen = TokenSeen { token: id, at: now };
            // A token that lasts is let in even while nothing can be written.
            if let Err(error) = self.store().execute(seen).await {
                tracing::warn!(%error, "the last use of a token was not noted");
            }
        }
        Ok(token)
    }

    /// The refusal of a token that opens nothing, with a row in the audit log and a line in the log. Neither has its secret.
    async fn token_refused(&self, token: Option<&TokenId>, why: &str) -> AppError {
        let token = token.map(TokenId::as_str);
        if self.0.token_lines.admits(self.now()) {
            tracing::warn!(
                token,
                why,
                "a call of the HTTP API was refused: its token opens nothing; the system that calls needs one that lasts, made on /admin/tokens"
            );
        }
        let about = token.unwrap_or_default();
        self.refused(None, "refused_token", about).await;
        AppError::Unauthenticated
    }
}

/// What is stored of a secret. It has 256 random bits, so nobody finds it by trying.
pub(super) fn hash_of(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}
