//! From a request to a vendor's API to what the outbox goes by. What an answer other than success means differs from vendor to
//! vendor.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use http_body_util::Full;
use shared::delivery::DeliveryReason;
use shared::time::Timestamp;

use crate::clock_and_ids::Clock;
use crate::desk::providers::SendError;
use crate::http_client::{HttpAnswer, HttpClient};

/// How long to wait when a vendor says that there were too many requests, and not for how long.
pub(super) const THROTTLED: Duration = Duration::from_secs(1);
/// The longest text of a vendor's that an administrator is shown, in characters.
const DETAIL_MAX: usize = 300;

/// An answer of success; `refused` says what another one means that came at this time.
pub(super) async fn exchange(
    client: &HttpClient,
    clock: &dyn Clock,
    request: axum::http::Result<Request<Full<Bytes>>>,
    refused: fn(&HttpAnswer, Timestamp) -> SendError,
) -> Result<HttpAnswer, SendError> {
    let request = request.map_err(|_| SendError::Refused {
        reason: DeliveryReason::NotSetUp,
        code: None,
        status: None,
        detail: "the account or the address cannot be part of a request".to_owned(),
    })?;
    match client.send(request).await {
        Ok(answer) if answer.status.is_success() => Ok(answer),
        Ok(answer) => Err(refused(&answer, clock.now())),
        Err(failure) => Err(later(failure.maybe_received, None, failure.reason)),
    }
}

/// It may work later; `unsettled`, when it may have been carried out.
pub(super) fn later(unsettled: bool, status: Option<StatusCode>, detail: &str) -> SendError {
    SendError::Later {
        after: None,
        unsettled,
        throttled: false,
        status: status.map(|status| status.as_u16()),
        detail: detail.to_owned(),
    }
}

/// The vendor said yes, and nobody can read to what.
pub(super) fn unreadable(status: StatusCode) -> SendError {
    later(true, Some(status), "an answer that cannot be read")
}

/// The status, and the vendor's own words with its number for them.
pub(super) fn detail(status: StatusCode, words: &str, code: Option<i64>) -> String {
    let words: String = words.chars().take(DETAIL_MAX).collect();
    let detail = match code {
        Some(code) => format!("{} {words} ({code})", status.as_u16()),
        None => format!("{} {words}", status.as_u16()),
    };
    detail.trim().to_owned()
}
