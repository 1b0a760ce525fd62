//! How what a customer does is taken: checked, counted, stored, and answered to a form or to the page's script.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use i18n::Language;
use shared::customer::CustomerFrame;
use shared::error::{AppError, ConflictCause};
use shared::ids::{ChannelKey, CommandKey};

use super::Inner;
use super::answers::{
    error_json, error_on_page, error_page, error_text, html_response, language_of, publish_after,
};
use super::message::{CheckedMessage, SentEnd, SentFile, SentForm, SentMessage};
use super::page::Cookies;
use super::visitor::{Visitor, claim_of, no_cookie};
use super::visits::{self, Visit, Wanted};
use crate::desk::customers::CustomerMessage;
use crate::desk::{Unpublished, to_app_error};
use crate::http::client_address::ClientAddress;
use crate::http::cookies::set_cookie;
use crate::store::{ChannelRecord, CustomerSent, StoreError};

/// What a form of the page said.
pub(super) struct ByForm {
    pub(super) form: SentForm,
    pub(super) readable: Result<(), AppError>,
    /// Whether it was the one for the time in which no conversation begins.
    pub(super) offline: bool,
}

/// How what the script sent is checked, for somebody who may be known by a name.
pub(super) type Checked = fn(SentMessage, Option<&str>) -> Result<CheckedMessage, AppError>;

fn name_of(visit: Option<&Visit>) -> Option<&str> {
    visit.map(|visit| visit.0.name.as_str())
}

impl Inner {
    pub(super) async fn take_form(
        &self,
        key: &str,
        address: ClientAddress,
        headers: &HeaderMap,
        ByForm {
            form,
            readable,
            offline,
        }: ByForm,
    ) -> Response {
        let language = language_of(headers);
        let found = async {
            let channel = visits::channel(&self.desk, key).await?;
            let visitor = self.visitor(&channel, headers, &form.visitor).await?;
            Ok((channel, visitor))
        };
        let (channel, visitor) = match found.await {
            Ok(found) => found,
            Err(error) => return error_page(language, &error),
        };
        let sent = async {
            readable?;
            let visit = Visit::of(&self.desk, &channel, &visitor).await?;
            let known = name_of(visit.as_ref());
            let message = match offline {
                true => form.checked_offline(known)?,
                false => form.checked(known)?,
            };
            let sent = self.send(&channel, &visitor, visit.as_ref(), address, message);
            Ok::<_, AppError>((visit.is_some(), sent.await?))
        };
        match sent.await {
            Ok((known, (_, unpublished))) => {
                let answer = self.go_on(&channel, &visitor, language, known).await;
                publish_after(unpublished, self.keep(&visitor, answer))
            }
            Err(error) => {
                let gone = self.was_forgotten(&visitor, &error).await;
                // Sent once more, it is a new visitor's.
                let next = match gone {
                    true => Visitor::new(self.desk.ids()),
                    false => visitor.clone(),
                };
                let answer = self
                    .refuse(&channel, &next, language, (&form, false), &error)
                    .await;
                self.let_go(gone.then_some(&visitor), answer)
            }
        }
    }

    pub(super) async fn take_json(
        &self,
        key: &str,
        address: ClientAddress,
        headers: &HeaderMap,
        (body, checked): (&[u8], Checked),
    ) -> Response {
        let sent = async {
            if let Some(sent) = self.go_on_with(key, headers, (body, checked)).await? {
                return Ok(sent);
            }
            let (channel, visitor, visit) = self.arrival(key, headers).await?;
            let message = checked(SentMessage::parse(body)?, name_of(visit.as_ref()))?;
            let sent = self.send(&channel, &visitor, visit.as_ref(), address, message);
            Ok((sent.await?, visitor))
        };
        self.answer_json(headers, sent.await).await
    }

