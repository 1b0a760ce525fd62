//! What a customer does: write, end the conversation, be forgotten. As JSON from the page's script, as a form from a
//! browser without scripts.

use axum::body::Bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Json, body};
use i18n::Language;
use shared::customer::CustomerFrame;
use shared::error::{AppError, ConflictCause, Problem};
use shared::ids::CommandKey;

use super::answers::{
    error_json, error_on_page, error_page, error_text, html_response, language_of, publish_after,
};
use super::message::{CheckedMessage, SentEnd, SentForm, SentMessage};
use super::page::Cookies;
use super::visitor::{Visitor, no_cookie};
use super::visits::{self, Visit, Wanted};
use super::{Chat, Inner};
use crate::desk::customers::CustomerMessage;
use crate::desk::{Unpublished, to_app_error};
use crate::http::client_address::ClientAddress;
use crate::http::cookies::set_cookie;
use crate::store::{ChannelRecord, CustomerSent, StoreError};

/// The form of the page, where no script runs. Answers with a redirect, so that a reload sends nothing again.
pub(super) async fn message_post(
    State(chat): State<Chat>,
    Path(key): Path<String>,
    address: ClientAddress,
    headers: HeaderMap,
    form: Result<Form<SentForm>, FormRejection>,
) -> Response {
    let language = language_of(&headers);
    let channel = match visits::channel(&chat.desk, &key).await {
        Ok(channel) => channel,
        Err(error) => return error_page(language, &error),
    };
    let (form, readable) = match form {
        Ok(Form(form)) => (form, Ok(())),
        Err(rejected) => (
            SentForm::default(),
            Err(AppError::invalid("body", unreadable(&rejected))),
        ),
    };
    let visitor = chat.visitor(&headers, &form.visitor);
    let sent = async {
        readable?;
        let visit = Visit::of(&chat.desk, &channel, &visitor).await?;
        let message = form.checked(name_of(visit.as_ref()))?;
        let sent = chat.send(&channel, &visitor, visit.as_ref(), address, message);
        Ok::<_, AppError>((visit.is_some(), sent.await?))
    };
    match sent.await {
        Ok((known, (_, unpublished))) => {
            let answer = chat.go_on(&channel, &visitor, language, known).await;
            publish_after(unpublished, chat.keep(&visitor, answer))
        }
        Err(error) => {
            chat.refuse(&channel, &visitor, language, &form, &error)
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
    let visitor = chat.visitor(&headers, "");
    let sent = async {
        let (channel, visit) = visits::channel_and_visit(&chat.desk, &key, &visitor).await?;
        let message = SentMessage::parse(&body)?.checked(name_of(visit.as_ref()))?;
        chat.send(&channel, &visitor, visit.as_ref(), address, message)
            .await
    };
    match sent.await {
        Ok((sent, unpublished)) => {
            let answer = Json(sent.frame).into_response();
            publish_after(unpublished, chat.keep(&visitor, answer))
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
    let visitor = chat.visitor(&headers, &form.visitor);
    let language = language_of(&headers);
    let ended = async {
        let channel = visits::channel(&chat.desk, &key).await?;
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
    let visitor = Visitor::known(&headers, token, chat.secure);
    let forgotten = async {
        let channel = visits::channel(&chat.desk, &key).await?;
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

fn name_of(visit: Option<&Visit>) -> Option<&str> {
    visit.map(|visit| visit.0.name.as_str())
}

/// The form that a request carries, or the body of one that is no form.
async fn form_of(headers: &HeaderMap, request: Request) -> Result<SentForm, Bytes> {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    if kind.is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded")) {
        let form = Form::<SentForm>::from_request(request, &()).await;
        return Ok(form.map(|Form(form)| form).unwrap_or_default());
    }
    // It was taken in before, so that it is all there and not too large.
    Err(body::to_bytes(request.into_body(), crate::http::BODY_MAX)
        .await
        .unwrap_or_default())
}

impl Inner {
    /// Stores a message. One that begins a conversation is counted by address and channel.
    async fn send(
        &self,
        channel: &ChannelRecord,
        visitor: &Visitor,
        visit: Option<&Visit>,
        address: ClientAddress,
        message: CheckedMessage,
    ) -> Result<(CustomerSent, Unpublished), AppError> {
        let (hash, now) = (visitor.hash(), self.desk.clock().now());
        let begin = || self.limits.begin(address, &channel.key, now);
        let mut beginning = match visit {
            Some(visit) if !visit.0.ended => None,
            _ => Some(begin()?),
        };
        self.limits.message(&hash, now)?;
        // What is under way goes on when a channel is switched off.
        let closed = || AppError::conflict(ConflictCause::ChannelClosed);
        if !channel.active && beginning.is_some() {
            return Err(closed());
        }
        let CheckedMessage { name, text, key } = message;
        let message = CustomerMessage { name, text, key };
        loop {
            let begins = beginning.is_some();
            let sent = self
                .desk
                .customer_send(&channel.key, &hash, message.clone(), begins)
                .await;
            match sent {
                Ok((sent, unpublished)) => {
                    let begun = sent.begun && !unpublished.is_empty();
                    if let Some(beginning) = beginning.filter(|_| begun) {
                        beginning.begun();
                    }
                    return Ok((sent, unpublished));
                }
                // It ended in between.
                Err(StoreError::WouldBegin) if !begins && !channel.active => {
                    return Err(closed());
                }
                Err(StoreError::WouldBegin) if !begins => beginning = Some(begin()?),
                Err(error) => return Err(to_app_error(error)),
            }
        }
    }

    /// Ends the conversation of a visitor who has one.
    async fn end(
        &self,
        channel: &ChannelRecord,
        visitor: &Visitor,
        key: CommandKey,
    ) -> Result<(CustomerFrame, Unpublished), AppError> {
        let visit = Visit::of(&self.desk, channel, visitor).await?;
        visit.ok_or(AppError::NotFound)?;
        let hash = visitor.hash();
        self.limits.message(&hash, self.desk.clock().now())?;
        self.desk.customer_end(&channel.key, &hash, key).await
    }

    async fn end_by_script(&self, key: &str, headers: &HeaderMap, body: &[u8]) -> Response {
        let ended = async {
            let command = SentEnd::parse(body)?;
            let channel = visits::channel(&self.desk, key).await?;
            let visitor = Visitor::known(headers, "", self.secure).ok_or(AppError::NotFound)?;
            self.end(&channel, &visitor, command).await
        };
        match ended.await {
            Ok((frame, unpublished)) => publish_after(unpublished, Json(frame).into_response()),
            Err(error) => error_json(language_of(headers), &error),
        }
    }

    /// What a form is answered with: the way to the page, or, where the browser brought no cookie, the page itself,
    /// which carries its token on.
    async fn go_on(
        &self,
        channel: &ChannelRecord,
        visitor: &Visitor,
        language: Language,
        known: bool,
    ) -> Response {
        if !visitor.is_of_page() {
            return Redirect::to(&format!("/chat/{}", channel.key)).into_response();
        }
        let wanted = Wanted {
            language,
            cookies: match known {
                true => Cookies::Refused,
                false => Cookies::Unknown,
            },
            ..Wanted::default()
        };
        match visits::page(&self.desk, channel, visitor, wanted).await {
            Ok(page) => html_response(StatusCode::OK, page),
            Err(error) => error_page(language, &error),
        }
    }

    /// The page with what was typed and the reason why it was not taken.
    async fn refuse(
        &self,
        channel: &ChannelRecord,
        visitor: &Visitor,
        language: Language,
        form: &SentForm,
        error: &AppError,
    ) -> Response {
        let words = error_text(language, error);
        let wanted = Wanted {
            language,
            refused: Some((form, &words)),
            ..Wanted::default()
        };
        match visits::page(&self.desk, channel, visitor, wanted).await {
            Ok(page) => error_on_page(error, page),
            Err(error) => error_page(language, &error),
        }
    }

    fn keep(&self, visitor: &Visitor, mut response: Response) -> Response {
        set_cookie(response.headers_mut(), &visitor.cookie(self.secure));
        response
    }
}
