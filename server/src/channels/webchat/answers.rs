//! How the chat page answers: pages with their policy, and errors as JSON for the script or as text for a person.
//! Headers that every answer of the host carries are not set here.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_SECURITY_POLICY, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use serde_json::{Value, json};
use shared::error::AppError;

use super::page;
use crate::desk::Unpublished;

/// Everything comes from this host, and nothing is inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// How long somebody waits who found the queue full, in seconds.
const QUEUE_S: i64 = 60;

/// Why the chat page does not do something, as its routes answer it.
#[derive(Clone, Debug)]
pub(super) struct ChatError {
    error: AppError,
    /// In place of the error's own words.
    words: Option<String>,
}

impl From<AppError> for ChatError {
    fn from(error: AppError) -> Self {
        Self { error, words: None }
    }
}

impl ChatError {
    fn later(retry_after_s: i64, words: impl Into<String>) -> Self {
        Self {
            error: AppError::RateLimited { retry_after_s },
            words: Some(words.into()),
        }
    }

    /// One address began as many conversations as it may.
    pub(super) fn too_many_from_here(retry_after_s: i64) -> Self {
        let when = match (retry_after_s + 59) / 60 {
            ..=1 => "in a minute".to_owned(),
            minutes => format!("in {minutes} minutes"),
        };
        let words = format!(
            "Too many conversations have been started from your network. Please try again {when}."
        );
        Self::later(retry_after_s, words)
    }

    /// As many conversations began on the channel as may.
    pub(super) fn too_many_at_once(retry_after_s: i64) -> Self {
        let words = "A lot of people are writing to us right now. Please try again in a minute.";
        Self::later(retry_after_s, words)
    }

    /// As many customers wait as may.
    pub(super) fn queue_full() -> Self {
        let words = "Everybody here is busy and the queue is full. Please try again in a minute.";
        Self::later(QUEUE_S, words)
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// As the page says it.
    pub(super) fn error_text(&self) -> String {
        match (&self.words, &self.error) {
            (Some(words), _) => words.clone(),
            (None, AppError::Invalid { field, reason }) if field == "name" => {
                format!("Your name {reason}.")
            }
            (None, AppError::Invalid { reason, .. }) => format!("Your message {reason}."),
            (None, error) => error.to_string(),
        }
    }

    /// For the script: the error, with the words where it has its own.
    pub(super) fn error_json(&self) -> Response {
        let body = match (&self.error, &self.words) {
            (AppError::RateLimited { retry_after_s }, Some(reason)) => {
                json!({ "RateLimited": { "retry_after_s": retry_after_s, "reason": reason } })
            }
            (error, _) => serde_json::to_value(error).unwrap_or(Value::Null),
        };
        self.with_retry_after((self.status(), Json(body)).into_response())
    }

    /// A page that says what is wrong.
    pub(super) fn error_page(&self) -> Response {
        match &self.error {
            AppError::NotFound => html_response(StatusCode::NOT_FOUND, page::not_found()),
            _ => self.on_page(page::failed(&self.error_text())),
        }
    }

    /// A page that shows the error beside its form.
    pub(super) fn on_page(&self, page: String) -> Response {
        self.with_retry_after(html_response(self.status(), page))
    }

    fn with_retry_after(&self, mut response: Response) -> Response {
        if let AppError::RateLimited { retry_after_s } = self.error {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
        }
        response
    }
}

/// A page, with its policy for scripts and styles.
pub(super) fn html_response(status: StatusCode, page: String) -> Response {
    let policy = HeaderValue::from_static(POLICY);
    (status, [(CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

/// An answer whose changes are published when it has left.
pub(super) fn publish_after(unpublished: Unpublished, response: Response) -> Response {
    response.map(|body| {
        Body::new(PublishingBody {
            body,
            _unpublished: unpublished,
        })
    })
}

/// Dropped when it was sent to its end, or when nobody takes it any more.
struct PublishingBody {
    body: Body,
    _unpublished: Unpublished,
}

impl HttpBody for PublishingBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
