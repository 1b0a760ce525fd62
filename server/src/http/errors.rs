//! One shape for what goes wrong: an [`AppError`] as JSON with its own status.

use std::any::Any;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use shared::error::AppError;

use super::guards::REQUEST_ID;

/// Set by server functions on a failed answer, with the function's path.
const SERVER_FN_ERROR: HeaderName = HeaderName::from_static("serverfnerror");
/// The largest error that is worth reading.
const ERROR_MAX: usize = 16 * 1024;

/// The error as an answer of its own.
pub fn answer(error: &AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(error)).into_response()
}

/// Server functions answer every error with 500. This gives it the status that it stands for, and gives the
/// same shape to what never reached a function: an unknown path, a body that is too large.
pub async fn speak_plainly(request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let request_id = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("none")
        .to_owned();
    let response = next.run(request).await;
    if !api {
        return response;
    }
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        status if status.is_success() => response,
        _ if response.headers().contains_key(SERVER_FN_ERROR) => {
            let Ok(body) = to_bytes(response.into_body(), ERROR_MAX).await else {
                return answer(&AppError::Internal { request_id });
            };
            match serde_json::from_slice::<AppError>(&body) {
                Ok(AppError::Invalid { reason, .. })
                    if reason.contains("length limit exceeded") =>
                {
                    too_large()
                }
                Ok(error) => answer(&error),
                Err(_) => Response::builder()
                    .status(StatusCode::UNPROCESSABLE_ENTITY)
                    .body(Body::from(body))
                    .unwrap_or_default(),
            }
        }
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            answer(&AppError::NotFound)
        }
        _ => response,
    }
}

fn too_large() -> Response {
    let reason = format!("is larger than {} KiB", super::BODY_MAX / 1024);
    let mut response = answer(&AppError::invalid("body", reason));
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}

/// A panic in a handler: a defect. The person sees an error, the process goes on.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let what = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    let request_id = crate::seeds::Ids::next(&crate::seeds::RandomIds::default());
    tracing::error!(request_id, what, "a handler panicked");
    answer(&AppError::Internal { request_id })
}
