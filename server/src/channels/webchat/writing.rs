//! What a customer does: write, end the conversation, be forgotten. As JSON from the page's script, as a form from a
//! browser without scripts.

use axum::body::{self, Bytes};
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use shared::error::{AppError, Problem};

use super::Chat;
use super::answers::{error_json, error_page, language_of, publish_after};
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
    match form_of(&headers, request).await {
        Ok(form) => {
            let by_form = ByForm {
                form,
                readable: Ok(()),
                offline: true,
            };
            chat.take_form(&key, address, &headers, by_form).await
        }
        Err(body) => {
            let checked = SentMessage::checked_offline;
            chat.take_json(&key, address, &headers, (&body, checked))
                .await
        }
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
    let form = match form_of(&headers, request).await {
        Ok(form) => form,
        Err(body) => return chat.end_by_script(&key, &headers, &body).await,
    };
    let language = language_of(&headers);
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
    headers: HeaderMap,
    request: Request,
) -> Response {
    let form = form_of(&headers, request).await;
    let token = form.as_ref().map_or("", |form| form.visitor.as_str());
    let forgotten = async {
        let channel = visits::channel(&chat.desk, &key).await?;
        let visitor = chat.known(&channel, &headers, token).await?;
        let answer = match form {
            Ok(_) => Redirect::to(&format!("/chat/{}", channel.key)).into_response(),
            Err(_) => StatusCode::NO_CONTENT.into_response(),
        };
        let Some(visitor) = visitor else {
            return Ok::<_, AppError>(answer);
        };
        let unpublished = chat.desk.customer_forget(&visitor.hash()).await?;
        Ok(publish_after(unpublished, answer))
    };
    match forgotten.await {
        Ok(mut answer) => {
            set_cookie(answer.headers_mut(), &no_cookie(chat.secure));
            answer
        }
        Err(error) => error_json(language_of(&headers), &error),
    }
}

fn unreadable(rejected: &FormRejection) -> Problem {
    Problem::Unreadable {
        detail: rejected.body_text(),
    }
}

/// The form that a request carries, or the body of one that is no form.
pub(super) async fn form_of(headers: &HeaderMap, request: Request) -> Result<SentForm, Bytes> {
    if crate::http::is_media_type(headers, "application/x-www-form-urlencoded") {
        let form = Form::<SentForm>::from_request(request, &()).await;
        return Ok(form.map(|Form(form)| form).unwrap_or_default());
    }
    // It was taken in before, so that it is all there and not too large.
    Err(body::to_bytes(request.into_body(), crate::http::BODY_MAX)
        .await
        .unwrap_or_default())
}
