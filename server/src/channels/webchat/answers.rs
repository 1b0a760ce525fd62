//! How the chat page answers: pages with their policy, and errors as JSON for the script or as text for a person.
//! Headers that every answer of the host carries are not set here.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use i18n::{Language, t};
use serde_json::Value;
use shared::error::{AppError, Limit, Problem};
use shared::rating::Score;

use super::{offline, page};
use crate::desk::Unpublished;
use crate::http::errors;
use crate::http::layers::Embeddable;

/// Everything comes from this host, and nothing is inline; `blob:` are pictures that the script has fetched from here where no
/// cookie is sent. The origins that may frame it stand behind it.
macro_rules! policy {
    ($ancestors:literal) => {
        concat!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; ",
            "form-action 'self'; base-uri 'none'; frame-ancestors ",
            $ancestors
        )
    };
}
const POLICY: &str = policy!("'none'");

/// The language of a browser: the first one of its user's that there is.
pub(super) fn language_of(headers: &HeaderMap) -> Language {
    let accepted = headers.get(ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    accepted.and_then(Language::accepted).unwrap_or_default()
}

/// An error as the page says it, which has one place for it: the words name what is wrong.
pub(super) fn error_text(language: Language, error: &AppError) -> String {
    let AppError::Invalid { field, problem } = error else {
        return i18n::error_text(language, error);
    };
    let named = field == "name";
    let number = |number: &i64| i18n::number(language, number);
    match problem {
        Problem::FileKind
        | Problem::FileEmpty
        | Problem::FileTooLarge { .. }
        | Problem::FilesFull { .. } => i18n::problem_text(language, problem),
        Problem::WrongIdentity => t!(language, chat.identity_refused).to_owned(),
        Problem::Unreadable { .. } if field == "body" => t!(language, chat.unreadable).to_owned(),
        _ if field == "email" || field == "phone" => offline::error_text(language, field, problem),
        _ if field == "rating" || field == "comment" => rating_error_text(language, field, problem),
        Problem::Empty { .. } if named => t!(language, chat.name_empty).to_owned(),
        Problem::Empty { .. } => t!(language, chat.message_empty).to_owned(),
        Problem::TooLong { max, actual } if named => {
            let (actual, max) = (number(actual), number(max));
            t!(language, chat.name_too_long, actual = actual, max = max)
        }
        Problem::TooLong { max, actual } => {
            let (actual, max) = (number(actual), number(max));
            t!(language, chat.message_too_long, actual = actual, max = max)
        }
        Problem::ControlCharacters { place, sign, .. } if named => {
            t!(
                language,
                chat.name_control_characters,
                place = place,
                sign = sign
            )
        }
        Problem::ControlCharacters { line, place, sign } => t!(
            language,
            chat.message_control_characters,
            line = line,
            place = place,
            sign = sign
        ),
        _ => t!(language, chat.refused).to_owned(),
    }
}

/// An error of the rating's own fields as the page says it.
fn rating_error_text(language: Language, field: &str, problem: &Problem) -> String {
    match problem {
        Problem::TooLong { max, actual } if field == "comment" => {
            let number = |number: &i64| i18n::number(language, number);
            let (actual, max) = (number(actual), number(max));
            t!(language, chat.comment_too_long, actual = actual, max = max)
        }
        Problem::ControlCharacters { line, place, sign } if field == "comment" => t!(
            language,
            chat.comment_control_characters,
            line = line,
            place = place,
            sign = sign
        ),
        _ => t!(
            language,
            chat.rating_choose,
            min = Score::MIN,
            max = Score::MAX
        ),
    }
}

/// For the script: the error, with a reason in the language of the browser. Being too quick needs none: the script tries
/// again on its own.
pub(super) fn error_json(language: Language, error: &AppError) -> Response {
    let mut json = errors::error_json(error);
    let too_quick = matches!(
        error,
        AppError::RateLimited {
            limit: Limit::Attempts,
            ..
        }
    );
    let parameters = json
        .as_object_mut()
        .and_then(|json| json.values_mut().next());
    if let (Some(Value::Object(parameters)), false) = (parameters, too_quick) {
        parameters.insert("reason".to_owned(), error_text(language, error).into());
    }
    with_retry_after(error, (status(error), Json(json)).into_response())
}

/// A page that says what is wrong.
pub(super) fn error_page(language: Language, error: &AppError) -> Response {
    match error {
        AppError::NotFound => html_response(StatusCode::NOT_FOUND, page::not_found(language)),
        _ => error_on_page(error, page::failed(language, &error_text(language, error))),
    }
}

/// A page that says that a form is none of the chat page's, with the status that tells why.
pub(super) fn unreadable_page(language: Language, status: StatusCode) -> Response {
    html_response(
        status,
        page::failed(language, t!(language, chat.unreadable)),
    )
}

/// A page that shows the error beside its form.
pub(super) fn error_on_page(error: &AppError, page: String) -> Response {
    with_retry_after(error, html_response(status(error), page))
}

fn status(error: &AppError) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn with_retry_after(error: &AppError, mut response: Response) -> Response {
    if let AppError::RateLimited { retry_after_s, .. } = error {
        let seconds = HeaderValue::from(*retry_after_s);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

/// A page, with its policy for scripts and styles.
pub(super) fn html_response(status: StatusCode, page: String) -> Response {
    let policy = HeaderValue::from_static(POLICY);
    (status, [(CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

/// The page for a frame, on pages of these origins and no others.
pub(super) fn embedded_response(page: String, origins: &[String]) -> Response {
    let mut response = html_response(StatusCode::OK, page);
    let policy = [policy!(""), &origins.join(" ")].concat();
    // Origins are made of letters, digits and the signs of addresses.
    if let (false, Ok(policy)) = (origins.is_empty(), HeaderValue::try_from(policy)) {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
        response.extensions_mut().insert(Embeddable);
    }
    response
}

/// An answer whose changes are published when it has left.
pub(in crate::channels) fn publish_after(unpublished: Unpublished, response: Response) -> Response {
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
