//! What the desk asks of a provider of OpenID Connect. The desk knows no socket and no format.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::secrets::Secret;

/// What a provider said of somebody, verified.
pub type Claims = Map<String, Value>;

/// A time in a claim, in seconds since 1970.
pub(crate) fn time(claims: &Claims, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    // Whole seconds, but a provider may write `1.7e9`.
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|at| at as i64))
}

/// As what Sideline is known to a provider.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The provider's identifier, an address.
    pub issuer: String,
    /// What the provider calls Sideline.
    pub client_id: String,
    /// What proves to the provider that it is Sideline.
    pub secret: Secret,
    /// Where the provider sends browsers back to.
    pub redirect: String,
}

/// A browser on its way to a provider.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Where it goes.
    pub address: String,
    /// What comes back with it.
    pub state: String,
    /// What has to stand in the provider's token.
    pub nonce: String,
    /// What proves that the code comes back to where it was asked for (PKCE).
    pub verifier: String,
}

/// A browser that came back.
#[derive(Clone, Debug)]
pub struct Returned {
    /// The provider's code.
    pub code: String,
    /// As in [`Sent`].
    pub nonce: String,
    /// As in [`Sent`].
    pub verifier: String,
}

/// Why a provider is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderFailure {
    /// Its identifier is no address of the web without query and fragment.
    Address,
    /// It is not `https`, and not `http` to this machine.
    NotSecure,
    /// It is in a network to which nothing is sent.
    AddressRefused,
    /// Nobody knows the host, nobody listens there, or it speaks no TLS that can be trusted.
    Unreachable,
    /// It did not answer in time.
    TooSlow,
    /// What it publishes about itself is not there, or cannot be read.
    NoDiscovery,
    /// It calls itself by another identifier.
    OtherIssuer,
    /// What it publishes names an address that cannot be used.
    Endpoint,
    /// Its keys cannot be read.
    NoKeys,
    /// It does not take the id or the secret of Sideline.
    ClientRefused,
    /// It does not take the code: it was used before, or is too old.
    CodeRefused,
    /// Its answer has no token that can be read.
    NoToken,
    /// No key of its own verifies the token.
    Signature,
    /// The token is somebody else's: issuer, audience or nonce.
    OtherToken,
    /// The token is not valid any more, or not yet.
    Expired,
    /// A claim is missing that has to be there, or is there that must not.
    Claim,
}

impl ProviderFailure {
    /// For the log.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Address => "the issuer is no address",
            Self::NotSecure => "the issuer is not https",
            Self::AddressRefused => "the provider is at an address that is not allowed",
            Self::Unreachable => "the provider cannot be reached",
            Self::TooSlow => "the provider did not answer in time",
            Self::NoDiscovery => "the provider's discovery document cannot be read",
            Self::OtherIssuer => "the provider calls itself by another issuer",
            Self::Endpoint => "the provider names an address that is not https",
            Self::NoKeys => "the provider's keys cannot be read",
            Self::ClientRefused => "the provider does not take the client's id or secret",
            Self::CodeRefused => "the provider does not take the code",
            Self::NoToken => "the provider's answer has no token that can be read",
            Self::Signature => "the token's signature is by no key of the provider",
            Self::OtherToken => "the token's issuer, audience or nonce is another one",
            Self::Expired => "the token is not valid now",
            Self::Claim => "a claim of the token is missing or must not be there",
        }
    }
}

/// Speaks to providers. Implemented where there are sockets (`crate::oidc`).
#[async_trait]
pub trait IdentityProvider: Send + Sync + 'static {
    /// Whether a provider's identifier can be used at all, without asking anybody.
    fn address(&self, issuer: &str) -> Result<(), ProviderFailure>;
    /// Whether what the provider publishes can be used, as it is now.
    async fn check(&self, at: &Registration) -> Result<(), ProviderFailure>;
    /// Sends a browser there. With `fresh` its user has to sign in there once more.
    async fn begin(&self, at: &Registration, fresh: bool) -> Result<Sent, ProviderFailure>;
    /// Takes a browser back: what the provider says of its user.
    async fn finish(
        &self,
        at: &Registration,
        returned: Returned,
    ) -> Result<Claims, ProviderFailure>;
    /// What a message says by which the provider ends sessions.
    async fn logout(&self, at: &Registration, token: &str) -> Result<Claims, ProviderFailure>;
}

/// What speaks to providers on this host. Cheap to clone.
#[derive(Clone, Default)]
pub struct IdentityProviders(Option<Arc<dyn IdentityProvider>>);

impl fmt::Debug for IdentityProviders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IdentityProviders")
            .field(&self.0.is_some())
            .finish()
    }
}

impl IdentityProviders {
    /// By this one. Without any, none can be reached.
    pub fn by(speaker: impl IdentityProvider) -> Self {
        Self(Some(Arc::new(speaker)))
    }

    pub(super) fn speaker(&self) -> Result<&dyn IdentityProvider, ProviderFailure> {
        self.0.as_deref().ok_or(ProviderFailure::Unreachable)
    }
}
