//! Addresses that programs know: where a password is changed, and whom to tell about a vulnerability.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use shared::time::Timestamp;

use super::HttpConfig;
use super::routes::Routes;
use crate::desk::Desk;

/// For how long a reader may rely on the contact (RFC 9116 recommends less than a year), in microseconds.
const EXPIRES_US: i64 = 180 * 24 * 3_600 * 1_000_000;

#[derive(Clone)]
struct WellKnown {
    desk: Desk,
    contact: Option<String>,
}

/// The routes below `/.well-known`.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk, config: &HttpConfig) -> Routes<S> {
    Routes::new()
        .route("/.well-known/change-password", get(change_password))
        .route("/.well-known/security.txt", get(security))
        .with_state(WellKnown {
            desk,
            contact: config.security_contact.clone(),
        })
}

/// What password managers open (W3C, "A Well-Known URL for Changing Passwords").
async fn change_password() -> Redirect {
    Redirect::to("/settings#settings-password")
}

/// RFC 9116; there is none without a contact.
async fn security(State(state): State<WellKnown>) -> Response {
    let Some(contact) = state.contact else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let expires = Timestamp(state.desk.clock().now().0 + EXPIRES_US).rfc3339();
    let text = format!("Contact: {contact}\nExpires: {expires}\n");
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
