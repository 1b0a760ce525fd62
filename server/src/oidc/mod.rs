//! Sign-in at a provider of OpenID Connect: the code flow with PKCE, state and nonce. Requests go to addresses that were checked and
//! to no other, and no redirect is followed. What the provider publishes is remembered by this process; nothing of users is.

mod answer;
mod token;

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::http::{Request, Uri};
use http_body_util::Full;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod,
    CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey, CoreJsonWebKeySet,
    CoreJweContentEncryptionAlgorithm, CoreProviderMetadata, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
};
use openidconnect::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    DiscoveryError, EmptyAdditionalClaims, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, StandardErrorResponse,
};
use serde_json::Value;
use shared::time::Timestamp;
use tokio::time::timeout;

use self::answer::TokenAnswer;
use self::token::{Expected, Token, check_identity, check_logout};
use crate::authorities::Authorities;
use crate::clock_and_ids::Clock;
use crate::desk::identity_provider::{
    Claims, IdentityProvider, ProviderFailure, Registration, Returned, Sent,
};
use crate::http_client::{
    ADDRESS_REFUSED, HttpClient, HttpFailure, Lookup, Resolver, SystemLookup,
};
use crate::webhooks::address::{AddressRules, Network};
use crate::webhooks::{literal, port_is_good};

/// How long a provider may take for all that is asked of it at once.
pub const TIME_LIMIT: Duration = Duration::from_secs(10);
/// For how long what a provider publishes is remembered, in microseconds.
const REMEMBERED_US: i64 = 3_600 * 1_000_000;
/// How often it is asked again because no key that is known verifies a token, in microseconds.
const AGAIN_US: i64 = 60 * 1_000_000;
/// The longest address of a provider, in characters.
const ISSUER_MAX: usize = 500;

/// What only the token says, because it is about this sign-in and not about the user: providers let users' own attributes appear
/// beside the token under names that users or their administrators choose.
const TOKENS_OWN: [&str; 5] = ["acr", "amr", "auth_time", "nonce", "sid"];
/// Claims, and the one that says whether the provider has verified it. It is about the value beside which it stands, and no other.
const VERIFIED: [(&str, &str); 2] = [
    ("email", "email_verified"),
    ("phone_number", "phone_number_verified"),
];

/// What an operator can set, and what tests put in place of the network.
#[derive(Clone)]
pub struct OidcConfig {
    /// Networks that are not public and in which a provider may be all the same.
    pub allowed: Vec<Network>,
    /// From which authorities a provider's certificate may come; none: from those that Mozilla lists.
    pub authorities: Option<Authorities>,
    /// How long a provider may take; [`TIME_LIMIT`] but in tests.
    pub time_limit: Duration,
    /// Who knows the addresses of hosts.
    pub lookup: Arc<dyn Lookup>,
}

impl Default for OidcConfig {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            authorities: None,
            time_limit: TIME_LIMIT,
            lookup: Arc::new(SystemLookup),
        }
    }
}

/// What a provider publishes.
#[derive(Clone)]
struct Known {
    metadata: CoreProviderMetadata,
    /// Since when it is remembered.
    at: Timestamp,
    /// When it was last asked because no key that is known verified a token.
    again: Option<Timestamp>,
}

/// Speaks to providers over HTTP.
pub struct Oidc {
    rules: AddressRules,
    clock: Arc<dyn Clock>,
    time_limit: Duration,
    /// Over TLS, to public addresses and those that are allowed.
    secure: HttpClient,
    /// Without it, to this machine alone, where that is allowed.
    plain: HttpClient,
    known: Mutex<Option<Known>>,
}

/// The client that the library speaks through.
struct Through<'a>(&'a Oidc);

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.reason())]
struct NoAnswer(ProviderFailure);

impl<'c> AsyncHttpClient<'c> for Through<'_> {
    type Error = NoAnswer;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NoAnswer>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move { self.0.fetch(request).await.map_err(NoAnswer) })
    }
}

