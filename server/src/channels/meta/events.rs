//! What Meta says in a batch: messages of customers, and how far ours have come. An item of a shape that is not known here is left
//! out; it costs none of the others.

mod whatsapp;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::delivery::{Delivery, DeliveryState};
use shared::time::Timestamp;

use super::Product;
use crate::channels::webhook::media_type;
use crate::commands::Reported;

/// How many attachments of one message are named.
const ATTACHMENTS_MAX: usize = 10;
/// The longest id of a customer, in characters.
const CUSTOMER_MAX: usize = 64;

/// A batch.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) events: Vec<Event>,
    /// How many items have a shape that is not known here.
    pub(super) unknown: usize,
}

/// One thing that is said.
#[derive(Debug, PartialEq)]
pub(super) struct Event {
    pub(super) product: Product,
    /// The page, account or number that it is about, as a channel is addressed.
    pub(super) address: String,
    pub(super) what: What,
}

#[derive(Debug, PartialEq)]
pub(super) enum What {
    Message(Message),
    Report(Reported, Delivery),
}

/// A customer's message.
#[derive(Debug, PartialEq)]
pub(super) struct Message {
    /// What Meta calls it.
    pub(super) id: String,
    /// Who writes.
    pub(super) from: String,
    /// How they call themselves.
    pub(super) name: Option<String>,
    pub(super) written_at: Option<Timestamp>,
    pub(super) text: String,
    /// The types of what came with it.
    pub(super) attachments: Vec<String>,
}

/// A body that is no batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoBatch;

#[derive(Deserialize)]
struct Body {
    object: String,
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    id: String,
    /// Of Messenger and Instagram.
    #[serde(default)]
    messaging: Vec<Value>,
    /// Of WhatsApp.
    #[serde(default)]
    changes: Vec<Value>,
}

/// Something between a customer and a page or an account.
#[derive(Deserialize)]
struct Item {
    sender: Party,
    timestamp: Option<i64>,
    message: Option<Said>,
    postback: Option<Postback>,
    delivery: Option<Delivered>,
    read: Option<ReadUntil>,
}

#[derive(Deserialize)]
struct Party {
    id: String,
}

#[derive(Deserialize)]
struct Said {
    mid: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    attachments: Vec<Attachment>,
    /// What the page or account has sent, by us or by others.
    #[serde(default)]
    is_echo: bool,
    /// What the customer has taken back.
    #[serde(default)]
    is_deleted: bool,
    #[serde(default)]
    is_unsupported: bool,
}

#[derive(Deserialize)]
struct Attachment {
    #[serde(default, rename = "type")]
    kind: String,
}

/// A button that the customer has pressed.
#[derive(Deserialize)]
struct Postback {
    #[serde(default)]
    mid: String,
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct Delivered {
    #[serde(default)]
    mids: Vec<String>,
    watermark: Option<i64>,
}

/// Messenger says until when, Instagram which one.
#[derive(Deserialize)]
struct ReadUntil {
    watermark: Option<i64>,
    mid: Option<String>,
}

/// Reads a batch, in its order.
pub(super) fn read(body: &[u8]) -> Result<Batch, NoBatch> {
    let body: Body = serde_json::from_slice(body).map_err(|_| NoBatch)?;
    let product = Product::ALL
        .into_iter()
        .find(|product| product.object() == body.object);
    let mut batch = Batch::default();
    let Some(product) = product else {
        batch.unknown = body.entry.len();
        return Ok(batch);
    };
    for entry in body.entry {
        for change in entry.changes {
            match product {
                Product::Whatsapp => whatsapp::read(change, &mut batch),
                // Of the page itself, such as comments.
                Product::Messenger | Product::Instagram => batch.unknown += 1,
            }
        }
        for item in entry.messaging {
            batch.item(product, &entry.id, item);
        }
    }
    Ok(batch)
}

impl Batch {
    fn item(&mut self, product: Product, address: &str, item: Value) {
        let Some(item) = parsed::<Item>(item).filter(|item| is_customer(&item.sender.id)) else {
            self.unknown += 1;
            return;
        };
        let from = item.sender.id;
        let before = self.events.len();
        if let Some(said) = item.message {
            if said.is_echo || said.is_deleted || from == address {
                return;
            }
            let what = message(from.clone(), item.timestamp, said);
            self.say(product, address, what);
        }
        // One without a name could not be told from its redelivery.
        if let Some(postback) = item.postback.filter(|postback| !postback.mid.is_empty()) {
            let said = Message {
                id: postback.mid,
                from: from.clone(),
                name: None,
                written_at: item.timestamp.and_then(millis),
                text: postback.title,
                attachments: Vec::new(),
            };
            self.say(product, address, What::Message(said));
        }
        if let Some(delivered) = item.delivery {
            let named = delivered.mids.into_iter().map(Reported::Named);
            let until = delivered.watermark.and_then(|at| until(&from, at));
            self.report(
                product,
                address,
                DeliveryState::Delivered,
                named.chain(until),
            );
        }
        if let Some(read) = item.read {
            let named = read.mid.into_iter().map(Reported::Named);
            let until = read.watermark.and_then(|at| until(&from, at));
            self.report(product, address, DeliveryState::Read, named.chain(until));
        }
        if self.events.len() == before {
            self.unknown += 1;
        }
    }

    fn say(&mut self, product: Product, address: &str, what: What) {
        self.events.push(Event {
            product,
            address: address.to_owned(),
            what,
        });
    }

