//! The items of WhatsApp's batches: messages, and how far ours have come.

use serde::Deserialize;
use serde_json::Value;
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::time::Timestamp;

use super::lenient::{number, or_default};
use super::{Batch, Message, What, parsed};
use crate::channels::meta::Product;
use crate::channels::webhook::{is_customer, is_fetched, media_type, place};
use crate::commands::Reported;
use crate::desk::channels::Media;

#[derive(Deserialize)]
struct Change {
    value: Values,
}

#[derive(Deserialize)]
struct Values {
    metadata: Metadata,
    #[serde(default, deserialize_with = "or_default")]
    contacts: Vec<Value>,
    #[serde(default, deserialize_with = "or_default")]
    messages: Vec<Value>,
    #[serde(default, deserialize_with = "or_default")]
    statuses: Vec<Value>,
}

/// Which of our numbers it is about.
#[derive(Deserialize)]
struct Metadata {
    phone_number_id: String,
}

#[derive(Deserialize)]
struct Contact {
    #[serde(default, deserialize_with = "or_default")]
    wa_id: String,
    #[serde(default, deserialize_with = "or_default")]
    user_id: String,
    #[serde(default, deserialize_with = "or_default")]
    profile: Profile,
}

#[derive(Default, Deserialize)]
struct Profile {
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    /// As the customer wants to be called in place of their number.
    #[serde(default, deserialize_with = "or_default")]
    username: String,
}

impl Contact {
    fn is(&self, head: &Head) -> bool {
        let same = |mine: &str, theirs: &str| !mine.is_empty() && mine == theirs;
        same(&self.wa_id, &head.from) || same(&self.user_id, &head.from_user_id)
    }

    /// The name, or the username.
    fn name(&self) -> String {
        match self.profile.name.trim() {
            "" => self.profile.username.clone(),
            _ => self.profile.name.clone(),
        }
    }
}

