//! What Twilio calls: messages of customers, and reports of how far ours have come. Nothing is read before the signature
//! is right. The answer sends no automatic reply.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, OriginalUri, Path, State};
use axum::http::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::ids::{ChannelKey, CommandKey};
use shared::phone::PHONE_NUMBER_MAX;
use shared::text::CustomerName;

use super::form::Parameters;
use super::{ACCOUNT_SID, AUTH_TOKEN, SMS, WHATSAPP, WHATSAPP_PREFIX, signature};
use crate::channels::webchat::answers::publish_after;
use crate::channels::webhook::{
    NO_CHANNEL, NOT_STORED, Refusals, Refused, is_customer, is_fetched, log_received, media_type,
    not_stored, place, said,
};
use crate::commands::{Reported, Wish};
use crate::desk::Desk;
use crate::desk::channels::{Inbound, Media};
use crate::desk::providers::Account;
use crate::http::is_media_type;
use crate::line_limit::LineLimit;

/// Sends no automatic reply.
const NO_REPLY: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;
const SIGNATURE: HeaderName = HeaderName::from_static("x-twilio-signature");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// How many attachments of one message are named; Twilio sends ten at most.
const ATTACHMENTS_MAX: usize = 10;
/// The longest name of a sender on SMS, in characters: networks carry no longer one.
const SENDER_NAME_MAX: usize = 11;

