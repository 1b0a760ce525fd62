//! What a customer does: write, end the conversation, be forgotten. As JSON from the page's script, as a form from a
//! browser without scripts.

use axum::body::{self, Bytes};
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Redirect, Response};
use shared::error::{AppError, Problem};

use super::Chat;
use super::answers::{error_json, error_page, language_of, publish_after, unreadable_page};
use super::message::{SentForm, SentMessage};
use super::taking::ByForm;
use super::visitor::no_cookie;
use super::visits;
use crate::http::client_address::ClientAddress;
use crate::http::cookies::set_cookie;

/// The form of the page, where no script runs. Answers with a redirect, so that a reload sends nothing again.
pub(super) async fn message_post(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    address: ClientAddress,
    headers: HeaderMap,
    form: Result<Form<SentForm>, FormRejection>,
) -> Response {
    let (form, readable) = match form {
        Ok(Form(form)) => (form, Ok(())),
        Err(rejected) => (
            SentForm::default(),
            Err(AppError::invalid("body", unreadable(&rejected))),
        ),
    };
    let by_form = ByForm {
        form,
        readable,
        offline: false,
    };
    chat.take_form(&key, address, &headers, by_form).await
}

/// `POST /chat/{key}/offline`: the form for the time in which no conversation begins, with the page's script or without one.
pub(super) async fn offline_send(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    address: ClientAddress,
    headers: HeaderMap,
    request: Request,
) -> Response {
    match Sent::of(&headers, request).await {
        Sent::Form(form) => {
            let by_form = ByForm {
                form,
                readable: Ok(()),
                offline: true,
            };
            chat.take_form(&key, address, &headers, by_form).await
        }
        Sent::Script(body) => {
            let checked = SentMessage::checked_offline;
            chat.take_json(&key, address, &headers, (&body, checked))
                .await
        }
        Sent::Unreadable(status) => unreadable_page(language_of(&headers), status),
    }
}

/// `POST /chat/{key}/messages`.
pub(super) async fn message_send(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let checked = SentMessage::checked;
    chat.take_json(&key, address, &headers, (&body, checked))
        .await
}

/// `POST /chat/{key}/typing`: the customer writes in a conversation that goes on. Staff see it at most once a second.
pub(super) async fn typing(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Response {
    match chat.own_visit(&key, &headers).await {
        Ok((_, visitor, visit)) => {
            let answer = StatusCode::NO_CONTENT.into_response();
            let now = chat.desk.clock().now();
            let announced = !visit.0.ended && chat.limits.typing(&visitor.hash(), now);
            let unpublished = announced.then(|| chat.desk.customer_typing(&visit.0.workitem));
            match unpublished {
                Some(unpublished) => publish_after(unpublished, answer),
                None => answer,
            }
        }
        Err(error) => error_json(language_of(&headers), &error),
    }
}

/// `POST /chat/{key}/end`: the conversation's last line, or from the form the page.
pub(super) async fn end(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let language = language_of(&headers);
    let form = match Sent::of(&headers, request).await {
        Sent::Form(form) => form,
        Sent::Script(body) => return chat.end_by_script(&key, &headers, &body).await,
        Sent::Unreadable(status) => return unreadable_page(language, status),
    };
    let ended = async {
        let channel = visits::channel(&chat.desk, &key).await?;
        let visitor = chat.visitor(&channel, &headers, &form.visitor).await?;
        let (_, unpublished) = chat.end(&channel, &visitor, form.end_key()?).await?;
        let answer = chat.go_on(&channel, &visitor, language, true).await;
        Ok::<_, AppError>(publish_after(unpublished, answer))
    };
    ended
        .await
        .unwrap_or_else(|error| error_page(language, &error))
}

/// `POST /chat/{key}/forget`: nothing leads from this browser to a conversation any more, on any channel.
pub(super) async fn forget(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    address: ClientAddress,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let form = match Sent::of(&headers, request).await {
        Sent::Form(form) => Some(form),
        Sent::Script(_) => None,
        Sent::Unreadable(status) => return unreadable_page(language_of(&headers), status),
    };
    let token = form.as_ref().map_or("", |form| form.visitor.as_str());
    let forgotten = async {
        let channel = visits::channel(&chat.desk, &key).await?;
        let visitor = chat.known(&channel, &headers, token).await?;
        let answer = match form {
            Some(_) => Redirect::to(&format!("/chat/{}", channel.key)).into_response(),
            None => StatusCode::NO_CONTENT.into_response(),
        };
        let Some(visitor) = visitor else {
            return Ok::<_, AppError>(answer);
        };
        Ok(match chat.forget(&visitor, address).await? {
            Some(unpublished) => publish_after(unpublished, answer),
            None => answer,
        })
    };
    match forgotten.await {
        Ok(mut answer) => {
            set_cookie(answer.headers_mut(), &no_cookie(chat.secure));
            answer
        }
        Err(error) if form.is_some() => error_page(language_of(&headers), &error),
        Err(error) => error_json(language_of(&headers), &error),
    }
}

fn unreadable(rejected: &FormRejection) -> Problem {
    Problem::Unreadable {
        detail: rejected.body_text(),
    }
}

/// How a browser writes the forms of the page.
const FORM: &str = "application/x-www-form-urlencoded";
/// How it writes forms with files, of which the page has none.
const FORM_WITH_FILES: &str = "multipart/form-data";

/// What a request carries.
pub(super) enum Sent {
    /// A form of the page.
    Form(SentForm),
    /// What the page's script sends.
    Script(Bytes),
    /// A form that cannot be read, or of another kind.
    Unreadable(StatusCode),
}

impl Sent {
    pub(super) async fn of(headers: &HeaderMap, request: Request) -> Self {
        if crate::http::is_media_type(headers, FORM) {
            return match Form::<SentForm>::from_request(request, &()).await {
                Ok(Form(form)) => Self::Form(form),
                Err(rejected) => Self::Unreadable(rejected.status()),
            };
        }
        if [FORM, FORM_WITH_FILES]
            .iter()
            .any(|kind| says(headers, kind))
        {
            return Self::Unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        // It was taken in before, so that it is all there and not too large.
        let body = body::to_bytes(request.into_body(), crate::http::BODY_MAX).await;
        Self::Script(body.unwrap_or_default())
    }
}

/// Whether a request says that its body is of this kind, with whatever parameters.
fn says(headers: &HeaderMap, wanted: &str) -> bool {
    let kinds = headers.get_all(CONTENT_TYPE).iter();
    let mut kinds = kinds.filter_map(|kind| kind.to_str().ok()?.split(';').next());
    kinds.any(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}
