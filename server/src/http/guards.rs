//! Checks in front of the routes: the origin and the size of a request. A write goes on when its sender hangs up.

use std::error::Error;
use std::panic::resume_unwind;
use std::sync::LazyLock;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use http_body_util::LengthLimitError;
use shared::error::{AppError, Problem};
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::Instrument;

use super::client_address::ClientAddress;
use super::concurrency_limits::{ConcurrencyLimits, Permit};
use super::errors::{error_response, too_large};
use super::paths::{USER_IMPORT, brings_file, counts_visits};
use super::people::Person;
use crate::clock_and_ids::{Clock, SystemClock};
use crate::desk::Desk;
use crate::line_limit::LineLimit;

/// How many times as long as others a request with a file may take: 5 MiB come in five minutes at 140 kbit/s, and the passwords of a
/// file of users are hashed on a slow machine.
const FILE_TIMES: u32 = 5;

/// Gives up a request whose answer does not begin in time (408).
pub async fn in_time(answer_within: Duration, request: Request, next: Next) -> Response {
    let limit = time_limit(answer_within, request.uri().path());
    let answer = timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

fn time_limit(answer_within: Duration, path: &str) -> Duration {
    match brings_file(path) || path == USER_IMPORT {
        true => answer_within * FILE_TIMES,
        false => answer_within,
    }
}

/// Lets in what comes from this host and is not too large. A person is shown a page where a request came to nothing. `secure`:
/// browsers reach this host over TLS.
pub async fn admit(secure: bool, request: Request, next: Next) -> Response {
    let person = Person::of(&request);
    let response = admitted(secure, request, next).await;
    match person {
        Some(person) => person.shown(response),
        None => response,
    }
}

async fn admitted(secure: bool, request: Request, next: Next) -> Response {
    if !is_same_origin(secure, &request) {
        let mut refused = (
            StatusCode::FORBIDDEN,
            "This request came from another site.",
        )
            .into_response();
        refused.extensions_mut().insert(CrossSite);
        return refused;
    }
    match refuse_oversized(request).await {
        Ok(request) => next.run(request).await,
        Err(refused) => refused,
    }
}

/// Server functions have no protection against forged requests of their own: whatever can change something,
/// and the live connection, must come from a page of this host. Programs that are no browsers send neither
/// header and carry no browser's cookies, so they pass. A page of another site that shows a picture of an address which counts
/// attempts would use up those of its visitors' whole office; a link leads there all the same.
fn is_same_origin(secure: bool, request: &Request) -> bool {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let shows = counts_visits(request.uri().path()) && !is_visit(request);
    (reads && !shows && !request.headers().contains_key(header::UPGRADE))
        || from_here(secure, request)
}

/// Whether a browser opens an address as a page of its own, and its user wants that. Older browsers do not say.
fn is_visit(request: &Request) -> bool {
    let says = |name: &'static str, word: &str| {
        let said = request.headers().get(HeaderName::from_static(name));
        said.is_none_or(|said| said == word)
    };
    let early = HeaderName::from_static("sec-purpose");
    says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document")
        && !request.headers().contains_key(early)
}

/// Marks the answer to a request that came from another site.
#[derive(Clone, Copy)]
struct CrossSite;

/// Records requests from other sites in the audit log. Not by address: the sender of a forged request chooses it.
pub async fn record_cross_site(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.extensions().get::<CrossSite>().is_some() {
        desk.refused(None, "refused_cross_site", "").await;
    }
    response
}

/// A page that came over plain HTTP is not this host's where browsers reach it over TLS: anybody between could have written it. Where
/// they do not, a proxy may speak TLS all the same.
fn from_here(secure: bool, request: &Request) -> bool {
    let text = |name: HeaderName| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site"))
        && !matches!(site, "same-origin" | "none")
    {
        return false;
    }
    if !request.headers().contains_key(header::ORIGIN) {
        return true;
    }
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://"));
    origin.is_some_and(|(scheme, host)| {
        let spoken = scheme == "https" || (scheme == "http" && !secure);
        spoken && Some(host) == text(header::HOST)
    })
}

/// The largest body that is drained, in bytes, and how long that may take: a picture of a camera goes in.
const DRAINED_MAX: usize = 32 * 1024 * 1024;
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// Refuses a body that is announced as too large, after reading it to its end without holding it: a browser whose
/// connection is closed while it sends never reads the reason, which is why `tower-http`'s `RequestBodyLimit` does not
/// do. A body that is out of all proportion, or takes its time, is cut off.
async fn refuse_oversized(request: Request) -> Result<Request, Response> {
    let max = super::body_max(request.uri().path());
    let length = request.headers().get(header::CONTENT_LENGTH);
    let announced = length
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok())
        .unwrap_or_default();
    if announced <= max {
        return Ok(request);
    }
    let refused = refused_size(request.uri().path(), max);
    if announced <= DRAINED_MAX {
        drain(request).await;
    }
    Err(refused)
}

/// The refusal of a body that has more than so many bytes. The log names a provider's call.
fn refused_size(path: &str, max: usize) -> Response {
    static LINES: LazyLock<LineLimit> = LazyLock::new(LineLimit::default);
    if path.starts_with("/channels/") && LINES.admits(SystemClock.now()) {
        let kib = max / 1024;
        tracing::warn!("a provider's call was refused: it has more than {kib} KiB");
    }
    too_large(max)
}

