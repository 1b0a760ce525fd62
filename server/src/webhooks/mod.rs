//! Webhooks out, as Standard Webhooks has them: an event is one signed POST, to an address that was checked and to no other.
//! No redirect is followed, and of the answer nothing is read but its status and `Retry-After`.

pub mod address;
pub mod signature;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::http::request::Builder;
use axum::http::uri::Authority;
use axum::http::{Method, Request, Uri};
use http_body_util::Full;
use shared::webhooks::{EventFailure, URL_MAX};
use tokio::time::timeout;

use self::address::{AddressRules, Network};
use crate::api::events;
use crate::clock_and_ids::Clock;
use crate::desk::event_sender::{EventSender, OutgoingEvent, SendFailure, UrlProblem};
use crate::http_client::{Failed, HttpClient, Resolver, retry_after};
pub use crate::http_client::{Lookup, SystemLookup};

/// How long an attempt may take, in seconds.
pub const TIME_LIMIT: Duration = Duration::from_secs(15);
/// How a receiver knows who sends.
const AGENT: &str = concat!("Sideline/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// What an operator can set, and what tests put in place of the network.
#[derive(Clone)]
pub struct WebhookConfig {
    /// Networks to which events may go although they are not public, over `http` too.
    pub allowed: Vec<Network>,
    /// How long an attempt may take; [`TIME_LIMIT`] but in tests.
    pub time_limit: Duration,
    /// Who knows the addresses of hosts.
    pub lookup: Arc<dyn Lookup>,
}

impl Default for WebhookConfig {
    fn default() -> Self {
        Self {
            allowed: Vec::new(),
            time_limit: TIME_LIMIT,
            lookup: Arc::new(SystemLookup),
        }
    }
}

/// Sends events over HTTP.
pub struct HttpSender {
    rules: AddressRules,
    lookup: Arc<dyn Lookup>,
    clock: Arc<dyn Clock>,
    /// Over TLS, to public addresses and those that are allowed.
    secure: HttpClient,
    /// Without it, to those that are allowed alone.
    plain: HttpClient,
}

/// A receiver's address with what is asked of it.
struct Target {
    uri: Uri,
    secure: bool,
}

impl HttpSender {
    /// A sender; the clock reads dates in `Retry-After`.
    pub fn new(config: WebhookConfig, clock: Arc<dyn Clock>) -> Self {
        let rules = AddressRules::new(config.allowed);
        let client = |secure: bool| {
            let rules = rules.clone();
            let permits = move |address: IpAddr| rules.permits(address, secure);
            let resolver = Resolver::checked(config.lookup.clone(), permits);
            HttpClient::with_resolver(config.time_limit, resolver)
        };
        Self {
            secure: client(true),
            plain: client(false),
            lookup: config.lookup.clone(),
            rules,
            clock,
        }
    }

    /// Posts to an address that somebody typed, if it may be sent to.
    pub(crate) async fn post(
        &self,
        url: &str,
        request: Builder,
        body: Bytes,
    ) -> Result<i64, SendFailure> {
        let refused = |_| SendFailure::of(EventFailure::AddressRefused);
        let Target { uri, secure } = self.target(url).map_err(refused)?;
        let request = request.method(Method::POST).uri(uri).body(Full::new(body));
        let request = request.map_err(|_| SendFailure::of(EventFailure::AddressRefused))?;
        let client = if secure { &self.secure } else { &self.plain };
        let (status, headers) = client.status_of(request).await.map_err(failure)?;
        let code = i64::from(status.as_u16());
        if status.is_success() {
            return Ok(code);
        }
        Err(SendFailure {
            failure: EventFailure::Status,
            status: Some(code),
            after: retry_after(&headers, self.clock.now()),
        })
    }

    /// Reads an address. What it resolves to is another question.
    fn target(&self, url: &str) -> Result<Target, UrlProblem> {
        if url.chars().count() > URL_MAX {
            return Err(UrlProblem::TooLong);
        }
        // A fragment is never sent, so who types one means something else.
        if url.contains('#') {
            return Err(UrlProblem::Unreadable);
        }
        let uri: Uri = url.parse().map_err(|_| UrlProblem::Unreadable)?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if self.rules.allow_any() => false,
            Some("http") => return Err(UrlProblem::NotHttps),
            _ => return Err(UrlProblem::Unreadable),
        };
        let authority = uri.authority().ok_or(UrlProblem::Unreadable)?;
        if authority.as_str().contains('@') {
            return Err(UrlProblem::UserInfo);
        }
        if authority.host().is_empty() || !port_is_good(authority) {
            return Err(UrlProblem::Unreadable);
        }
        // The connector asks no resolver about an address.
        let literal = literal(authority.host());
        if literal.is_some_and(|address| !self.rules.permits(address, secure)) {
            return Err(UrlProblem::AddressRefused);
        }
        Ok(Target { uri, secure })
    }
}

/// Whether there is no port, or one that somebody can listen on: 1 to 65535. A parser that takes another for none would connect
/// elsewhere.
pub(crate) fn port_is_good(authority: &Authority) -> bool {
    let rest = authority.as_str().strip_prefix(authority.host());
    match rest.and_then(|rest| rest.strip_prefix(':')) {
        Some(port) => {
            let digits = port.bytes().all(|sign| sign.is_ascii_digit());
            digits && port.parse::<u16>().is_ok_and(|port| port > 0)
        }
        None => rest == Some(""),
    }
}

/// The address that a host is written as, if it is one.
pub(crate) fn literal(host: &str) -> Option<IpAddr> {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

#[async_trait]
impl EventSender for HttpSender {
    async fn check(&self, url: &str) -> Result<String, UrlProblem> {
        let Target { uri, secure } = self.target(url)?;
        let authority = uri.authority().ok_or(UrlProblem::Unreadable)?;
        let host = authority.host();
        if literal(host).is_none() {
            let found = timeout(TIME_LIMIT, self.lookup.lookup(host)).await;
            let found = found.ok().and_then(Result::ok);
            let found = found.ok_or(UrlProblem::UnknownHost)?;
            if found.is_empty() {
                return Err(UrlProblem::UnknownHost);
            }
            if !found.iter().all(|one| self.rules.permits(*one, secure)) {
                return Err(UrlProblem::AddressRefused);
            }
        }
        let scheme = if secure { "https" } else { "http" };
        Ok(format!("{scheme}://{authority}"))
    }

    async fn send(&self, event: &OutgoingEvent) -> Result<i64, SendFailure> {
        let body = events::body(event);
        let seconds = event.sent_at.0.div_euclid(1_000_000);
        let signatures = event.keys.iter();
        let signatures =
            signatures.filter_map(|key| signature::sign(key.reveal(), &event.id, seconds, &body));
        let signatures: Vec<String> = signatures.collect();
        let request = Request::builder()
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, AGENT)
            .header("webhook-id", &event.id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signatures.join(" "));
        self.post(event.url.reveal(), request, body.into()).await
    }
}

fn failure(failed: Failed) -> SendFailure {
    SendFailure::of(match failed {
        Failed::AddressRefused => EventFailure::AddressRefused,
        Failed::UnknownHost => EventFailure::UnknownHost,
        Failed::NoConnection => EventFailure::NoConnection,
        Failed::BrokenOff => EventFailure::BrokenOff,
        Failed::TooSlow => EventFailure::NoAnswer,
    })
}
