//! What Twilio calls: messages of customers, and reports of how far ours have come. Nothing is read before the signature
//! is right. The answer sends no automatic reply.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{FromRequest, OriginalUri, Path, State};
use axum::http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::ids::{ChannelKey, CommandKey};
use shared::text::{CustomerName, MESSAGE_MAX, MessageText};

use super::form::Parameters;
use super::{ACCOUNT_SID, AUTH_TOKEN, SMS, WHATSAPP, WHATSAPP_PREFIX, signature};
use crate::channels::webchat::answers::publish_after;
use crate::commands::{Received, Wish};
use crate::desk::channels::{Inbound, Report};
use crate::desk::providers::Account;
use crate::desk::{Desk, to_app_error};
use crate::store::StoreError;

/// Sends no automatic reply.
const NO_REPLY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;
const SIGNATURE: HeaderName = HeaderName::from_static("x-twilio-signature");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// How many attachments of one message are named; Twilio sends ten at most.
const ATTACHMENTS_MAX: usize = 10;
/// The longest media type that is named, in characters.
const TYPE_MAX: usize = 80;
/// How many refusals a minute are logged: a stranger can cause any number of them.
const LOGGED: u32 = 60;

/// What the handlers know.
#[derive(Clone)]
pub(super) struct Webhook {
    desk: Desk,
    trust_forwarded: bool,
    /// The minute, and how many refusals were logged in it.
    logged: Arc<Mutex<(i64, u32)>>,
}

/// A request to one of the two addresses.
#[derive(FromRequest)]
pub(super) struct Call {
    #[from_request(via(Path))]
    key: String,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
}

/// A request of Twilio's.
struct Genuine {
    channel: ChannelKey,
    kind: String,
    account: Account,
    form: Parameters,
}

/// Why a request is not answered as it wants: the status, and what an operator can do.
struct Refused(StatusCode, &'static str);

const NO_CHANNEL: Refused = Refused(
    StatusCode::NOT_FOUND,
    "there is no such channel; compare the webhook address at Twilio with the one on /admin/channels",
);
const NO_PUBLIC_URL: Refused = Refused(
    StatusCode::SERVICE_UNAVAILABLE,
    "the signature is over the public address, which is not known; start Sideline with --public-url",
);
const NO_FORM: Refused = Refused(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "the body is no form; choose HTTP POST for the webhook at Twilio",
);
const NO_UTF8: Refused = Refused(StatusCode::BAD_REQUEST, "the form is not in UTF-8");
const NO_SIGNATURE: Refused = Refused(
    StatusCode::BAD_REQUEST,
    "the request has no X-Twilio-Signature; if it comes from Twilio, a proxy takes the header away",
);
const WRONG_SIGNATURE: Refused = Refused(
    StatusCode::FORBIDDEN,
    "the signature is wrong; compare the auth token, and the public address with the one at Twilio",
);
const WRONG_ACCOUNT: Refused = Refused(
    StatusCode::FORBIDDEN,
    "the request names another account than the channel",
);
const NO_NUMBER: Refused = Refused(
    StatusCode::NOT_FOUND,
    "the request is for another number than the channel's; each number has a channel and a webhook address of its own",
);
const NO_MESSAGE: Refused = Refused(
    StatusCode::BAD_REQUEST,
    "the request lacks MessageSid, From or To",
);
const NO_DELIVERY: Refused = Refused(
    StatusCode::NOT_FOUND,
    "the report is about a message that is not known here",
);
const NOT_STORED: Refused = Refused(
    StatusCode::SERVICE_UNAVAILABLE,
    "the database takes nothing at the moment; Twilio's log of errors names the message",
);

/// `POST /channels/twilio/{key}`: a customer's message.
pub(super) async fn message(State(webhook): State<Webhook>, call: Call) -> Response {
    let taken = async {
        let genuine = webhook.genuine(&call).await?;
        webhook.take(&genuine).await
    };
    match taken.await {
        Ok(response) => response,
        Err(refused) => webhook.refuse(&call.key, &refused),
    }
}

/// `POST /channels/twilio/{key}/status`: how far a message of ours has come.
pub(super) async fn status(State(webhook): State<Webhook>, call: Call) -> Response {
    let noted = async {
        let genuine = webhook.genuine(&call).await?;
        webhook.note(&genuine, &call.uri.0).await
    };
    match noted.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refused) => webhook.refuse(&call.key, &refused),
    }
}

impl Webhook {
    pub(super) fn new(desk: Desk, trust_forwarded: bool) -> Self {
        Self {
            desk,
            trust_forwarded,
            logged: Arc::default(),
        }
    }

