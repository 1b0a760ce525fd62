//! Requests that go out: HTTP/1.1, over TLS unless the address says `http`, with a time limit and a limit on the answer. No
//! redirect is followed, and no proxy is taken from the environment.
//!
//! Where users choose the host, a [`Resolver`] checks each of its addresses, and the connection is made to one of those that
//! were checked: nobody asks for the name a second time. Certificates come from authorities that Mozilla lists, or from those of an
//! operator ([`Authorities`]).

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;

use axum::body::Bytes;
use axum::http::header::{HeaderMap, RETRY_AFTER};
use axum::http::{Request, StatusCode};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use shared::time::Timestamp;
use tokio::time::timeout;
use tower::Service;

use crate::authorities::Authorities;

/// How long a request may take until its answer is read to the end.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(20);
/// How long connecting may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long a connection waits for the next request.
const IDLE: Duration = Duration::from_secs(30);
/// The longest answer, in bytes.
const ANSWER_MAX: usize = 256 * 1024;

/// What is said of an answer with more bytes than may be.
pub(crate) const TOO_LONG: &str = "the answer is too long";
/// What keeps a client from hosts that are at an address which it may not connect to.
pub(crate) const ADDRESS_REFUSED: &str = "an address of the host may not be connected to";

/// The client. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub(crate) struct HttpClient {
    client: Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
    time_limit: Duration,
}

/// An answer that was read to its end.
pub(crate) struct HttpAnswer {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HttpFailure {
    /// Whether the other side may have got the request.
    pub(crate) maybe_received: bool,
    /// What happened.
    pub(crate) reason: &'static str,
}

impl HttpClient {
    /// A client whose requests take no longer than this; [`TIME_LIMIT`] but in tests.
    pub(crate) fn new(time_limit: Duration) -> Self {
        Self::with_resolver(time_limit, Resolver::default())
    }

    /// A client that connects to the addresses of this resolver. A host that is written as an address is asked of nobody:
    /// the caller checks it.
    pub(crate) fn with_resolver(time_limit: Duration, resolver: Resolver) -> Self {
        Self::trusting(time_limit, resolver, None)
    }

    /// The same, which trusts these authorities in place of Mozilla's, if there are some.
    pub(crate) fn trusting(
        time_limit: Duration,
        resolver: Resolver,
        authorities: Option<&Authorities>,
    ) -> Self {
        let tls = HttpsConnectorBuilder::new();
        let tls = match authorities {
            Some(authorities) => {
                let config = ClientConfig::builder()
                    .with_root_certificates(authorities.store())
                    .with_no_client_auth();
                tls.with_tls_config(config)
            }
            None => tls.with_webpki_roots(),
        };
        let mut connector = HttpConnector::new_with_resolver(resolver);
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(CONNECT_LIMIT));
        let connector = tls.https_or_http().enable_http1().wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Self { client, time_limit }
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<HttpAnswer, HttpFailure> {
        self.send_for(request, ANSWER_MAX).await
    }

    /// Sends a request and reads an answer of at most so many bytes; of a longer one no more than that is read, and the failure is
    /// [`TOO_LONG`].
    pub(crate) async fn send_for(
        &self,
        request: Request<Full<Bytes>>,
        answer_max: usize,
    ) -> Result<HttpAnswer, HttpFailure> {
        let failure = |maybe_received, reason| HttpFailure {
            maybe_received,
            reason,
        };
        let exchange = async {
            let answer = self.client.request(request).await;
            let answer = answer.map_err(|error| match error.is_connect() {
                true if refusal(&error) == Failed::AddressRefused => {
                    failure(false, ADDRESS_REFUSED)
                }
                true => failure(false, "no connection"),
                false => failure(true, "the connection ended before the answer"),
            })?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, answer_max).collect().await;
            let body = body.map_err(|error| match error.is::<LengthLimitError>() {
                true => failure(true, TOO_LONG),
                false => failure(true, "the answer broke off"),
            })?;
            Ok(HttpAnswer {
                status: parts.status,
                headers: parts.headers,
                body: body.to_bytes(),
            })
        };
        match timeout(self.time_limit, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(failure(true, "no answer in time")),
        }
    }

    /// Sends a request and answers the status and the headers of its answer. The body is not read, so it can neither be too
    /// long nor come too slowly.
    pub(crate) async fn status_of(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(StatusCode, HeaderMap), Failed> {
        match timeout(self.time_limit, self.client.request(request)).await {
            Ok(Ok(answer)) => {
                let (parts, _) = answer.into_parts();
                Ok((parts.status, parts.headers))
            }
            Ok(Err(error)) if error.is_connect() => Err(refusal(&error)),
            Ok(Err(_)) => Err(Failed::BrokenOff),
            Err(_) => Err(Failed::TooSlow),
        }
    }
}

/// How long the other side asks to be left alone from now on (`Retry-After`): a number of seconds, or a date, of which one that has passed
/// asks for no wait. What is neither asks for nothing. It may be any length; the caller sets a limit.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    let wait = date.timestamp().as_microsecond().saturating_sub(now.0);
    Some(Duration::from_micros(
        u64::try_from(wait).unwrap_or_default(),
    ))
}

