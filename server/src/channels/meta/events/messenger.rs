//! The items of Messenger's and Instagram's batches: messages, buttons, and how far ours have come.

use serde::Deserialize;
use serde_json::Value;
use shared::delivery::{Delivery, DeliveryState};
use shared::time::Timestamp;

use super::lenient::{number, or_default};
use super::{Batch, Message, What, parsed};
use crate::channels::meta::Product;
use crate::channels::webhook::{is_customer, media_type};
use crate::commands::Reported;
use crate::desk::channels::Media;

/// How many attachments of one message are named.
const ATTACHMENTS_MAX: usize = 10;

/// Something between a customer and a page or an account.
#[derive(Deserialize)]
struct Item {
    sender: Party,
    #[serde(default, deserialize_with = "number")]
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
    #[serde(default, deserialize_with = "or_default")]
    text: String,
    #[serde(default, deserialize_with = "or_default")]
    attachments: Vec<Value>,
    /// What the page or account has sent, by us or by others.
    #[serde(default, deserialize_with = "or_default")]
    is_echo: bool,
    /// What the customer has taken back.
    #[serde(default, deserialize_with = "or_default")]
    is_deleted: bool,
    #[serde(default, deserialize_with = "or_default")]
    is_unsupported: bool,
}

/// A button that the customer has pressed.
#[derive(Deserialize)]
struct Postback {
    #[serde(default, deserialize_with = "or_default")]
    mid: String,
    #[serde(default, deserialize_with = "or_default")]
    title: String,
}

#[derive(Deserialize)]
struct Delivered {
    #[serde(default, deserialize_with = "or_default")]
    mids: Vec<String>,
    #[serde(default, deserialize_with = "number")]
    watermark: Option<i64>,
}

/// Messenger says until when, Instagram which one.
#[derive(Deserialize)]
struct ReadUntil {
    #[serde(default, deserialize_with = "number")]
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
    // One without an id could not be distinguished from its redelivery.
    if let Some(postback) = item.postback.filter(|postback| !postback.mid.is_empty()) {
        let said = Message {
            id: postback.mid,
            from: from.clone(),
            user_id: None,
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
    // One of another shape is one all the same.
    let text = |attachment: &Value, path: &str| {
        let text = attachment.pointer(path).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let shown = said.attachments.iter().take(ATTACHMENTS_MAX);
    let shown = shown.map(|one| (text(one, "/type"), text(one, "/payload/url")));
    let shown = shown.filter(|(kind, _)| !preview(kind));
    // Of what sort a file is only its content says.
    let is_file =
        |(kind, url): &(String, String)| ["image", "file"].contains(&&kind[..]) && !url.is_empty();
    let (files, others): (Vec<_>, Vec<_>) = shown.partition(is_file);
    let media = files.into_iter().map(|(kind, url)| Media {
        media_type: media_type(&kind),
        name: String::new(),
        source: url,
    });
    let others = others.into_iter().map(|(kind, _)| media_type(&kind));
    let attachments = others.chain(unsupported);
    What::Message(Message {
        media: media.collect(),
        attachments: attachments.collect(),
        id: said.mid,
        from,
        user_id: None,
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
    fn null_is_as_good_as_missing_and_a_time_is_one_in_any_form() {
        let message = json!({ "mid": "m", "text": "Hi", "attachments": null, "is_echo": null,
            "is_deleted": null, "is_unsupported": null });
        assert_eq!(said(message), Some(("Hi".to_owned(), Vec::new())));
        let message = json!({ "mid": "m", "text": null, "attachments": [null, { "type": null }, { "type": "image" }] });
        let kinds = ["?", "?", "image"].map(ToOwned::to_owned).to_vec();
        assert_eq!(said(message), Some((String::new(), kinds)));
        let written_at = |timestamp: Value| {
            let message = json!({ "mid": "m", "text": "Hi" });
            let item = json!({ "sender": { "id": "9" }, "timestamp": timestamp, "message": message,
                "postback": null, "delivery": null, "read": null });
            match events(item).pop() {
                Some(What::Message(message)) => message.written_at,
                other => panic!("{timestamp}: {other:?}"),
            }
        };
        let moment = Some(Timestamp(1_700_000_000_123_000));
        assert_eq!(written_at(json!("1700000000123")), moment);
        assert_eq!(written_at(json!(1_700_000_000_123.0)), moment);
        for none in [json!(null), json!("soon"), json!({}), json!(i64::MAX)] {
            assert_eq!(written_at(none), None);
        }
        let postback = json!({ "mid": "p", "title": null });
        let item = json!({ "sender": { "id": "9" }, "postback": postback });
        assert_eq!(events(item).len(), 1);
        let delivered = json!({ "mids": null, "watermark": "5" });
        let item = json!({ "sender": { "id": "9" }, "delivery": delivered });
        let until = Reported::Until {
            address: "9".to_owned(),
            at: Timestamp(5_000),
        };
        let state = Delivery::of(DeliveryState::Delivered);
        assert_eq!(events(item), [What::Report(until, state)]);
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
