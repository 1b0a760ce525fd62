//! What a provider answers with when it is given a code. The library would read the ID token with it, and refuse one with a claim in
//! another form that nobody asks for; here it stays the text that it is (`token`).

use std::fmt;
use std::time::Duration;

use openidconnect::core::{
    CoreGenderClaim, CoreIdToken, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreTokenType,
};
use openidconnect::{
    AccessToken, EmptyAdditionalClaims, OAuth2TokenResponse, RefreshToken, Scope, TokenResponse,
};
use serde::{Deserialize, Serialize};

/// The only kind of token that is used.
static BEARER: CoreTokenType = CoreTokenType::Bearer;

/// The tokens of an answer. What else it says is left out.
#[derive(Deserialize, Serialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: AccessToken,
    #[serde(default)]
    pub(super) id_token: Option<String>,
}

impl fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAnswer").finish_non_exhaustive()
    }
}

impl OAuth2TokenResponse for TokenAnswer {
    type TokenType = CoreTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &CoreTokenType {
        &BEARER
    }

    fn expires_in(&self) -> Option<Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        None
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

impl
    TokenResponse<
        EmptyAdditionalClaims,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    > for TokenAnswer
{
    fn id_token(&self) -> Option<&CoreIdToken> {
        None
    }
}
