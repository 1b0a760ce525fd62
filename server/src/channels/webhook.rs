//! What the webhooks of all vendors have in common: refusals that an operator can act on, and what is made of a message from
//! outside.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use shared::files::FileKind;
use shared::ids::ChannelKey;
use shared::text::{MESSAGE_MAX, MessageText};
use shared::time::Timestamp;

use crate::commands::Received;
use crate::desk::to_app_error;
use crate::line_limit::LineLimit;
use crate::store::StoreError;

/// The longest media type that is named, in characters.
const TYPE_MAX: usize = 80;
/// The longest id of a customer, in characters: WhatsApp's have 128 behind a country.
const CUSTOMER_MAX: usize = 140;

/// Why a request is not answered as it wants: the status, and what an operator can do.
#[derive(Debug)]
pub(super) struct Refused(pub(super) StatusCode, pub(super) &'static str);

pub(super) const NO_CHANNEL: Refused = Refused(
    StatusCode::NOT_FOUND,
    "there is no such channel; compare the webhook address at the provider with the one on /admin/channels",
);
pub(super) const NOT_STORED: Refused = Refused(
    StatusCode::SERVICE_UNAVAILABLE,
    "the database takes nothing at the moment, or the secrets of the channel cannot be opened",
);

/// Says why, to the operator in words and to the caller by its status. Cheap to clone; clones count together.
#[derive(Clone)]
pub(super) struct Refusals {
    vendor: &'static str,
    lines: Arc<LineLimit>,
}

impl Refusals {
    pub(super) fn of(vendor: &'static str) -> Self {
        Self {
            vendor,
            lines: Arc::default(),
        }
    }

    /// The answer to a refused call of the channel that the caller named.
    pub(super) fn answer(&self, now: Timestamp, key: &str, refused: &Refused) -> Response {
        let Refused(status, advice) = refused;
        if self.lines.admits(now) {
            // What a stranger typed is no id.
            let channel = ChannelKey::parse(key).map(String::from).unwrap_or_default();
            let (vendor, status) = (self.vendor, status.as_u16());
            tracing::warn!(
                channel,
                status,
                "a call of {vendor}'s was refused: {advice}"
            );
        }
        status.into_response()
    }
}

/// Logged where errors of the store are.
pub(super) fn not_stored(error: StoreError) -> Refused {
    match error {
        StoreError::NotFound => NO_CHANNEL,
        error => {
            to_app_error(error);
            NOT_STORED
        }
    }
}

/// Notes in the log what an operator may wonder about.
pub(super) fn log_received(channel: &ChannelKey, received: Received) {
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
}

/// Whether Meta can call a customer so.
pub(super) fn is_customer(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=CUSTOMER_MAX).contains(&id.len()) && id.bytes().all(plain)
}

/// The type of an attachment as the vendor names it, without parameters and with no other signs than types have.
pub(super) fn media_type(named: &str) -> String {
    let (named, _) = named.split_once(';').unwrap_or((named, ""));
    let plain = |c: &char| c.is_ascii_alphanumeric() || "/+.-_".contains(*c);
    let plain: String = named.chars().filter(plain).take(TYPE_MAX).collect();
    match plain.to_ascii_lowercase().as_str() {
        "" => "?".to_owned(),
        // What nobody has registered and some say.
        "image/jpg" => "image/jpeg".to_owned(),
        plain => plain.to_owned(),
    }
}

/// Whether files of this type are fetched. Of others staff read the type.
pub(super) fn is_fetched(media_type: &str) -> bool {
    FileKind::of_media_type(media_type).is_some()
}

/// What is said. Signs that nobody may write here are left out of a text that came by a provider: the customer can't be asked
/// to write it again. Attachments without words are named by their types.
pub(super) fn said(body: &str, attachments: &[String]) -> Option<MessageText> {
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

/// Where a customer is, as staff read it: name and address of the place, latitude and longitude. Empty where nothing of it is
/// said.
pub(super) fn place(words: [&str; 2], coordinates: [Option<f64>; 2]) -> String {
    let words = words.into_iter().map(str::trim);
    let words = words.filter(|words| !words.is_empty());
    let coordinates = match coordinates {
        [Some(latitude), Some(longitude)] if latitude.abs() <= 90.0 && longitude.abs() <= 180.0 => {
            Some(format!("{latitude}, {longitude}"))
        }
        _ => None,
    };
    let parts: Vec<String> = words.map(str::to_owned).chain(coordinates).collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!("📍 {}", parts.join("\n")),
    }
}

/// A mark that turns the direction of what follows.
fn is_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_may_write_is_left_out_and_not_refused() {
        let said = |body: &str| said(body, &[]).map(|text| text.as_str().to_owned());
        assert_eq!(
            said("My \u{0}order\u{202E} 1"),
            Some("My order 1".to_owned())
        );
        assert_eq!(said(&"x".repeat(5_000)).unwrap().len(), MESSAGE_MAX);
        assert_eq!(said(" \n"), None);
    }

    #[test]
    fn a_place_is_its_name_its_address_and_where_it_is_on_earth() {
        let here = [Some(52.52), Some(13.4)];
        let whole = place(["Home", " Alexanderplatz 1, Berlin "], here);
        assert_eq!(whole, "📍 Home\nAlexanderplatz 1, Berlin\n52.52, 13.4");
        assert_eq!(place(["", ""], here), "📍 52.52, 13.4");
        for nowhere in [
            [Some(52.52), None],
            [Some(f64::NAN), Some(13.4)],
            [Some(52.52), Some(1e300)],
            [Some(90.1), Some(13.4)],
        ] {
            assert_eq!(place(["Home", ""], nowhere), "📍 Home");
            assert_eq!(place(["", " "], nowhere), "");
        }
    }

    #[test]
    fn an_attachment_without_words_is_named_by_its_type() {
        let types = [media_type("image/jpeg"), media_type("<b>"), media_type("")];
        assert_eq!(types, ["image/jpeg", "b", "?"]);
        assert_eq!(said("", &types).unwrap().as_str(), "📎 image/jpeg, b, ?");
    }
}
