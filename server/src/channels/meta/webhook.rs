//! What Meta calls: once to learn that an address is ours, then with batches of messages and reports. Nothing is read before the
//! signature is right. It is answered when everything is stored, so that Meta brings again what is not; staff hear of it after
//! that.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, OriginalUri, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use shared::clusters::beginning;
use shared::ids::{ChannelKey, CommandKey};
use shared::text::{CustomerName, MESSAGE_MAX, MessageText};

use super::events::{self, Event, Message, What};
use super::{APP_SECRET, KINDS, Product, signature};
use crate::channels::webchat::answers::publish_after;
use crate::channels::webhook::{
    NO_CHANNEL, NOT_STORED, Refusals, Refused, log_received, not_stored, said,
};
use crate::desk::channels::Inbound;
use crate::desk::providers::Account;
use crate::desk::{Desk, Unpublished};

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");

const NO_SIGNATURE: Refused = Refused(
    StatusCode::BAD_REQUEST,
    "the request has no X-Hub-Signature-256; if it comes from Meta, a proxy takes the header away",
);
const WRONG_SIGNATURE: Refused = Refused(
    StatusCode::FORBIDDEN,
    "the signature is wrong; compare the app secret with the one at Meta",
);
const NO_BATCH: Refused = Refused(
    StatusCode::BAD_REQUEST,
    "the body is no batch of events in JSON",
);
const WRONG_TOKEN: Refused = Refused(
    StatusCode::FORBIDDEN,
    "the verify token is wrong; copy it from /admin/channels",
);

/// What the handlers know.
#[derive(Clone)]
pub(super) struct Webhook {
    desk: Desk,
    refusals: Refusals,
}

/// A batch as it came.
#[derive(FromRequest)]
pub(super) struct Call {
    #[from_request(via(Path))]
    key: String,
    headers: HeaderMap,
    body: Bytes,
}

/// `GET /channels/meta/{key}`: Meta asks whether the address is ours.
pub(super) async fn verification(
    State(webhook): State<Webhook>,
    Path(key): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Response {
    match webhook
        .challenge(&key, uri.query().unwrap_or_default())
        .await
    {
        // As text: what was asked comes back, and is no markup.
        Ok(challenge) => ([(CONTENT_TYPE, "text/plain; charset=utf-8")], challenge).into_response(),
        Err(refused) => webhook.refuse(&key, &refused),
    }
}

/// `POST /channels/meta/{key}`: a batch.
pub(super) async fn events(State(webhook): State<Webhook>, call: Call) -> Response {
    match webhook.take(&call).await {
        Ok(response) => response,
        Err(refused) => webhook.refuse(&call.key, &refused),
    }
}

/// The channels of one batch: each page, account or number of it that has one with the same app.
struct Channels<'a> {
    desk: &'a Desk,
    /// The secret with which the batch was signed.
    secret: String,
    known: HashMap<(Product, String), Option<ChannelKey>>,
}

impl Channels<'_> {
    /// An app has one address for all of its pages, accounts or numbers, so a batch may be about any of them. Another app's it
    /// cannot be about.
    async fn of(&mut self, event: &Event) -> Result<Option<ChannelKey>, Refused> {
        let asked = (event.product, event.address.clone());
        if let Some(known) = self.known.get(&asked) {
            return Ok(known.clone());
        }
        let at = self.desk.channel_at(event.product.code(), &event.address);
        let found = match at.await.map_err(not_stored)? {
            Some(channel) => {
                let account = self.desk.account_find(&channel, &KINDS).await;
                let account = account.map_err(|_| NOT_STORED)?;
                let same = |account: Account| account.secret(APP_SECRET) == self.secret;
                account
                    .is_some_and(|(_, account)| same(account))
                    .then_some(channel)
            }
            None => None,
        };
        self.known.insert(asked, found.clone());
        Ok(found)
    }
}

impl Webhook {
    pub(super) fn new(desk: Desk) -> Self {
        Self {
            desk,
            refusals: Refusals::of("Meta"),
        }
    }

    fn refuse(&self, key: &str, refused: &Refused) -> Response {
        self.refusals.answer(self.desk.clock().now(), key, refused)
    }