    /// The request, if Twilio made it for this channel.
    async fn genuine(&self, call: &Call) -> Result<Genuine, Refused> {
        let Call {
            key,
            uri: OriginalUri(uri),
            headers,
            body,
        } = call;
        let channel = ChannelKey::parse(key).map_err(|_| NO_CHANNEL)?;
        let found = self.desk.account_find(&channel, &[SMS, WHATSAPP]).await;
        let (kind, account) = found.map_err(|_| NOT_STORED)?.ok_or(NO_CHANNEL)?;
        let signature = headers.get(SIGNATURE).ok_or(NO_SIGNATURE)?;
        let media = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
        if !media.is_some_and(|media| media.starts_with(b"application/x-www-form-urlencoded")) {
            return Err(NO_FORM);
        }
        let form = Parameters::parse(body).map_err(|_| NO_UTF8)?;
        let url = self.public_url(uri, headers).ok_or(NO_PUBLIC_URL)?;
        let token = account.secret(AUTH_TOKEN);
        let signature = signature.to_str().unwrap_or_default();
        // Nobody's token is empty: it would make everybody's signature right.
        if token.is_empty() || !signature::is_valid(token, &url, &form, body, signature) {
            return Err(WRONG_SIGNATURE);
        }
        let sid = form.get("AccountSid");
        if !sid.is_empty() && sid != account.setting(ACCOUNT_SID) {
            return Err(WRONG_ACCOUNT);
        }
        Ok(Genuine {
            channel,
            kind,
            account,
            form,
        })
    }

    /// The address that Twilio called: what the operator set, or what a trusted proxy says.
    fn public_url(&self, uri: &Uri, headers: &HeaderMap) -> Option<String> {
        let path = uri.path_and_query()?;
        if let Some(base) = &self.desk.config().public_url {
            return Some(format!("{base}{path}"));
        }
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let scheme = text(FORWARDED_PROTO).filter(|_| self.trust_forwarded)?;
        let host = text(FORWARDED_HOST).or(text(HOST))?;
        Some(format!("{scheme}://{host}{path}"))
    }

    async fn take(&self, genuine: &Genuine) -> Result<Response, Refused> {
        let (form, channel) = (&genuine.form, &genuine.channel);
        let number = |name| number(&genuine.kind, form.get(name));
        let message = CommandKey::parse(form.get("MessageSid")).map_err(|_| NO_MESSAGE)?;
        let (from, to) = (number("From"), number("To"));
        if to.ok_or(NO_NUMBER)? != genuine.account.address {
            return Err(NO_NUMBER);
        }
        let address = from.filter(|from| !from.is_empty()).ok_or(NO_MESSAGE)?;
        let attachments = attachments(form);
        let Some(text) = text(form.get("Body"), &attachments) else {
            tracing::info!(%channel, "a message without text and attachments was left out");
            return Ok(no_reply());
        };
        let inbound = Inbound {
            message,
            name: name(form, address),
            address: address.to_owned(),
            wish: wish(form),
            text,
            attachments,
        };
        let received = self.desk.inbound_receive(channel, &genuine.kind, inbound);
        match received.await {
            Ok((received, unpublished)) => {
                match received {
                    Received::Taken => {}
                    Received::Repeated => {
                        tracing::info!(%channel, "a message came again and changed nothing");
                    }
                    Received::Off => tracing::warn!(
                        %channel,
                        "a message went nowhere, because the channel is switched off on /admin/channels"
                    ),
                }
                Ok(publish_after(unpublished, no_reply()))
            }
            Err(error) => Err(not_stored(error)),
        }
    }

    async fn note(&self, genuine: &Genuine, uri: &Uri) -> Result<(), Refused> {
        let form = &genuine.form;
        let query = uri.query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let reference = pairs.find(|(name, _)| name == "message");
        let reference = reference.ok_or(NO_DELIVERY)?.1.into_owned();
        let Some(delivery) = delivery(form) else {
            tracing::info!(channel = %genuine.channel, "a report of an unknown kind was left out");
            return Ok(());
        };
        let report = Report {
            reference,
            provider_id: form.get("MessageSid").to_owned(),
            delivery,
        };
        let noted = self.desk.delivery_report(&genuine.channel, report).await;
        match noted {
            Ok(true) => Ok(()),
            Ok(false) => Err(NO_DELIVERY),
            Err(error) => Err(not_stored(error)),
        }
    }

    /// Says why, to the operator in words and to the caller by its status.
    fn refuse(&self, key: &str, Refused(status, advice): &Refused) -> Response {
        let minute = self.desk.clock().now().0 / 60_000_000;
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.0 != minute {
            *logged = (minute, 0);
        }
        logged.1 = logged.1.saturating_add(1);
        if logged.1 <= LOGGED {
            // What a stranger typed is no id.
            let channel = ChannelKey::parse(key).map(String::from).unwrap_or_default();
            tracing::warn!(
                channel,
                status = status.as_u16(),
                "a call of Twilio's was refused: {advice}"
            );
        }
        drop(logged);
        status.into_response()
    }
}

fn no_reply() -> Response {
    ([(CONTENT_TYPE, "text/xml; charset=utf-8")], NO_REPLY).into_response()
}

/// Logged where errors of the store are.
fn not_stored(error: StoreError) -> Refused {
    match error {
        StoreError::NotFound => NO_CHANNEL,
        error => {
            to_app_error(error);
            NOT_STORED
        }
    }
}

