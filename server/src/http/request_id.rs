//! The id of a request: in the answer, in errors, and on every line that the log has about it.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Response};
use percent_encoding::percent_decode_str;
use tracing::Span;
use uuid::Uuid;

use super::paths::WALL;
use crate::desk::{chat_channels, tokens, walls, webhooks};
use crate::traces::{Origin, TRACEPARENT};

/// The header that carries the id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the secrets begin with that are shown to people, who may paste one into an address.
const SECRETS: [&str; 4] = [
    chat_channels::PREFIX,
    tokens::PREFIX,
    walls::PREFIX,
    webhooks::PREFIX,
];
/// How many hex digits an id has. What has more of them is a secret, with a prefix or without.
const ID_DIGITS: usize = 32;

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
/// address is logged without its query and without a secret, a body never.
///
/// A proxy in front, where it is believed, may have begun the trace that the request belongs to.
pub fn span_of(request: &Request, trust_forwarded: bool) -> Span {
    let (id, path) = (id_of(request), logged(request.uri().path()));
    let span = tracing::error_span!("request", id, method = %request.method(), path);
    let said = request.headers().get(TRACEPARENT);
    if let (true, Some(said)) = (trust_forwarded, said) {
        Origin::said(said.to_str().unwrap_or_default()).continue_in(&span);
    }
    span
}

/// A path as it is logged: it ends before the first part that may be a secret, also where the address is no route.
fn logged(path: &str) -> &str {
    if path.starts_with(WALL) {
        return WALL;
    }
    let mut end = 0;
    for part in path.split_inclusive('/') {
        if may_be_secret(part) {
            break;
        }
        end += part.len();
    }
    &path[..end]
}

fn may_be_secret(part: &str) -> bool {
    let part = percent_decode_str(part).decode_utf8_lossy();
    let part = part.to_ascii_lowercase();
    let mut runs = part.split(|c: char| !c.is_ascii_hexdigit());
    SECRETS.iter().any(|prefix| part.contains(prefix)) || runs.any(|run| run.len() > ID_DIGITS)
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

    #[test]
    fn a_path_is_logged_up_to_what_may_be_a_secret() {
        let digits = "5eed".repeat(16);
        for (path, whole) in [
            ("/wall/slw_1", "/wall/"),
            ("/wall/1", "/wall/"),
            ("//wall/slw_1", "//wall/"),
            ("/WALL/slw_1/more", "/WALL/"),
            ("/walls/SLW_1", "/walls/"),
            ("/wall%2Fslw_1", "/"),
            ("/%73lw_1", "/"),
            ("/api/v1/slt_1", "/api/v1/"),
            ("/chat/care/sli_1", "/chat/care/"),
            // A key of a webhook may have slashes.
            ("/admin/whsec_a/b", "/admin/"),
            (&format!("/setup/token={digits}"), "/setup/"),
            (&format!("/wal/lw_{digits}"), "/wal/"),
        ] {
            assert_eq!(logged(path), whole, "{path}");
        }
        let id = &digits[..ID_DIGITS];
        for path in ["/", "/live", &format!("/files/{id}"), "/api/labels_load"] {
            assert_eq!(logged(path), path);
        }
    }
}
