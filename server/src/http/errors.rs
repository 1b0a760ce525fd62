//! One shape for what goes wrong: an [`AppError`] as JSON with its own status.

use std::panic::AssertUnwindSafe;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use i18n::Language;
use serde_json::Value;
use shared::error::{AppError, Limit, Problem};

use super::paths::is_api;
use super::request_id::id_of;

/// Set by server functions on a failed answer, with the function's path.
const SERVER_FN_ERROR: HeaderName = HeaderName::from_static("serverfnerror");
/// The largest error that is worth reading.
const ERROR_MAX: usize = 16 * 1024;

/// After how many seconds to come again when the host cannot work right now.
pub(super) const UNAVAILABLE_S: i64 = 2;

/// The error as JSON: data, and for programs the same in English, under `reason`. Tabs of the release before know nothing
/// else than this sentence.
pub fn error_json(error: &AppError) -> Value {
    let mut json = serde_json::to_value(error).unwrap_or_default();
    let parameters = json
        .as_object_mut()
        .and_then(|json| json.values_mut().next());
    if let (Some(Value::Object(parameters)), Some(reason)) = (parameters, reason(error)) {
        parameters.insert("reason".to_owned(), reason.into());
    }
    json
}

/// What is to be said beside the code; errors without parameters need nothing.
fn reason(error: &AppError) -> Option<String> {
    match error {
        AppError::Invalid { .. } | AppError::Conflict { .. } => {}
        AppError::RateLimited { limit, .. } if *limit != Limit::Attempts => {}
        _ => return None,
    }
    Some(i18n::error_text(Language::En, error))
}

/// The error as an answer of its own. One that passes says when to come again.
pub fn error_response(error: &AppError) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(error_json(error))).into_response();
    let retry_after_s = match error {
        AppError::RateLimited { retry_after_s, .. } => Some(*retry_after_s),
        AppError::Unavailable => Some(UNAVAILABLE_S),
        _ => None,
    };
    if let Some(seconds) = retry_after_s {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    // For those who say it in another form (`problem`).
    response.extensions_mut().insert(error.clone());
    response
}

/// Gives errors their shape: those of defects and those of server functions.
pub async fn shape(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // The HTTP API has a form of its own.
    let api = path.starts_with("/api/") && !is_api(path);
    let request_id = id_of(&request).to_owned();
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) if api => normalized(response, request_id).await,
        Ok(response) => response,
        Err(_) => panicked(request_id),
    }
}

/// Server functions answer every error with 500. This gives it the status that it stands for, and gives the
/// same shape to what never reached a function: an unknown path.
async fn normalized(response: Response, request_id: String) -> Response {
    match response.status() {
        status if status.is_success() => response,
        _ if response.headers().contains_key(SERVER_FN_ERROR) => {
            let Ok(body) = to_bytes(response.into_body(), ERROR_MAX).await else {
                return error_response(&AppError::Internal { request_id });
            };
            match serde_json::from_slice::<AppError>(&body) {
                Ok(error) => error_response(&error),
                Err(_) => Response::builder()
                    .status(StatusCode::UNPROCESSABLE_ENTITY)
                    .body(Body::from(body))
                    .unwrap_or_default(),
            }
        }
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            error_response(&AppError::NotFound)
        }
        _ => response,
    }
}

/// The refusal of a body that has more than so many bytes.
pub fn too_large(max: usize) -> Response {
    let max_kib = (max / 1024) as i64;
    let mut response = error_response(&AppError::invalid("body", Problem::TooLarge { max_kib }));
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}

/// A panic in a handler is a defect. The user sees an error with the request's id, under which the log says where it
/// was; the process goes on. (`tower-http`'s `CatchPanic` makes its answer without the request, so without the id.)
fn panicked(request_id: String) -> Response {
    tracing::error!("a handler panicked");
    error_response(&AppError::Internal { request_id })
}