/// What every message has; what it says stands under the name of its type.
#[derive(Deserialize)]
struct Head {
    id: String,
    /// The number; nothing where the customer has a username in its place.
    #[serde(default, deserialize_with = "or_default")]
    from: String,
    /// What Meta calls the customer in this business, with the number or without it.
    #[serde(default, deserialize_with = "or_default")]
    from_user_id: String,
    #[serde(default, deserialize_with = "number")]
    timestamp: Option<i64>,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Status {
    id: String,
    status: String,
    /// What was sent with the message.
    biz_opaque_callback_data: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    errors: Vec<Value>,
}

#[derive(Deserialize)]
struct Failure {
    #[serde(default, deserialize_with = "number")]
    code: Option<i64>,
}

/// Why an item is no event.
#[derive(Debug, PartialEq)]
enum LeftOut {
    /// It has a shape that is not known here.
    Unknown,
    /// It is a message of a customer without a number and a user id.
    Nameless,
}

/// Reads what has changed at a number.
pub(super) fn read(change: Value, batch: &mut Batch) {
    let Some(Change { value }) = parsed::<Change>(change) else {
        batch.unknown += 1;
        return;
    };
    let address = value.metadata.phone_number_id.as_str();
    let contacts = value.contacts.into_iter().filter_map(parsed);
    let contacts: Vec<Contact> = contacts.collect();
    let messages = value.messages.iter().map(|item| message(item, &contacts));
    let statuses = value.statuses.into_iter();
    let statuses = statuses.map(|item| status(item).ok_or(LeftOut::Unknown));
    for what in messages.chain(statuses) {
        match what {
            Ok(what) => batch.say(Product::Whatsapp, address, what),
            Err(LeftOut::Unknown) => batch.unknown += 1,
            Err(LeftOut::Nameless) => batch.nameless += 1,
        }
    }
}

fn message(item: &Value, contacts: &[Contact]) -> Result<What, LeftOut> {
    let head = Head::deserialize(item).map_err(|_| LeftOut::Unknown)?;
    let (text, attachments) = said(&head.kind, item).ok_or(LeftOut::Unknown)?;
    let from = match head.from.as_str() {
        "" => &head.from_user_id,
        number => number,
    };
    if from.is_empty() {
        return Err(LeftOut::Nameless);
    }
    if !is_customer(from) {
        return Err(LeftOut::Unknown);
    }
    let user_id = Some(&head.from_user_id).filter(|id| is_customer(id));
    let media = media(&head.kind, item);
    // What is fetched need not be named by its type.
    let attachments = match &media {
        Some(_) => Vec::new(),
        None => attachments,
    };
    let mut known = contacts.iter().filter(|contact| contact.is(&head));
    let name = known.next().map(Contact::name);
    Ok(What::Message(Message {
        from: from.to_owned(),
        user_id: user_id.cloned(),
        id: head.id,
        name,
        written_at: head
            .timestamp
            .and_then(|seconds| seconds.checked_mul(1_000_000))
            .map(Timestamp),
        text,
        media: media.into_iter().collect(),
        attachments,
    }))
}

/// Words and the types of attachments; nothing for what is no message: a reaction, a change of number.
fn said(kind: &str, item: &Value) -> Option<(String, Vec<String>)> {
    let text = |path: &str| {
        item.pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let plain = |text: &str| Some((text.to_owned(), Vec::new()));
    match kind {
        "reaction" | "system" | "request_welcome" => None,
        "text" => plain(text("/text/body")),
        "button" => plain(text("/button/text")),
        "interactive" => {
            let titles = [
                "/interactive/button_reply/title",
                "/interactive/list_reply/title",
            ];
            match titles.map(text).into_iter().find(|title| !title.is_empty()) {
                Some(title) => plain(title),
                None => Some((String::new(), vec![media_type(text("/interactive/type"))])),
            }
        }
        "location" => match location(item).as_str() {
            "" => Some((String::new(), vec![media_type(kind)])),
            place => plain(place),
        },
        "contacts" => Some((String::new(), vec!["text/vcard".to_owned()])),
        kind => {
            let caption = text(&format!("/{kind}/caption"));
            let media = text(&format!("/{kind}/mime_type"));
            // Without what a codec adds: "audio/ogg; codecs=opus".
            let media = media.split(';').next().filter(|media| !media.is_empty());
            Some((caption.to_owned(), vec![media_type(media.unwrap_or(kind))]))
        }
    }
}

/// A file that is fetched, where the message is one.
fn media(kind: &str, item: &Value) -> Option<Media> {
    let file = item.get(kind)?;
    let text = |name: &str| file.get(name).and_then(Value::as_str).unwrap_or_default();
    let media_type = media_type(text("mime_type"));
    let media = Media {
        name: text("filename").to_owned(),
        source: text("id").to_owned(),
        media_type,
    };
    (is_fetched(&media.media_type) && !media.source.is_empty()).then_some(media)
}

/// Where the customer is.
fn location(item: &Value) -> String {
    let part = |name: &str| item.pointer(&format!("/location/{name}"));
    let words = ["name", "address"].map(|name| part(name).and_then(Value::as_str));
    place(
        words.map(Option::unwrap_or_default),
        ["latitude", "longitude"].map(|name| part(name).and_then(Value::as_f64)),
    )
}

fn status(item: Value) -> Option<What> {
    let status: Status = parsed(item)?;
    let mut failures = status.errors.into_iter().filter_map(parsed::<Failure>);
    let code = failures.next().and_then(|failure| failure.code);
    let delivery = match status.status.as_str() {
        "sent" => Delivery::of(DeliveryState::Sent),
        "delivered" => Delivery::of(DeliveryState::Delivered),
        "read" | "played" => Delivery::of(DeliveryState::Read),
        "failed" => {
            let reason = match code {
                Some(131_047) => DeliveryReason::WindowClosed,
                _ => DeliveryReason::Undelivered,
            };
            Delivery::failed(reason, code)
        }
        _ => return None,
    };
    let reference = status.biz_opaque_callback_data.as_deref();
    let about = reference.and_then(|reference| Reported::referenced(reference, &status.id));
    let about = about.unwrap_or(Reported::Named(status.id));
    Some(What::Report(about, delivery))
}

#[cfg(test)]
mod tests;