    fn report(
        &mut self,
        product: Product,
        address: &str,
        state: DeliveryState,
        about: impl Iterator<Item = Reported>,
    ) {
        for about in about {
            self.say(product, address, What::Report(about, Delivery::of(state)));
        }
    }
}

fn message(from: String, timestamp: Option<i64>, said: Said) -> What {
    let unsupported = said.is_unsupported.then(|| "unsupported".to_owned());
    // The preview of a link that stands in the text.
    let preview = |kind: &str| kind == "fallback" && !said.text.is_empty();
    let kinds = said.attachments.iter().map(|attachment| &attachment.kind);
    let kinds = kinds.filter(|kind| !preview(kind));
    let attachments = kinds.map(|kind| media_type(kind)).chain(unsupported);
    What::Message(Message {
        attachments: attachments.take(ATTACHMENTS_MAX).collect(),
        id: said.mid,
        from,
        name: None,
        written_at: timestamp.and_then(millis),
        text: said.text,
    })
}

fn until(from: &str, watermark: i64) -> Option<Reported> {
    Some(Reported::Until {
        address: from.to_owned(),
        at: millis(watermark)?,
    })
}

/// A time of Messenger's and Instagram's.
fn millis(millis: i64) -> Option<Timestamp> {
    millis.checked_mul(1_000).map(Timestamp)
}

/// Whether a customer can be called so.
fn is_customer(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=CUSTOMER_MAX).contains(&id.len()) && id.bytes().all(plain)
}

fn parsed<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn events(item: Value) -> Vec<What> {
        let body = json!({ "object": "page", "entry": [{ "id": "7", "messaging": [item] }] });
        let batch = read(body.to_string().as_bytes()).unwrap();
        let events = batch.events.into_iter();
        events.map(|event| event.what).collect()
    }

    fn said(message: Value) -> Option<(String, Vec<String>)> {
        let item = json!({ "sender": { "id": "9" }, "timestamp": 1_700_000_000_123_i64, "message": message });
        match events(item).pop()? {
            What::Message(message) => {
                assert_eq!(message.written_at, Some(Timestamp(1_700_000_000_123_000)));
                Some((message.text, message.attachments))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_a_customer_says_is_told_from_everything_else() {
        let plain = |text: &str, kinds: &[&str]| {
            let kinds = kinds.iter().map(|kind| (*kind).to_owned());
            Some((text.to_owned(), kinds.collect()))
        };
        assert_eq!(said(json!({ "mid": "m", "text": "Hi" })), plain("Hi", &[]));
        let quick = json!({ "mid": "m", "text": "Yes", "quick_reply": { "payload": "Y" } });
        assert_eq!(said(quick), plain("Yes", &[]));
        let pictures = json!({ "mid": "m", "attachments": [
            { "type": "image", "payload": { "url": "https://x.test/1" } }, { "type": "video" } ] });
        assert_eq!(said(pictures), plain("", &["image", "video"]));
        let link = json!({ "mid": "m", "text": "https://x.test", "attachments": [{ "type": "fallback" }] });
        assert_eq!(said(link), plain("https://x.test", &[]));
        let unsupported = json!({ "mid": "m", "is_unsupported": true });
        assert_eq!(said(unsupported), plain("", &["unsupported"]));
        for nothing in [
            json!({ "mid": "m", "text": "Ours", "is_echo": true, "app_id": 1 }),
            json!({ "mid": "m", "is_deleted": true }),
            json!({ "text": "without a name" }),
            json!({ "mid": 5, "text": "Hi" }),
        ] {
            assert_eq!(said(nothing.clone()), None, "{nothing}");
        }
    }

    #[test]
    fn reports_name_messages_or_a_moment() {
        let sender = json!({ "id": "9" });
        let until = |at| Reported::Until {
            address: "9".to_owned(),
            at: Timestamp(at),
        };
        let delivered = json!({ "sender": sender, "delivery": { "mids": ["a"], "watermark": 5 } });
        let state = Delivery::of(DeliveryState::Delivered);
        assert_eq!(
            events(delivered),
            [
                What::Report(Reported::Named("a".to_owned()), state),
                What::Report(until(5_000), state)
            ]
        );
        let state = Delivery::of(DeliveryState::Read);
        let read = json!({ "sender": sender, "read": { "watermark": 7 } });
        assert_eq!(events(read), [What::Report(until(7_000), state)]);
        let seen = json!({ "sender": sender, "read": { "mid": "b" } });
        assert_eq!(
            events(seen),
            [What::Report(Reported::Named("b".to_owned()), state)]
        );
        let absurd = json!({ "sender": sender, "read": { "watermark": i64::MAX } });
        assert_eq!(events(absurd), []);
    }

    #[test]
    fn an_item_of_another_shape_costs_none_of_the_others() {
        let good = json!({ "sender": { "id": "9" }, "message": { "mid": "m", "text": "Hi" } });
        let body = json!({ "object": "page", "entry": [
            { "id": "7", "messaging": [5, { "sender": "9" }, good, { "sender": { "id": "9" }, "optin": {} }] },
            { "id": "8", "changes": [{ "field": "feed" }] },
        ] });
        let batch = read(body.to_string().as_bytes()).unwrap();
        assert_eq!((batch.events.len(), batch.unknown), (1, 4));
        let body = json!({ "object": "user", "entry": [{ "id": "7" }] });
        assert_eq!(read(body.to_string().as_bytes()).unwrap().unknown, 1);
        for no_batch in [
            "",
            "[]",
            "{}",
            "{\"object\":\"page\",\"entry\":5}",
            "\u{FEFF}{}",
        ] {
            assert_eq!(read(no_batch.as_bytes()).err(), Some(NoBatch), "{no_batch}");
        }
    }
}
