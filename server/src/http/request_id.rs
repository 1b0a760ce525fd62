//! The id of a request: in the answer, in errors, and on every line that the log has about it.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Response};
use tracing::Span;
use uuid::Uuid;

/// The header that carries the id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A new id. The client has no say in it: the log must not hold what a client chose.
pub fn new_id(_: &Request) -> Option<HeaderValue> {
    let mut buffer = Uuid::encode_buffer();
    HeaderValue::from_str(Uuid::now_v7().simple().encode_lower(&mut buffer)).ok()
}

/// The id of a request that has one.
pub fn id_of(request: &Request) -> &str {
    let id = request.headers().get(REQUEST_ID);
    id.and_then(|value| value.to_str().ok()).unwrap_or("none")
}

/// The span of a request. It is of the highest level, so that every line that is logged at all carries the id. An
/// address is logged without its query, a body never.
pub fn span_of(request: &Request) -> Span {
    let (id, path) = (id_of(request), request.uri().path());
    tracing::error_span!("request", id, method = %request.method(), path)
}

/// Logs how a request was answered.
pub fn log_answer<B>(response: &Response<B>, latency: Duration, _: &Span) {
    let status = response.status().as_u16();
    tracing::info!(status, micros = latency.as_micros() as u64, "answered");
}
