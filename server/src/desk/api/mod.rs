//! What other systems do by a token of the HTTP API: they read, report calls and mails, and provision users. The policy is asked about the
//! token, which is nobody's: no user's rights come into it.

mod provisioning;
mod reading;
mod reports;

use shared::error::AppError;
use shared::policy::{TokenAct, TokenRefusal, token_can};
use shared::tokens::{ApiToken, Scope};

pub(crate) use self::reading::Before;
pub(crate) use self::reports::Beginning;
use super::Desk;

/// Why the bearer of a token did not get something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The token has not this scope.
    Scope(Scope),
    /// Anything else.
    Error(AppError),
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        Self::Error(error)
    }
}

/// What a bearer is answered.
pub(crate) type Given<T> = Result<T, Refusal>;

impl Desk {
    /// Asks the policy for the bearer of a token. A refusal is in the audit log.
    async fn token_may(&self, token: &ApiToken, act: TokenAct<'_>) -> Given<()> {
        let Err(refusal) = token_can(token, act) else {
            return Ok(());
        };
        self.refused(None, "refused_token", token.id.as_str()).await;
        Err(match refusal {
            TokenRefusal::Scope(scope) => Refusal::Scope(scope),
            TokenRefusal::Team => AppError::NotFound.into(),
        })
    }
}