/// Why there is no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// An address of the host may not be connected to.
    AddressRefused,
    /// The host has no address.
    UnknownHost,
    /// Nobody listens there, or it speaks no TLS that can be trusted.
    NoConnection,
    /// The connection ended, or what came is no answer.
    BrokenOff,
    /// The time is over.
    TooSlow,
}

/// What kept a connection from being made, as the resolver says it somewhere below.
fn refusal(error: &(dyn StdError + 'static)) -> Failed {
    let mut below = Some(error);
    while let Some(error) = below {
        if let Some(refused) = error.downcast_ref::<Unresolved>() {
            return match refused {
                Unresolved::Refused => Failed::AddressRefused,
                Unresolved::Unknown => Failed::UnknownHost,
            };
        }
        below = error.source();
    }
    Failed::NoConnection
}

/// Knows the addresses of hosts.
#[async_trait]
pub trait Lookup: Send + Sync + 'static {
    /// All addresses of a host.
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// As the machine knows them.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Whether an address may be connected to.
type Permits = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// Finds the addresses of a host once for each connection, and answers them only if every one may be connected to: a host
/// with a public address and a private one is refused.
#[derive(Clone)]
pub(crate) struct Resolver {
    lookup: Arc<dyn Lookup>,
    permits: Permits,
}

impl Default for Resolver {
    /// One that permits every address.
    fn default() -> Self {
        Self::checked(Arc::new(SystemLookup), |_| true)
    }
}

impl Resolver {
    /// One that permits some.
    pub(crate) fn checked(
        lookup: Arc<dyn Lookup>,
        permits: impl Fn(IpAddr) -> bool + Send + Sync + 'static,
    ) -> Self {
        let permits = Arc::new(permits);
        Self { lookup, permits }
    }
}

/// Why a host has no address to connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unresolved {
    /// One of its addresses may not be connected to.
    Refused,
    /// It has none.
    Unknown,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => ADDRESS_REFUSED,
            Self::Unknown => "the host has no address",
        })
    }
}

impl StdError for Unresolved {}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Unresolved;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, host: Name) -> Self::Future {
        let Self { lookup, permits } = self.clone();
        async move {
            let found = lookup.lookup(host.as_str()).await;
            let found = found.map_err(|_| Unresolved::Unknown)?;
            if found.is_empty() {
                return Err(Unresolved::Unknown);
            }
            if !found.iter().all(|address| permits(*address)) {
                return Err(Unresolved::Refused);
            }
            // The connector sets the port.
            let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(found.collect::<Vec<_>>().into_iter())
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use tokio::net::TcpListener;

    fn get(uri: String) -> Request<Full<Bytes>> {
        Request::get(uri).body(Full::default()).unwrap()
    }

    #[tokio::test]
    async fn what_was_never_sent_is_told_from_what_may_have_been() {
        let client = HttpClient::new(Duration::from_millis(200));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // Nobody accepts and answers.
        let silent = client.send(get(format!("http://{address}/"))).await;
        assert!(silent.is_err_and(|failure| failure.maybe_received));
        drop(listener);
        let refused = client.send(get(format!("http://{address}/"))).await;
        assert!(refused.is_err_and(|failure| !failure.maybe_received));
    }

    /// What this `Retry-After` asks for on 14 November 2023 at 22:13:20 UTC.
    fn asked(text: &str) -> Option<Duration> {
        let value = HeaderValue::from_str(text).unwrap();
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value)]);
        retry_after(&headers, Timestamp(1_700_000_000_000_000))
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_until_a_date() {
        for (text, seconds) in [
            ("0", 0),
            ("120", 120),
            (" 120 ", 120),
            ("Tue, 14 Nov 2023 22:15:20 GMT", 120),
            ("Tue, 14 Nov 2023 23:15:20 +0100", 120),
            ("Tue, 14 Nov 2023 22:13:20 GMT", 0),
            ("Tue, 14 Nov 2023 22:13:19 GMT", 0),
            ("Mon, 01 Jan 1990 00:00:00 GMT", 0),
        ] {
            assert_eq!(asked(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), Timestamp(0)), None);
    }

    #[test]
    fn what_is_no_wait_asks_for_nothing() {
        for text in [
            "",
            "soon",
            "-1",
            "1.5",
            "1 minute",
            "14 Nov",
            "2023-11-14T22:15:20Z",
        ] {
            assert_eq!(asked(text), None, "{text}");
        }
    }

    #[test]
    fn a_wait_of_any_length_is_read_as_it_is() {
        assert_eq!(
            asked(&u64::MAX.to_string()),
            Some(Duration::from_secs(u64::MAX))
        );
        // One more than that is no number of seconds.
        assert_eq!(asked("18446744073709551616"), None);
        let millennia = Duration::from_secs(7_000 * 365 * 86_400);
        assert!(asked("Fri, 01 Jan 9999 00:00:00 GMT") > Some(millennia));
    }
}
