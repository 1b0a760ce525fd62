//! The id of a request: in the answer, in errors, and on every line that the log has about it.

use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

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

/// The id of a request that [`request_id`] has passed.
pub fn id_of(request: &Request) -> String {
    let id = request.headers().get(REQUEST_ID);
    id.and_then(|value| value.to_str().ok())
        .unwrap_or("none")
        .to_owned()
}