/// What the handlers know.
#[derive(Clone)]
pub(super) struct Webhook {
    desk: Desk,
    trust_forwarded: bool,
    refusals: Refusals,
    /// Lines of calls that are not in UTF-8: customers write what stands in them.
    broken: Arc<LineLimit>,
    /// Lines of messages of which nothing is there to show.
    empty: Arc<LineLimit>,
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

const NO_PUBLIC_URL: Refused = Refused(
    StatusCode::SERVICE_UNAVAILABLE,
    "the signature is over the public address, which is not known; start Sideline with --public-url",
);
const NO_POST: Refused = Refused(
    StatusCode::METHOD_NOT_ALLOWED,
    "the request is no POST; choose HTTP POST for the webhook at Twilio",
);
const NO_FORM: Refused = Refused(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "the body is no form; choose HTTP POST for the webhook at Twilio",
);
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
const NO_SENDER: Refused = Refused(
    StatusCode::BAD_REQUEST,
    "From is nobody whom Twilio documents: a number or short code of up to 20 digits, on SMS a sender's name of up to 11 characters, on WhatsApp a user id of up to 140; Twilio's message log has what came",
);
const NO_DELIVERY: Refused = Refused(
    StatusCode::NOT_FOUND,
    "the report is about a message that is not known here",
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

/// A call with another method: Twilio takes the one that is chosen at the number.
pub(super) async fn no_post(State(webhook): State<Webhook>, Path(key): Path<String>) -> Response {
    webhook.refuse(&key, &NO_POST)
}

impl Webhook {
    pub(super) fn new(desk: Desk, trust_forwarded: bool) -> Self {
        Self {
            desk,
            trust_forwarded,
            refusals: Refusals::of("Twilio"),
            broken: Arc::default(),
            empty: Arc::default(),
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
        let is_form = is_media_type(headers, "application/x-www-form-urlencoded");
        // Of another body the signature has nothing but the digest in the address.
        let form = match is_form {
            true => Parameters::parse(body),
            false => Parameters::default(),
        };
        let urls = self.public_urls(uri, headers).ok_or(NO_PUBLIC_URL)?;
        let token = account.secret(AUTH_TOKEN);
        let signature = signature.to_str().unwrap_or_default();
        let is_signed = |url: &String| signature::is_valid(token, url, &form, body, signature);
        // Nobody's token is empty: it would make everybody's signature right.
        if token.is_empty() || !urls.iter().any(is_signed) {
            return Err(WRONG_SIGNATURE);
        }
        if !is_form {
            return Err(NO_FORM);
        }
        let sid = form.get("AccountSid");
        if !sid.is_empty() && sid != account.setting(ACCOUNT_SID) {
            return Err(WRONG_ACCOUNT);
        }
        // It is taken: a customer who loses a message is worse off than one who is not read to the last sign.
        if !form.is_utf8() && self.broken.admits(self.desk.clock().now()) {
            tracing::warn!(
                %channel,
                "a call of Twilio's is not in UTF-8; it was taken, and U+FFFD stands where it cannot be read; Twilio's message log has what was sent"
            );
        }
        Ok(Genuine {
            channel,
            kind,
            account,
            form,
        })
    }

    /// The address that Twilio called: what the operator set, or what a trusted proxy says. Its own word is the last entry of
    /// the last line, as in `X-Forwarded-For`. The first entry, which the outermost of several proxies wrote, counts as well:
    /// nobody who makes one up can sign it without the token.
    fn public_urls(&self, uri: &Uri, headers: &HeaderMap) -> Option<Vec<String>> {
        let path = uri.path_and_query()?;
        if let Some(base) = &self.desk.config().public_url {
            return Some(vec![format!("{base}{path}")]);
        }
        if !self.trust_forwarded {
            return None;
        }
        let [first_scheme, last_scheme] = ends(headers, FORWARDED_PROTO)?;
        let [first_host, last_host] = ends(headers, FORWARDED_HOST).or(ends(headers, HOST))?;
        let mut urls = vec![
            format!("{last_scheme}://{last_host}{path}"),
            format!("{first_scheme}://{first_host}{path}"),
        ];
        urls.dedup();
        Some(urls)
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
        if !is_sender(&genuine.kind, address) {
            return Err(NO_SENDER);
        }
        let (media, mut attachments) = attachments(form);
        let words = words(form);
        let mut text = said(&words, &attachments);
        if text.is_none() && media.is_empty() {
            attachments.extend(unshown(&genuine.kind, form));
            text = said(&words, &attachments);
        }
        if text.is_none() && media.is_empty() {
            if self.empty.admits(self.desk.clock().now()) {
                tracing::warn!(
                    %channel,
                    "a message without text and attachments was left out; Twilio's message log has it"
                );
            }
            return Ok(no_reply());
        }
        let inbound = Inbound {
            message,
            name: name(form, address),
            address: address.to_owned(),
            user_id: None,
            wish: wish(&genuine.kind, form),
            text,
            media,
            attachments,
            written_at: None,
        };
        let received = self.desk.inbound_receive(channel, &genuine.kind, inbound);
        match received.await {
            Ok((received, unpublished)) => {
                log_received(channel, received);
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
        let about = Reported::referenced(&reference, form.get("MessageSid")).ok_or(NO_DELIVERY)?;
        let noted = self.desk.delivery_report(&genuine.channel, about, delivery);
        let noted = noted.await;
        match noted {
            Ok(true) => Ok(()),
            Ok(false) => Err(NO_DELIVERY),
            Err(error) => Err(not_stored(error)),
        }
    }

    fn refuse(&self, key: &str, refused: &Refused) -> Response {
        self.refusals.answer(self.desk.clock().now(), key, refused)
    }
}

/// The first and the last entry of a header that is a list, over all of its lines. Empty entries and unreadable lines say nothing.
fn ends(headers: &HeaderMap, name: HeaderName) -> Option<[&str; 2]> {
    let lines = headers.get_all(name).iter();
    let mut entries = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|entry| !entry.is_empty());
    let first = entries.next()?;
    Some([first, entries.next_back().unwrap_or(first)])
}

fn no_reply() -> Response {
    ([(CONTENT_TYPE, "text/xml; charset=utf-8")], NO_REPLY).into_response()
}

/// A number as it is stored; nothing for one of the other kind.
fn number<'a>(kind: &str, written: &'a str) -> Option<&'a str> {
    match kind {
        WHATSAPP => written.strip_prefix(WHATSAPP_PREFIX),
        _ => Some(written).filter(|written| !written.starts_with(WHATSAPP_PREFIX)),
    }
}

/// Whether somebody can write from here: a number or a short code; on SMS also the name of a sender, on WhatsApp the user id of
/// somebody who withholds their number. What Twilio calls clients and SIP addresses comes by calls alone.
fn is_sender(kind: &str, from: &str) -> bool {
    let digits = from.strip_prefix('+').unwrap_or(from);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.len() <= PHONE_NUMBER_MAX;
    }
    // Else it is a number that is written otherwise.
    if !from.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    if kind == WHATSAPP {
        return is_customer(from);
    }
    // A network takes more signs than Twilio does: McDonald's, H&M.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" !#&'()*+,-./@_".contains(&byte);
    from.len() <= SENDER_NAME_MAX && from.trim() == from && from.bytes().all(plain)
}

/// How the customer is called: as WhatsApp knows them, or by their number.
fn name(form: &Parameters, address: &str) -> String {
    let known = CustomerName::parse(form.get("ProfileName"));
    known.map_or_else(|_| address.to_owned(), String::from)
}

/// What the customer writes, and the place that they share on WhatsApp.
fn words(form: &Parameters) -> String {
    let degrees = |name: &str| form.get(name).trim().parse::<f64>().ok();
    let place = place(
        [form.get("Label"), form.get("Address")],
        [degrees("Latitude"), degrees("Longitude")],
    );
    let parts = [form.get("Body"), &place].into_iter();
    let said = parts.filter(|part| !part.trim().is_empty());
    said.collect::<Vec<_>>().join("\n")
}

/// What staff read of a message on WhatsApp of which nothing can be shown: of what type it is. Nothing for SMS, where such a message is
/// an empty text, and for what is no message.
fn unshown(kind: &str, form: &Parameters) -> Option<String> {
    match (kind, form.get("MessageType")) {
        (SMS, _) | (_, "reaction" | "system") => None,
        (_, "" | "text") => Some("unsupported".to_owned()),
        (_, other) => Some(media_type(other)),
    }
}

/// What came with the message: files that are fetched, and the media types of others.
fn attachments(form: &Parameters) -> (Vec<Media>, Vec<String>) {
    let count = form.get("NumMedia").parse().unwrap_or(0_usize);
    let (mut media, mut others) = (Vec::new(), Vec::new());
    for number in 0..count.min(ATTACHMENTS_MAX) {
        let media_type = media_type(form.get(&format!("MediaContentType{number}")));
        let source = form.get(&format!("MediaUrl{number}")).to_owned();
        match is_fetched(&media_type) && !source.is_empty() {
            true => media.push(Media {
                media_type,
                name: String::new(),
                source,
            }),
            false => others.push(media_type),
        }
    }
    (media, others)
}

/// What the customer wants from now on: as Twilio understood it, or by the words that carriers obey in text messages. On WhatsApp
/// they are words like others, all but the two that everybody knows.
fn wish(kind: &str, form: &Parameters) -> Option<Wish> {
    match form.get("OptOutType") {
        "STOP" => return Some(Wish::Stop),
        "START" => return Some(Wish::Start),
        _ => {}
    }
    match form.get("Body").trim().to_ascii_uppercase().as_str() {
        "STOP" => Some(Wish::Stop),
        "START" => Some(Wish::Start),
        _ if kind == WHATSAPP => None,
        "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE" | "OPTOUT" => {
            Some(Wish::Stop)
        }
        "YES" | "UNSTOP" => Some(Wish::Start),
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
                Some(63_016) => DeliveryReason::WindowClosed,
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
        Parameters::parse(body.as_bytes())
    }

    #[test]
    fn a_wish_is_what_twilio_says_or_one_word() {
        let sms = |body: &str| wish(SMS, &form(body));
        assert_eq!(sms("Body=+stop%0A"), Some(Wish::Stop));
        assert_eq!(sms("Body=Cancel"), Some(Wish::Stop));
        assert_eq!(sms("Body=Unstop"), Some(Wish::Start));
        assert_eq!(sms("Body=arret&OptOutType=STOP"), Some(Wish::Stop));
        assert_eq!(sms("Body=Please+stop+calling"), None);
    }

    #[test]
    fn on_whatsapp_the_words_of_carriers_are_words() {
        let whatsapp = |body: &str| wish(WHATSAPP, &form(body));
        assert_eq!(whatsapp("Body=Stop"), Some(Wish::Stop));
        assert_eq!(whatsapp("Body=START"), Some(Wish::Start));
        for word in ["Cancel", "End", "Quit", "yes", "Unstop"] {
            assert_eq!(whatsapp(&format!("Body={word}")), None, "{word}");
        }
        assert_eq!(whatsapp("Body=Cancel&OptOutType=STOP"), Some(Wish::Stop));
    }

    #[test]
    fn a_list_of_several_proxies_has_two_ends() {
        let ends_of = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_PROTO, line.parse().unwrap());
            }
            ends(&headers, FORWARDED_PROTO).map(|ends| ends.map(str::to_owned))
        };
        for (lines, expected) in [
            (&["https"][..], Some(["https", "https"])),
            (&["https, http"], Some(["https", "http"])),
            (&["https ,http,http"], Some(["https", "http"])),
            (&["https", "http"], Some(["https", "http"])),
            (&["http, https", "http"], Some(["http", "http"])),
            (&["", "https,"], Some(["https", "https"])),
            (&["", " , "], None),
            (&[], None),
        ] {
            let expected = expected.map(|ends| ends.map(str::to_owned));
            assert_eq!(ends_of(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn attachments_are_named_by_their_types() {
        let form = form("NumMedia=3&MediaContentType0=image/jpeg&MediaContentType1=%3Cb%3E");
        let (media, types) = attachments(&form);
        assert!(media.is_empty(), "nobody says where they are");
        assert_eq!(types, ["image/jpeg", "b", "?"]);
        let said = said("", &types).unwrap();
        assert_eq!(said.as_str(), "📎 image/jpeg, b, ?");
        let none = attachments(&Parameters::parse(b"NumMedia=-1"));
        assert_eq!(none, (Vec::new(), Vec::new()));
    }

    #[test]
    fn somebody_who_writes_has_a_number_a_short_code_a_name_or_an_id() {
        let long = "1".repeat(5_000);
        for (from, sms, whatsapp) in [
            ("+15551230000", true, true),
            // As a network of the country itself writes it.
            ("0301234567", true, true),
            ("12345", true, true),
            ("+12345678901234567890", true, true),
            ("+123456789012345678901", false, false),
            (long.as_str(), false, false),
            ("Lumen & Co", true, false),
            ("Lumen's!", true, false),
            ("LUMEN-LTD", true, true),
            ("Lumen Lights", false, false),
            ("US.13491208655302741918", false, true),
            ("US.ENT.11815799212886844830", false, true),
            (" ", false, false),
            ("+", false, false),
            ("+1 555 1230000", false, false),
            (" Lumen", false, false),
            ("+1555\u{202E}", false, false),
            ("Lumen\u{0}", false, false),
            ("Lümen", false, false),
            ("client:ada", false, false),
            ("sip:ada@example.com", false, false),
            ("messenger:1234", false, false),
        ] {
            let is = [SMS, WHATSAPP].map(|kind| is_sender(kind, from));
            assert_eq!(is, [sms, whatsapp], "{from:?}");
        }
    }

    #[test]
    fn a_number_is_of_its_kind() {
        assert_eq!(number(SMS, "+1555"), Some("+1555"));
        assert_eq!(number(SMS, "whatsapp:+1555"), None);
        assert_eq!(number(WHATSAPP, "whatsapp:+1555"), Some("+1555"));
        assert_eq!(number(WHATSAPP, "+1555"), None);
    }
}