/// Reads a body that nobody wants, without holding it; what is too long or takes its time is cut off.
pub(crate) async fn drain(request: Request) {
    let mut pieces = request.into_body().into_data_stream();
    let to_the_end = async {
        let mut read = 0;
        while let Some(Ok(piece)) = pieces.next().await {
            read += piece.len();
            if read > DRAINED_MAX {
                break;
            }
        }
    };
    let _ = timeout(DRAIN_LIMIT, to_the_end).await;
}

/// A write goes on when its sender hangs up: axum drops a handler whose client is gone, and then a change could
/// be stored and never published. Its body is read before: what outlives the connection would wait for ever for one that never
/// ends.
pub async fn detach(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    // Its route asks first who sends it, and detaches it then.
    match reads || brings_file(request.uri().path()) {
        true => next.run(request).await,
        false => detached(request, next).await,
    }
}

/// The same, whatever comes.
pub(crate) async fn detached(request: Request, next: Next) -> Response {
    let room = match room(&request) {
        Ok(room) => room,
        Err(error) => return error_response(&error),
    };
    let mut request = match buffered(request).await {
        Ok(request) => request,
        Err(refused) => return refused,
    };
    // Dropped with this future, which is dropped when the sender hangs up.
    let (_here, sender) = watch::channel(());
    request.extensions_mut().insert(Sender(sender));
    let answer = async move {
        let _room = room;
        next.run(request).await
    };
    match tokio::spawn(answer.in_current_span()).await {
        Ok(response) => response,
        Err(failed) => match failed.try_into_panic() {
            // Goes on as if nothing lay between: the layer that catches it knows the request's id.
            Ok(panic) => resume_unwind(panic),
            Err(_) => error_response(&AppError::Unavailable),
        },
    }
}

/// How many files may be on their way from one address, where many people may share one. They are held whole.
const FILES_FROM_ADDRESS: u32 = 20;
static FILES: LazyLock<ConcurrencyLimits<ClientAddress>> =
    LazyLock::new(|| ConcurrencyLimits::new(FILES_FROM_ADDRESS));

/// The room for a body that may bring a file; others need none.
fn room(request: &Request) -> Result<Option<Permit<ClientAddress>>, AppError> {
    let address = request.extensions().get::<ClientAddress>();
    let address = address.filter(|_| brings_file(request.uri().path()));
    address.map(|address| FILES.acquire(address)).transpose()
}

/// Reads the whole body, up to [`body_max`](super::body_max).
async fn buffered(request: Request) -> Result<Request, Response> {
    let max = super::body_max(request.uri().path());
    let (parts, body) = request.into_parts();
    match to_bytes(body, max).await {
        Ok(whole) => Ok(Request::from_parts(parts, whole.into())),
        Err(error)
            if error
                .source()
                .is_some_and(|reason| reason.is::<LengthLimitError>()) =>
        {
            Err(refused_size(parts.uri.path(), max))
        }
        Err(_) => Err(error_response(&AppError::invalid(
            "body",
            Problem::BrokenOff,
        ))),
    }
}

/// The sender of a request that goes on without its connection ([`detach`]), for work that is not worth doing when nobody waits for
/// the answer. In the extensions of such a request.
#[derive(Clone, Debug)]
pub struct Sender(watch::Receiver<()>);

impl Sender {
    /// Done when the sender has hung up.
    pub async fn gone(mut self) {
        // Nothing is ever sent: it ends when the other end is dropped.
        while self.0.changed().await.is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn where_visits_count_another_site_leads_and_shows_nothing() {
        let lets_in = |path: &str, said: &[(&'static str, &'static str)]| {
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = path.parse().expect("a path");
            let headers = request.headers_mut();
            headers.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
            for &(name, word) in said {
                headers.insert(name, HeaderValue::from_static(word));
            }
            is_same_origin(false, &request)
        };
        let page = [
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        let picture = [("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")];
        let frame = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
        let early = [("sec-purpose", "prefetch")];
        for path in [
            "/sso/start",
            "/sso/again",
            "/sso/callback",
            "/login/passkey",
        ] {
            assert!(lets_in(path, &page), "{path}");
            for other in [&picture[..], &frame, &early] {
                assert!(!lets_in(path, other), "{path} {other:?}");
            }
        }
        assert!(lets_in("/login", &picture));
    }

    #[test]
    fn s28_an_origin_is_this_hosts_with_its_scheme() {
        let lets_in = |secure, origin: &'static str| {
            let mut request = Request::new(Body::empty());
            *request.method_mut() = Method::POST;
            let headers = request.headers_mut();
            headers.insert(header::HOST, HeaderValue::from_static("desk.example"));
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            is_same_origin(secure, &request)
        };
        for secure in [false, true] {
            assert!(lets_in(secure, "https://desk.example"));
            assert_eq!(lets_in(secure, "http://desk.example"), !secure);
            for other in [
                "ftp://desk.example",
                "://desk.example",
                "desk.example",
                "null",
                "https://desk.example.org",
                "https://desk.example:8443",
            ] {
                assert!(!lets_in(secure, other), "{other}");
            }
        }
    }

    #[test]
    fn a_file_on_its_way_has_more_time_than_other_requests() {
        let minute = Duration::from_secs(60);
        assert_eq!(time_limit(minute, "/chat/care/messages"), minute);
        for path in [
            "/chat/care/files",
            "/workitems/wi-1/files",
            "/admin/users/import",
        ] {
            assert_eq!(time_limit(minute, path), minute * FILE_TIMES);
        }
    }
}