/// As the library calls a client that knows what a provider publishes.
type Client = openidconnect::Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Oidc {
    /// One that knows no provider yet.
    pub fn new(config: OidcConfig, clock: Arc<dyn Clock>) -> Self {
        let rules = AddressRules::new(config.allowed);
        let client = |secure: bool| {
            let rules = rules.clone();
            let permits = move |address: IpAddr| {
                rules.permits(address, secure) && (secure || address.is_loopback())
            };
            let resolver = Resolver::checked(config.lookup.clone(), permits);
            HttpClient::trusting(config.time_limit, resolver, config.authorities.as_ref())
        };
        Self {
            secure: client(true),
            plain: client(false),
            rules,
            clock,
            time_limit: config.time_limit,
            known: Mutex::default(),
        }
    }

    /// Sends a request of the library's.
    async fn fetch(&self, request: HttpRequest) -> Result<HttpResponse, ProviderFailure> {
        let client = match self.permitted(request.uri())? {
            true => &self.secure,
            false => &self.plain,
        };
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let answer = client.send(request).await.map_err(failure)?;
        if answer.status.is_server_error() {
            return Err(ProviderFailure::Unreachable);
        }
        let mut response = HttpResponse::new(answer.body.to_vec());
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }

    /// Whether an address is asked over TLS. What its host resolves to is asked when it is connected to.
    fn permitted(&self, uri: &Uri) -> Result<bool, ProviderFailure> {
        let authority = uri.authority().ok_or(ProviderFailure::Address)?;
        let host = authority.host();
        if host.is_empty() || authority.as_str().contains('@') || !port_is_good(authority) {
            return Err(ProviderFailure::Address);
        }
        // The connector asks no resolver about an address.
        let literal = literal(host);
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => {
                let here = literal.map_or(host == "localhost", |address| address.is_loopback());
                if !here {
                    return Err(ProviderFailure::NotSecure);
                }
                false
            }
            _ => return Err(ProviderFailure::Address),
        };
        match literal.is_some_and(|address| !self.rules.permits(address, secure)) {
            true => Err(ProviderFailure::AddressRefused),
            false => Ok(secure),
        }
    }

    /// A provider's identifier, as the library has it.
    fn issuer(&self, issuer: &str) -> Result<IssuerUrl, ProviderFailure> {
        if issuer.chars().count() > ISSUER_MAX || issuer.contains(['#', '?']) {
            return Err(ProviderFailure::Address);
        }
        let uri: Uri = issuer.parse().map_err(|_| ProviderFailure::Address)?;
        self.permitted(&uri)?;
        IssuerUrl::new(issuer.to_owned()).map_err(|_| ProviderFailure::Address)
    }

    /// Asks a provider what it publishes.
    async fn discover(&self, issuer: &str) -> Result<CoreProviderMetadata, ProviderFailure> {
        let (issuer, through) = (self.issuer(issuer)?, Through(self));
        let found = CoreProviderMetadata::discover_async(issuer, &through).await;
        let found = found.map_err(|error| match error {
            // The issuer's own address was looked at before.
            DiscoveryError::Request(NoAnswer(failure)) => of_endpoint(failure),
            DiscoveryError::UrlParse(_) => ProviderFailure::Address,
            DiscoveryError::Validation(_) => ProviderFailure::OtherIssuer,
            _ => ProviderFailure::NoDiscovery,
        })?;
        if found.jwks().keys().is_empty() {
            return Err(ProviderFailure::NoKeys);
        }
        // A browser is sent there.
        let scheme = found.authorization_endpoint().url().scheme();
        let token = found.token_endpoint().map(|place| place.url().as_str());
        let Some(token) = token.filter(|_| ["http", "https"].contains(&scheme)) else {
            return Err(ProviderFailure::NoDiscovery);
        };
        let user_info = found.userinfo_endpoint().map(|place| place.url().as_str());
        for place in [Some(token), user_info].into_iter().flatten() {
            let uri: Uri = place.parse().map_err(|_| ProviderFailure::Endpoint)?;
            self.permitted(&uri).map_err(of_endpoint)?;
        }
        Ok(found)
    }

    fn known(&self) -> Option<Known> {
        // Nothing under this lock can panic.
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    fn remember(&self, metadata: &CoreProviderMetadata, again: Option<Timestamp>) {
        let known = Known {
            metadata: metadata.clone(),
            at: self.clock.now(),
            again,
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }

    /// Notes that a provider is asked again. What is known of it grows no younger by that.
    fn note_again(&self, now: Timestamp) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_mut() {
            known.again = Some(now);
        }
    }

    /// What a provider publishes, as it is remembered.
    async fn metadata(&self, issuer: &str) -> Result<CoreProviderMetadata, ProviderFailure> {
        let now = self.clock.now();
        let known = self.known().filter(|known| {
            known.metadata.issuer().as_str() == issuer
                && (0..REMEMBERED_US).contains(&(now.0 - known.at.0))
        });
        if let Some(known) = known {
            return Ok(known.metadata);
        }
        let found = self.discover(issuer).await?;
        self.remember(&found, None);
        Ok(found)
    }

    /// The keys of a provider, asked for once more because none that is known verifies a token. Nothing: that was done a short while
    /// ago, or the provider does not answer.
    async fn keys_again(&self, issuer: &str) -> Option<CoreJsonWebKeySet> {
        let (known, now) = (self.known()?, self.clock.now());
        let lately = |again: Timestamp| (0..AGAIN_US).contains(&(now.0 - again.0));
        if known.again.is_some_and(lately) {
            return None;
        }
        // Noted before it is asked: others who come meanwhile do not ask as well.
        self.note_again(now);
        let found = self.discover(issuer).await.ok()?;
        self.remember(&found, Some(now));
        Some(found.jwks().clone())
    }

    /// The claims of a token that is the provider's, for this client, and valid now.
    async fn verified(
        &self,
        at: &Registration,
        keys: &CoreJsonWebKeySet,
        token: &str,
    ) -> Result<Claims, ProviderFailure> {
        let read = Token::read(token)?;
        let newer = match read.needs_another_key(keys) {
            true => self.keys_again(&at.issuer).await,
            false => None,
        };
        let expected = Expected {
            issuer: &at.issuer,
            client_id: &at.client_id,
            now: self.seconds(),
        };
        read.verified(newer.as_ref().unwrap_or(keys), &expected)
    }

    fn seconds(&self) -> i64 {
        self.clock.now().0.div_euclid(1_000_000)
    }

    /// What the provider says of a user apart from the token, which most say there alone. What the token says counts first.
    async fn add_user_info(
        &self,
        metadata: &CoreProviderMetadata,
        access: &str,
        claims: &mut Claims,
    ) -> Result<(), ProviderFailure> {
        let Some(place) = metadata.userinfo_endpoint() else {
            return Ok(());
        };
        let request = Request::get(place.as_str())
            .header(AUTHORIZATION, format!("Bearer {access}"))
            .header(ACCEPT, "application/json")
            .body(Vec::new());
        let request = request.map_err(|_| ProviderFailure::NoDiscovery)?;
        let answer = self.fetch(request).await?;
        if !answer.status().is_success() {
            return Err(ProviderFailure::Unreachable);
        }
        // One that is signed is a token of its own, which nobody asked for.
        let Ok(more) = serde_json::from_slice::<Claims>(answer.body()) else {
            return Ok(());
        };
        if more.get("sub").and_then(Value::as_str) != claims.get("sub").and_then(Value::as_str) {
            return Err(ProviderFailure::OtherToken);
        }
        add(claims, more);
        Ok(())
    }

    async fn exchange(
        &self,
        at: &Registration,
        returned: Returned,
    ) -> Result<Claims, ProviderFailure> {
        let metadata = self.metadata(&at.issuer).await?;
        let (client, through) = (client(&metadata, at)?, Through(self));
        let request = client.exchange_code(AuthorizationCode::new(returned.code));
        let request = request.map_err(|_| ProviderFailure::NoDiscovery)?;
        let verifier = PkceCodeVerifier::new(returned.verifier);
        let answer = request.set_pkce_verifier(verifier).request_async(&through);
        let answer = answer.await.map_err(|error| match error {
            RequestTokenError::Request(NoAnswer(failure)) => failure,
            RequestTokenError::ServerResponse(refusal) => {
                match refusal.error().to_string().as_str() {
                    "invalid_client" | "unauthorized_client" => ProviderFailure::ClientRefused,
                    _ => ProviderFailure::CodeRefused,
                }
            }
            _ => ProviderFailure::NoToken,
        })?;
        let token = answer.id_token.as_deref().ok_or(ProviderFailure::NoToken)?;
        let mut claims = self.verified(at, metadata.jwks(), token).await?;
        check_identity(&claims, &returned.nonce)?;
        let access = answer.access_token.secret();
        self.add_user_info(&metadata, access, &mut claims).await?;
        Ok(claims)
    }

    async fn in_time<T>(
        &self,
        asked: impl Future<Output = Result<T, ProviderFailure>> + Send,
    ) -> Result<T, ProviderFailure> {
        let answer = timeout(self.time_limit, asked).await;
        answer.unwrap_or(Err(ProviderFailure::TooSlow))
    }
}