    /// The app's secret of a channel. Nobody's is empty: it would make everybody's signature right.
    async fn secret(&self, key: &str) -> Result<(ChannelKey, String), Refused> {
        let channel = ChannelKey::parse(key).map_err(|_| NO_CHANNEL)?;
        let found = self.desk.account_find(&channel, &KINDS).await;
        let (_, account) = found.map_err(|_| NOT_STORED)?.ok_or(NO_CHANNEL)?;
        match account.secret(APP_SECRET) {
            "" => Err(WRONG_SIGNATURE),
            secret => Ok((channel, secret.to_owned())),
        }
    }

    async fn challenge(&self, key: &str, query: &str) -> Result<String, Refused> {
        let (channel, secret) = self.secret(key).await?;
        let value = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let found = pairs.find(|(known, _)| known == name);
            found.map(|(_, value)| value.into_owned())
        };
        let token = value("hub.verify_token").unwrap_or_default();
        let subscribes = value("hub.mode").is_some_and(|mode| mode == "subscribe");
        match value("hub.challenge") {
            Some(challenge)
                if subscribes && signature::is_verify_token(&secret, &channel, &token) =>
            {
                Ok(challenge)
            }
            _ => Err(WRONG_TOKEN),
        }
    }

    async fn take(&self, call: &Call) -> Result<Response, Refused> {
        let (called, secret) = self.secret(&call.key).await?;
        let signature = call.headers.get(SIGNATURE).ok_or(NO_SIGNATURE)?;
        let signature = signature.to_str().unwrap_or_default();
        if !signature::is_valid(&secret, &call.body, signature) {
            return Err(WRONG_SIGNATURE);
        }
        let batch = events::read(&call.body).map_err(|_| NO_BATCH)?;
        let mut channels = Channels {
            desk: &self.desk,
            secret,
            known: HashMap::new(),
        };
        let mut response = StatusCode::OK.into_response();
        let mut strangers = 0;
        for event in batch.events {
            let Some(channel) = channels.of(&event).await? else {
                strangers += 1;
                continue;
            };
            // In their order: what was first is published first.
            for unpublished in self.take_one(&channel, event).await? {
                response = publish_after(unpublished, response);
            }
        }
        if strangers > 0 {
            tracing::warn!(
                channel = %called, count = strangers,
                "events of Meta's were left out: their page, account or number has no channel with this app secret; \
                 add it on /admin/channels, or unsubscribe it at Meta"
            );
        }
        if batch.nameless > 0 {
            tracing::warn!(
                channel = %called, count = batch.nameless,
                "messages of WhatsApp were left out: Meta names neither a number nor a user id, so nobody could answer"
            );
        }
        if batch.unknown > 0 {
            tracing::info!(channel = %called, count = batch.unknown, "events of other kinds were left out");
        }
        Ok(response)
    }

    async fn take_one(
        &self,
        channel: &ChannelKey,
        event: Event,
    ) -> Result<Vec<Unpublished>, Refused> {
        match event.what {
            What::Message(message) => self.receive(channel, event.product, &message).await,
            What::Report(about, delivery) => {
                let noted = self.desk.delivery_report(channel, about, delivery).await;
                // What another program has sent from the same page or number is none of ours.
                noted.map_err(not_stored)?;
                Ok(Vec::new())
            }
        }
    }

    async fn receive(
        &self,
        channel: &ChannelKey,
        product: Product,
        message: &Message,
    ) -> Result<Vec<Unpublished>, Refused> {
        let mut texts: Vec<_> = texts(message).into_iter().map(Some).collect();
        if texts.is_empty() && !message.media.is_empty() {
            texts.push(None);
        }
        if texts.is_empty() {
            tracing::info!(%channel, "a message without text and attachments was left out");
        }
        let mut all = Vec::with_capacity(texts.len());
        for (number, text) in texts.into_iter().enumerate() {
            let first = number == 0;
            let attachments = first.then(|| message.attachments.clone());
            let media = first.then(|| message.media.clone());
            let inbound = Inbound {
                message: key(&message.id, number)?,
                name: name(product, message),
                address: message.from.clone(),
                user_id: message.user_id.clone(),
                text,
                media: media.unwrap_or_default(),
                attachments: attachments.unwrap_or_default(),
                wish: None,
                written_at: message.written_at,
            };
            let received = self.desk.inbound_receive(channel, product.code(), inbound);
            let (received, unpublished) = received.await.map_err(not_stored)?;
            log_received(channel, received);
            all.push(unpublished);
        }
        Ok(all)
    }
}

