//! The id of a request: in the answer, in errors, and on every line that the log has about it.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Response};
use tracing::Span;
use uuid::Uuid;

use super::paths::WALL;
use crate::traces::{Origin, TRACEPARENT};

/// The header that carries the id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A new id. The client has no say in it: the log must not hold what a client chose. It is of chance alone: ids of version 7
/// count up within a millisecond, and entries have theirs of that count, so that gaps in it would tell anybody that staff write.
pub fn new_id(_: &Request) -> Option<HeaderValue> {
    let mut buffer = Uuid::encode_buffer();
    HeaderValue::from_str(Uuid::new_v4().simple().encode_lower(&mut buffer)).ok()
}

/// The id of a request that has one.
pub fn id_of(request: &Request) -> &str {
    let id = request.headers().get(REQUEST_ID);
    id.and_then(|value| value.to_str().ok()).unwrap_or("none")
}

/// The span of a request. It is of the highest level, so that every line that is logged at all carries the id. An
/// address is logged without its query and without the secret of a wall, a body never.
///
/// A proxy in front, where it is believed, may have begun the trace that the request belongs to.
pub fn span_of(request: &Request, trust_forwarded: bool) -> Span {
    let (id, path) = (id_of(request), request.uri().path());
    let path = if path.starts_with(WALL) { WALL } else { path };
    let span = tracing::error_span!("request", id, method = %request.method(), path);
    let said = request.headers().get(TRACEPARENT);
    if let (true, Some(said)) = (trust_forwarded, said) {
        Origin::said(said.to_str().unwrap_or_default()).continue_in(&span);
    }
    span
}

/// Logs how a request was answered.
pub fn log_answer<B>(response: &Response<B>, latency: Duration, _: &Span) {
    let status = response.status().as_u16();
    tracing::info!(status, micros = latency.as_micros() as u64, "answered");
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn m21_an_id_says_nothing_of_what_else_gets_ids() {
        let request = Request::new(Body::empty());
        let ids: Vec<Uuid> = (0..100)
            .map(|_| {
                let id = new_id(&request).expect("an id");
                Uuid::parse_str(id.to_str().expect("text")).expect("an id")
            })
            .collect();
        assert!(ids.iter().all(|id| id.get_version_num() == 4), "{ids:?}");
        assert!(!ids.is_sorted(), "they do not count: {ids:?}");
    }
}