/// Adds to the claims of a token what the provider says elsewhere of its user.
fn add(claims: &mut Claims, mut more: Claims) {
    for (about, verified) in VERIFIED {
        if claims.contains_key(about) {
            more.remove(verified);
        } else if more.contains_key(about) {
            claims.remove(verified);
        }
    }
    for (name, value) in more {
        if !TOKENS_OWN.contains(&name.as_str()) {
            claims.entry(name).or_insert(value);
        }
    }
}

/// Why an address of what a provider publishes is of no use.
fn of_endpoint(failure: ProviderFailure) -> ProviderFailure {
    match failure {
        ProviderFailure::Address | ProviderFailure::NotSecure => ProviderFailure::Endpoint,
        failure => failure,
    }
}

fn failure(failure: HttpFailure) -> ProviderFailure {
    match failure.reason {
        ADDRESS_REFUSED => ProviderFailure::AddressRefused,
        "no answer in time" => ProviderFailure::TooSlow,
        _ => ProviderFailure::Unreachable,
    }
}

/// A client for what a provider publishes.
fn client(metadata: &CoreProviderMetadata, at: &Registration) -> Result<Client, ProviderFailure> {
    let redirect = RedirectUrl::new(at.redirect.clone()).map_err(|_| ProviderFailure::Address)?;
    let methods = metadata.token_endpoint_auth_methods_supported();
    // Nothing said: the first one, as the specification has it.
    let basic = methods.is_none_or(|all| all.contains(&CoreClientAuthMethod::ClientSecretBasic));
    let client = Client::from_provider_metadata(
        metadata.clone(),
        ClientId::new(at.client_id.clone()),
        Some(ClientSecret::new(at.secret.reveal().to_owned())),
    );
    let client = client.set_redirect_uri(redirect);
    Ok(client.set_auth_type(match basic {
        true => AuthType::BasicAuth,
        false => AuthType::RequestBody,
    }))
}