    /// Stores a message of a visitor whose conversation goes on, as far as is known here. Nothing where it does not, and of a visitor
    /// who is not known here or whom the page around the frame proves.
    async fn go_on_with(
        &self,
        key: &str,
        headers: &HeaderMap,
        (body, checked): (&[u8], Checked),
    ) -> Result<Option<((CustomerSent, Unpublished), Visitor)>, AppError> {
        let (Ok(channel), Ok(None)) = (ChannelKey::parse(key), claim_of(headers)) else {
            return Ok(None);
        };
        let Some(visitor) = Visitor::known(headers, "", self.secure) else {
            return Ok(None);
        };
        let hash = visitor.hash();
        let Some(name) = self.under_way.name(&channel, &hash) else {
            return Ok(None);
        };
        let message = checked(SentMessage::parse(body)?, Some(&name))?;
        if message.contact.is_some() {
            // Left in the time in which no conversation begins.
            return Ok(None);
        }
        self.limits.message(&hash, self.desk.clock().now())?;
        let (writer, message) = (visitor.writer(&hash), message.into());
        let sent = self
            .desk
            .customer_send(&channel, writer, message, false)
            .await;
        match sent {
            Ok(sent) => Ok(Some((sent, visitor))),
            Err(StoreError::WouldBegin | StoreError::NotFound) => {
                self.under_way.forget(&channel, &hash);
                self.limits.message_back(&hash);
                Ok(None)
            }
            Err(error) => Err(to_app_error(error)),
        }
    }

    /// Takes a file, which is counted by visitor and address before anything else is asked about it.
    pub(super) async fn take_file(
        &self,
        key: &str,
        address: ClientAddress,
        headers: &HeaderMap,
        (sent, content): (SentFile, &[u8]),
    ) -> Response {
        let taken = async {
            let channel = visits::channel(&self.desk, key).await?;
            let visitor = self.visitor(&channel, headers, "").await?;
            let now = self.desk.clock().now();
            self.limits
                .file(&visitor.hash(), address, content.len(), now)?;
            let visit = Visit::of(&self.desk, &channel, &visitor).await?;
            let name = sent.file.clone();
            let checked = sent.checked(content, name_of(visit.as_ref()));
            let message = checked
                .inspect_err(|error| self.log_refused_file(&channel, error, (&name, content)))?;
            let sent = self.send(&channel, &visitor, visit.as_ref(), address, message);
            Ok((sent.await?, visitor))
        };
        self.answer_json(headers, taken.await).await
    }

    /// What the page's script is answered.
    async fn answer_json(
        &self,
        headers: &HeaderMap,
        sent: Result<((CustomerSent, Unpublished), Visitor), AppError>,
    ) -> Response {
        match sent {
            Ok(((sent, unpublished), visitor)) => {
                let answer = Json(sent.frame).into_response();
                publish_after(unpublished, self.keep(&visitor, answer))
            }
            Err(error) => {
                let visitor = Visitor::known(headers, "", self.secure);
                let gone = match &visitor {
                    Some(visitor) => self.was_forgotten(visitor, &error).await,
                    None => false,
                };
                let error = if gone { AppError::NotFound } else { error };
                let answer = error_json(language_of(headers), &error);
                self.let_go(visitor.as_ref().filter(|_| gone), answer)
            }
        }
    }

    /// Whether this was refused because its sender was forgotten: their name as well, so a message that says none is refused for that.
    async fn was_forgotten(&self, visitor: &Visitor, error: &AppError) -> bool {
        if !matches!(error, AppError::NotFound | AppError::Invalid { .. }) {
            return false;
        }
        let forgotten = self.desk.customer_was_forgotten(&visitor.hash()).await;
        matches!(forgotten, Ok(true))
    }

    /// Takes the cookie of a visitor who was forgotten away. An answer that was on its way then may have brought it back, and nothing
    /// would be taken from this browser as long as it keeps it.
    fn let_go(&self, forgotten: Option<&Visitor>, mut response: Response) -> Response {
        if forgotten.is_some_and(|visitor| !visitor.is_of_page()) {
            set_cookie(response.headers_mut(), &no_cookie(self.secure));
        }
        response
    }