/// A number as it is stored; nothing for one of the other kind.
fn number<'a>(kind: &str, written: &'a str) -> Option<&'a str> {
    match kind {
        WHATSAPP => written.strip_prefix(WHATSAPP_PREFIX),
        _ => Some(written).filter(|written| !written.starts_with(WHATSAPP_PREFIX)),
    }
}

/// How the customer is called: as WhatsApp knows them, or by their number.
fn name(form: &Parameters, address: &str) -> String {
    let known = CustomerName::parse(form.get("ProfileName"));
    known.map_or_else(|_| address.to_owned(), String::from)
}

/// The media types of what came with the message.
fn attachments(form: &Parameters) -> Vec<String> {
    let count = form.get("NumMedia").parse().unwrap_or(0_usize);
    let types = (0..count.min(ATTACHMENTS_MAX)).map(|number| {
        let named = form.get(&format!("MediaContentType{number}"));
        let plain = |c: &char| c.is_ascii_alphanumeric() || "/+.-".contains(*c);
        let plain: String = named.chars().filter(plain).take(TYPE_MAX).collect();
        match plain.is_empty() {
            true => "?".to_owned(),
            false => plain,
        }
    });
    types.collect()
}

/// What is said. Signs that nobody may write here are left out of a text that came by a provider: the customer can't be asked
/// to write it again. Attachments without words are named by their types.
fn text(body: &str, attachments: &[String]) -> Option<MessageText> {
    let shortened: String = body
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || is_override(*c)))
        .take(MESSAGE_MAX)
        .collect();
    let whole = MessageText::parse(body).or_else(|_| MessageText::parse(&shortened));
    let types = || MessageText::parse(&format!("📎 {}", attachments.join(", "))).ok();
    whole
        .ok()
        .or_else(|| attachments.first().and_then(|_| types()))
}

/// A mark that turns the direction of what follows.
fn is_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What the customer wants from now on: as Twilio understood it, or by the words that Twilio itself obeys.
fn wish(form: &Parameters) -> Option<Wish> {
    match form.get("OptOutType") {
        "STOP" => return Some(Wish::Stop),
        "START" => return Some(Wish::Start),
        _ => {}
    }
    match form.get("Body").trim().to_ascii_uppercase().as_str() {
        "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE" | "OPTOUT" => {
            Some(Wish::Stop)
        }
        "START" | "YES" | "UNSTOP" => Some(Wish::Start),
        _ => None,
    }
}

/// How far a message has come; nothing for a word of another release of Twilio's.
fn delivery(form: &Parameters) -> Option<Delivery> {
    let state = match form.get("MessageStatus") {
        "accepted" | "scheduled" | "queued" | "sending" | "sent" => DeliveryState::Sent,
        "delivered" => DeliveryState::Delivered,
        "read" => DeliveryState::Read,
        "undelivered" | "failed" => {
            let code = form.get("ErrorCode").parse().ok();
            let reason = match code {
                Some(21_610) => DeliveryReason::Stopped,
                _ => DeliveryReason::Undelivered,
            };
            return Some(Delivery::failed(reason, code));
        }
        _ => return None,
    };
    Some(Delivery::of(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Parameters {
        Parameters::parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn a_wish_is_what_twilio_says_or_one_word() {
        assert_eq!(wish(&form("Body=+stop%0A")), Some(Wish::Stop));
        assert_eq!(wish(&form("Body=Unstop")), Some(Wish::Start));
        assert_eq!(wish(&form("Body=arret&OptOutType=STOP")), Some(Wish::Stop));
        assert_eq!(wish(&form("Body=Please+stop+calling")), None);
    }

    #[test]
    fn what_nobody_may_write_is_left_out_and_not_refused() {
        let said = |body: &str| text(body, &[]).map(|text| text.as_str().to_owned());
        assert_eq!(
            said("My \u{0}order\u{202E} 1"),
            Some("My order 1".to_owned())
        );
        assert_eq!(said(&"x".repeat(5_000)).unwrap().len(), MESSAGE_MAX);
        assert_eq!(said(" \n"), None);
    }

    #[test]
    fn attachments_are_named_by_their_types() {
        let form = form("NumMedia=3&MediaContentType0=image/jpeg&MediaContentType1=%3Cb%3E");
        let types = attachments(&form);
        assert_eq!(types, ["image/jpeg", "b", "?"]);
        let said = text("", &types).unwrap();
        assert_eq!(said.as_str(), "📎 image/jpeg, b, ?");
        assert!(attachments(&Parameters::parse(b"NumMedia=-1").unwrap()).is_empty());
    }

    #[test]
    fn a_number_is_of_its_kind() {
        assert_eq!(number(SMS, "+1555"), Some("+1555"));
        assert_eq!(number(SMS, "whatsapp:+1555"), None);
        assert_eq!(number(WHATSAPP, "whatsapp:+1555"), Some("+1555"));
        assert_eq!(number(WHATSAPP, "+1555"), None);
    }
}