#[async_trait]
impl IdentityProvider for Oidc {
    fn address(&self, issuer: &str) -> Result<(), ProviderFailure> {
        self.issuer(issuer).map(drop)
    }

    async fn check(&self, at: &Registration) -> Result<(), ProviderFailure> {
        let found = self.in_time(self.discover(&at.issuer)).await?;
        self.remember(&found, None);
        client(&found, at).map(drop)
    }

    async fn begin(&self, at: &Registration, fresh: bool) -> Result<Sent, ProviderFailure> {
        let metadata = self.in_time(self.metadata(&at.issuer)).await?;
        let client = client(&metadata, at)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge);
        if fresh {
            request = request
                .add_prompt(CoreAuthPrompt::Login)
                .set_max_age(Duration::ZERO);
        }
        let (address, state, nonce) = request.url();
        Ok(Sent {
            address: address.to_string(),
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        })
    }

    async fn finish(
        &self,
        at: &Registration,
        returned: Returned,
    ) -> Result<Claims, ProviderFailure> {
        self.in_time(self.exchange(at, returned)).await
    }

    async fn logout(&self, at: &Registration, token: &str) -> Result<Claims, ProviderFailure> {
        let read = async {
            let metadata = self.metadata(&at.issuer).await?;
            self.verified(at, metadata.jwks(), token).await
        };
        let mut claims = self.in_time(read).await?;
        check_logout(&mut claims, self.seconds())?;
        Ok(claims)
    }
}
