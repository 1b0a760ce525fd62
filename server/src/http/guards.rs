//! What every request passes: a request id, the headers of the answer, the check where it came from.

use std::error::Error;
use std::panic::resume_unwind;
use std::time::{Duration, Instant};

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use http_body_util::LengthLimitError;
use shared::error::AppError;
use tokio::sync::watch;
use tokio::time::timeout;
use tracing::Instrument;

use super::errors::{answer, too_large};
use crate::seeds::{Ids, RandomIds};

/// Where the id of a request stands, in the answer and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, so that a line in the log can be found from an error on screen, and says in the log how
/// it was answered. An address is logged without its query, a body never.
pub async fn request_id(mut request: Request, next: Next) -> Response {
    let id = RandomIds::default().next();
    // Of the highest level, so that every line that is logged at all carries the id.
    let span = tracing::error_span!("request", id, method = %request.method(), path = request.uri().path());
    let value = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("none"));
    request.headers_mut().insert(REQUEST_ID, value.clone());
    let answered = async move {
        let begun = Instant::now();
        let response = next.run(request).await;
        let (status, took) = (response.status().as_u16(), begun.elapsed());
        tracing::info!(status, micros = took.as_micros() as u64, "answered");
        response
    };
    let mut response = answered.instrument(span).await;
    response.headers_mut().insert(REQUEST_ID, value);
    response
}

/// Headers that belong on every answer. The policy for scripts stands with the pages, which know their nonce.
pub async fn headers(State(secure): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
    // What staff or a customer reads must not stay in a shared cache; assets say otherwise for themselves.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if secure {
        let value = HeaderValue::from_static("max-age=31536000");
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(value);
    }
    response
}

/// Server functions have no protection against forged requests of their own: whatever can change something,
/// and the live connection, must come from a page of this host. Programs that are no browsers send neither
/// header and carry no browser's cookies, so they pass.
pub async fn same_origin(request: Request, next: Next) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if (!reads || request.headers().contains_key(header::UPGRADE)) && !from_here(&request) {
        return (
            StatusCode::FORBIDDEN,
            "This request came from another site.",
        )
            .into_response();
    }
    next.run(request).await
}

fn from_here(request: &Request) -> bool {
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
    match text(header::ORIGIN) {
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(header::HOST)
        }
        None => true,
    }
}

/// The largest body that is read to its end only to be thrown away, in bytes, and how long that may take.
const THROWN_AWAY: usize = 4 * 1024 * 1024;
const THROWING: Duration = Duration::from_secs(2);

/// Who is cut off in the middle of sending may never read why. So a body that is announced as too large is read,
/// without being held, before it is refused; one that is out of all proportion, or takes its time, is cut off.
pub async fn throw_away(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let announced = length
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok())
        .unwrap_or_default();
    if announced <= super::BODY_MAX {
        return next.run(request).await;
    }
    if announced > THROWN_AWAY {
        return too_large();
    }
    let mut pieces = request.into_body().into_data_stream();
    let to_the_end = async { while let Some(Ok(_)) = pieces.next().await {} };
    let _ = timeout(THROWING, to_the_end).await;
    too_large()
}

/// Takes in the whole body of what may change something, up to [`BODY_MAX`](super::BODY_MAX). What follows goes on by
/// itself ([`detach`]) and would hold the connection of a body that never ends for ever; this is dropped when its time is
/// over.
pub async fn receive(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match to_bytes(body, super::BODY_MAX).await {
        Ok(whole) => next.run(Request::from_parts(parts, whole.into())).await,
        Err(error)
            if error
                .source()
                .is_some_and(|reason| reason.is::<LengthLimitError>()) =>
        {
            too_large()
        }
        Err(_) => answer(&AppError::invalid("body", "broke off")),
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

/// A write goes on when its sender hangs up: axum drops a handler whose client is gone, and then a change could
/// be stored without anybody being told.
pub async fn detach(mut request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    // Dropped with this future, which is dropped when the sender hangs up.
    let (_here, sender) = watch::channel(());
    request.extensions_mut().insert(Sender(sender));
    match tokio::spawn(async move { next.run(request).await }.in_current_span()).await {
        Ok(response) => response,
        Err(failed) => match failed.try_into_panic() {
            // Goes on as if nothing lay between: who catches it knows the request's id.
            Ok(panic) => resume_unwind(panic),
            Err(_) => answer(&AppError::Unavailable),
        },
    }
}