    /// Forgets a visitor. Of somebody whom the store does not know a first message may be on its way; so it is written down as well,
    /// for a few from an address, because a token is easily invented.
    pub(super) async fn forget(
        &self,
        visitor: &Visitor,
        address: ClientAddress,
    ) -> Result<Option<Unpublished>, AppError> {
        let hash = visitor.hash();
        if !self.desk.customer_is_known(&hash).await? {
            let now = self.desk.clock().now();
            // What a page proves is no token, and stays its customer's.
            if visitor.is_proven() || !self.limits.stranger_forgotten(address, now) {
                return Ok(None);
            }
        }
        self.desk.customer_forget(&hash).await.map(Some)
    }

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
        // What is under way goes on when a channel is switched off or closes.
        let begins = match message.contact {
            Some(_) => channel.chat_settings().offline_form,
            None => channel.active && channel.chat_settings().is_open(now),
        };
        let message = CustomerMessage::from(message);
        loop {
            let counted = beginning.is_some();
            let writer = visitor.writer(&hash);
            // A closed channel is asked as well: a message that it has taken before gets its first answer.
            let sent = self
                .desk
                .customer_send(&channel.key, writer, message.clone(), counted && begins)
                .await;
            match sent {
                Ok((sent, unpublished)) => {
                    let begun = sent.begun && !unpublished.is_empty();
                    if let Some(beginning) = beginning.filter(|_| begun) {
                        beginning.begun();
                    }
                    if !visitor.is_proven() {
                        let name = message.name.as_str();
                        self.under_way.note(&channel.key, &hash, name);
                    }
                    return Ok((sent, unpublished));
                }
                Err(StoreError::WouldBegin) if !begins => {
                    return Err(self.closed(channel));
                }
                // It closed in between.
                Err(StoreError::Conflict(ConflictCause::ChannelClosed)) => {
                    return Err(self.closed(channel));
                }
                // It ended in between.
                Err(StoreError::WouldBegin) if !counted => beginning = Some(begin()?),
                Err(error) => return Err(to_app_error(error)),
            }
        }
    }

    /// Ends the conversation of a visitor who has one.
    pub(super) async fn end(
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

    pub(super) async fn end_by_script(
        &self,
        key: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Response {
        let ended = async {
            let command = SentEnd::parse(body)?;
            let channel = visits::channel(&self.desk, key).await?;
            let visitor = self.known(&channel, headers, "").await?;
            let visitor = visitor.ok_or(AppError::NotFound)?;
            self.end(&channel, &visitor, command).await
        };
        match ended.await {
            Ok((frame, unpublished)) => publish_after(unpublished, Json(frame).into_response()),
            Err(error) => error_json(language_of(headers), &error),
        }
    }

    /// What a form is answered with: the way to the page, or, where the browser brought no cookie, the page itself,
    /// which carries its token on.
    pub(super) async fn go_on(
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

    /// The page with what was typed, a message or a rating, and the reason why it was not taken.
    pub(super) async fn refuse(
        &self,
        channel: &ChannelRecord,
        visitor: &Visitor,
        language: Language,
        (form, rating): (&SentForm, bool),
        error: &AppError,
    ) -> Response {
        let words = error_text(language, error);
        let wanted = Wanted {
            language,
            refused: Some((form, &words)),
            rating,
            ..Wanted::default()
        };
        match visits::page(&self.desk, channel, visitor, wanted).await {
            Ok(page) => error_on_page(error, page),
            Err(error) => error_page(language, &error),
        }
    }

    fn keep(&self, visitor: &Visitor, mut response: Response) -> Response {
        if let Some(cookie) = visitor.cookie(self.secure) {
            set_cookie(response.headers_mut(), &cookie);
        }
        response
    }
}