/// Under which key a message is taken once. Meta's names are longer than keys are, and on WhatsApp they hold the number.
fn key(id: &str, number: usize) -> Result<CommandKey, Refused> {
    let named = match number {
        0 => id.to_owned(),
        number => format!("{id}\n{number}"),
    };
    let digest = hex::encode(Sha256::digest(named));
    CommandKey::parse(digest).map_err(|_| NO_BATCH)
}

/// What is said. A text may be longer on WhatsApp than one is here.
fn texts(message: &Message) -> Vec<MessageText> {
    let mut texts = Vec::new();
    let mut rest = message.text.as_str();
    loop {
        let part = beginning(rest, MESSAGE_MAX);
        // A sign that is longer than a text is cut off.
        let part = if part.is_empty() { rest } else { part };
        let attachments: &[String] = match texts.is_empty() {
            true => &message.attachments,
            false => &[],
        };
        texts.extend(said(part, attachments));
        rest = &rest[part.len()..];
        if rest.is_empty() {
            return texts;
        }
    }
}

/// How the customer is called: as WhatsApp knows them, or by their number there. Those who withhold it have a username; without a
/// name they are called as on the others. Messenger and Instagram name nobody: by the
/// product's name, which is the same in every language, and the end of what Meta calls them.
fn name(product: Product, message: &Message) -> String {
    let brand = match product {
        Product::Whatsapp => {
            let known = CustomerName::parse(message.name.as_deref().unwrap_or_default());
            let number = message.from.bytes().all(|byte| byte.is_ascii_digit());
            match known {
                Ok(known) => return String::from(known),
                Err(_) if number => return format!("+{}", message.from),
                Err(_) => "WhatsApp",
            }
        }
        Product::Messenger => "Messenger",
        Product::Instagram => "Instagram",
    };
    let end = message.from.len().saturating_sub(4);
    format!("{brand} {}", &message.from[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str, attachments: &[&str]) -> Message {
        let attachments = attachments.iter().map(|kind| (*kind).to_owned());
        Message {
            id: "m".to_owned(),
            from: "6543217890123456".to_owned(),
            user_id: None,
            name: None,
            written_at: None,
            text: text.to_owned(),
            attachments: attachments.collect(),
            media: Vec::new(),
        }
    }

    #[test]
    fn a_long_text_comes_whole_in_several() {
        let long = format!("{}{}", "ä".repeat(MESSAGE_MAX), "the end");
        let texts = texts(&message(&long, &[]));
        let lengths: Vec<usize> = texts
            .iter()
            .map(|text| text.as_str().chars().count())
            .collect();
        assert_eq!(lengths, [MESSAGE_MAX, 7]);
        let keys = [0, 1].map(|number| key("m", number).unwrap());
        assert_ne!(keys[0], keys[1]);
    }

    #[test]
    fn what_says_nothing_is_no_text() {
        assert_eq!(texts(&message(" ", &[])), []);
        assert_eq!(texts(&message("", &["image"])).len(), 1);
    }

    #[test]
    fn a_customer_without_a_name_is_called_in_no_language() {
        assert_eq!(
            name(Product::Messenger, &message("Hi", &[])),
            "Messenger 3456"
        );
        let mut short = message("Hi", &[]);
        short.from = "1".to_owned();
        assert_eq!(name(Product::Instagram, &short), "Instagram 1");
        assert_eq!(name(Product::Whatsapp, &short), "+1");
        short.name = Some(" Dana\u{202E} ".to_owned());
        assert_eq!(name(Product::Whatsapp, &short), "+1");
        short.name = Some(" Dana ".to_owned());
        assert_eq!(name(Product::Whatsapp, &short), "Dana");
    }
}
