//! `/dashboard/waiting`: how many requests for assistance wait, as the header of the host's own pages shows it (`header.rs`). The script
//! of that header asks for it while its page is open (`waiting.js`).

use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use shared::error::AppError;

use super::errors::error_response;
use super::header::waiting_sign;
use super::page_reader::PageReader;
use super::paths::WAITING;
use super::routes::Routes;
use crate::desk::Desk;

/// The route of the sign.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new().route(WAITING, get(show)).with_state(desk)
}

async fn show(reader: PageReader) -> Response {
    match reader.desk.requests_waiting(&reader.caller.actor).await {
        Ok(count) => Html(waiting_sign(reader.language, count).into_string()).into_response(),
        Err(AppError::NotFound) => reader.nowhere(),
        Err(error) => error_response(&error),
    }
}
