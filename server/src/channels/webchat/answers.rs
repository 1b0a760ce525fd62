//! How the chat page answers: documents with their policy, and errors as JSON for the script or in words for a
//! person. Headers that every answer of the host carries are not set here.

use axum::Json;
use axum::http::header::{CONTENT_SECURITY_POLICY, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use shared::error::AppError;

use super::page;

/// Everything comes from this host, and nothing is inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page.
pub(super) fn document(status: StatusCode, page: String) -> Response {
    let policy = HeaderValue::from_static(POLICY);
    (status, [(CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

/// A page that says what is wrong.
pub(super) fn apology(error: &AppError) -> Response {
    match error {
        AppError::NotFound => document(StatusCode::NOT_FOUND, page::not_found()),
        other => document(status(other), page::failed(&other.to_string())),
    }
}

/// An error for the script.
pub(super) fn refusal(error: &AppError) -> Response {
    let mut response = (status(error), Json(error)).into_response();
    if let AppError::RateLimited { retry_after_s } = error {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(*retry_after_s));
    }
    response
}

/// The status that says the same as the error.
pub(super) fn status(error: &AppError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// An error in the words of the page.
pub(super) fn sentence(error: &AppError) -> String {
    match error {
        AppError::Invalid { field, reason } if field == "name" => format!("Your name {reason}."),
        AppError::Invalid { reason, .. } => format!("Your message {reason}."),
        other => other.to_string(),
    }
}
