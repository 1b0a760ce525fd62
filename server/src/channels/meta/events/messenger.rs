//! The items of Messenger's and Instagram's batches: messages, buttons, and how far ours have come.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use shared::delivery::{Delivery, DeliveryState};
use shared::time::Timestamp;

use super::{Batch, Message, What, is_customer, parsed};
use crate::channels::meta::Product;
use crate::channels::webhook::media_type;
use crate::commands::Reported;
use crate::desk::channels::Media;

/// How many attachments of one message are named.
const ATTACHMENTS_MAX: usize = 10;

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
    #[serde(default, deserialize_with = "payload")]
    payload: Payload,
}

/// Where a file is.
#[derive(Default, Deserialize)]
struct Payload {
    #[serde(default)]
    url: String,
}

/// What has another shape says nothing.
fn payload<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Payload, D::Error> {
    Ok(parsed(Value::deserialize(deserializer)?).unwrap_or_default())
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

/// Reads an item of an entry of this page or account.
pub(super) fn read(product: Product, address: &str, item: Value, batch: &mut Batch) {
    let Some(item) = parsed::<Item>(item).filter(|item| is_customer(&item.sender.id)) else {
        batch.unknown += 1;
        return;
    };
    let from = item.sender.id;
    let before = batch.events.len();
    if let Some(said) = item.message {
        if said.is_echo || said.is_deleted || from == address {
            return;
        }
        let what = message(from.clone(), item.timestamp, said);
        batch.say(product, address, what);
    }
    // One without a name could not be told from its redelivery.
    if let Some(postback) = item.postback.filter(|postback| !postback.mid.is_empty()) {
        let said = Message {
            id: postback.mid,
            from: from.clone(),
            name: None,
            written_at: item.timestamp.and_then(millis),
            text: postback.title,
            media: Vec::new(),
            attachments: Vec::new(),
        };
        batch.say(product, address, What::Message(said));
    }
    if let Some(delivered) = item.delivery {
        let named = delivered.mids.into_iter().map(Reported::Named);
        let until = delivered.watermark.and_then(|at| until(&from, at));
        report(
            batch,
            product,
            address,
            DeliveryState::Delivered,
            named.chain(until),
        );
    }
    if let Some(read) = item.read {
        let named = read.mid.into_iter().map(Reported::Named);
        let until = read.watermark.and_then(|at| until(&from, at));
        report(
            batch,
            product,
            address,
            DeliveryState::Read,
            named.chain(until),
        );
    }
    if batch.events.len() == before {
        batch.unknown += 1;
    }
}

fn report(
    batch: &mut Batch,
    product: Product,
    address: &str,
    state: DeliveryState,
    about: impl Iterator<Item = Reported>,
) {
    for about in about {
        batch.say(product, address, What::Report(about, Delivery::of(state)));
    }
}

fn message(from: String, timestamp: Option<i64>, said: Said) -> What {
    let unsupported = said.is_unsupported.then(|| "unsupported".to_owned());
    // The preview of a link that stands in the text.
    let preview = |kind: &str| kind == "fallback" && !said.text.is_empty();
    let shown = said.attachments.iter().take(ATTACHMENTS_MAX);
    let shown = shown.filter(|attachment| !preview(&attachment.kind));
    // Of what sort a file is only its content says.
    let is_file = |attachment: &&Attachment| {
        ["image", "file"].contains(&attachment.kind.as_str()) && !attachment.payload.url.is_empty()
    };
    let (files, others): (Vec<_>, Vec<_>) = shown.partition(is_file);
    let media = files.into_iter().map(|attachment| Media {
        media_type: media_type(&attachment.kind),
        name: String::new(),
        source: attachment.payload.url.clone(),
    });
    let others = others
        .into_iter()
        .map(|attachment| media_type(&attachment.kind));
    let attachments = others.chain(unsupported);
    What::Message(Message {
        media: media.collect(),
        attachments: attachments.collect(),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::read as read_batch;
    use super::*;

    fn events(item: Value) -> Vec<What> {
        let body = json!({ "object": "page", "entry": [{ "id": "7", "messaging": [item] }] });
        let batch = read_batch(body.to_string().as_bytes()).unwrap();
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
        assert_eq!(
            said(pictures),
            plain("", &["video"]),
            "the picture is fetched"
        );
        let odd = json!({ "mid": "m", "attachments": [{ "type": "image", "payload": "?" }] });
        assert_eq!(said(odd), plain("", &["image"]), "nobody says where it is");
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
}
