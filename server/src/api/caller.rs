//! Who calls: the bearer of a token. Cookies count for nothing here, and a token opens nothing elsewhere.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use shared::error::AppError;
use shared::tokens::ApiToken;

use super::ApiState;
use super::rate::RateStatus;
use crate::desk::api::Refusal;
use crate::http::problem::Problem;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The bearer of a token that lasts, within its limit. An extractor.
#[derive(Clone, Debug)]
pub(super) struct Bearer(pub(super) ApiToken);

/// Where the extractor leaves what the answer says of the limit.
type LimitSlot = Arc<OnceLock<RateStatus>>;

impl FromRequestParts<ApiState> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let Some(secret) = secret_of(parts) else {
            let detail = "Send the header Authorization: Bearer, with a token.";
            let missing = Problem::plain(StatusCode::UNAUTHORIZED, "token_missing");
            return Err(missing.with_detail(detail));
        };
        let token = state.desk.token_use(secret).await;
        let token = token.map_err(|error| Problem::of(&error))?;
        let status = state.rate.count(&token.id, Instant::now());
        if let Some(slot) = parts.extensions.get::<LimitSlot>() {
            // It is filled once in a request.
            let _ = slot.set(status);
        }
        match status.retry_after_s {
            None => Ok(Self(token)),
            Some(seconds) => {
                let id = token.id.as_str();
                state.desk.refused(None, "refused_rate", id).await;
                Err(Problem::of(&AppError::rate_limited(seconds)))
            }
        }
    }
}

/// What follows "Bearer" (RFC 6750), whose case does not matter.
fn secret_of(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = header.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty()).then_some(secret)
}

/// Says on each answer to a token how it stands with its limit.
pub(super) async fn say_limits(mut request: Request, next: Next) -> Response {
    let slot = LimitSlot::default();
    request.extensions_mut().insert(Arc::clone(&slot));
    let mut response = next.run(request).await;
    if let Some(status) = slot.get() {
        let limit = format!("\"token\";r={};t={}", status.left, status.reset_s);
        let policy = format!("\"token\";q={};w=60", status.most);
        for (name, text) in [(LIMIT, limit), (POLICY, policy)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Scope(scope) => {
                let detail = format!("The token needs the scope {}.", scope.code());
                Problem::plain(StatusCode::FORBIDDEN, "scope_missing").with_detail(detail)
            }
            Refusal::Error(error) => Problem::of(&error),
        }
    }
}
