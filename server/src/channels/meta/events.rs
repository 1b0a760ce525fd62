//! What Meta says in a batch: messages of customers, and how far ours have come. An item of a shape that is not known here is left
//! out; it costs none of the others.

mod lenient;
mod messenger;
mod whatsapp;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::delivery::Delivery;
use shared::time::Timestamp;

use self::lenient::{or_default, repaired};
use super::Product;
use crate::commands::Reported;
use crate::desk::channels::Media;

/// A batch.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) events: Vec<Event>,
    /// How many items have a shape that is not known here.
    pub(super) unknown: usize,
    /// How many messages name nobody whom anybody could answer.
    pub(super) nameless: usize,
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
    /// Who writes: their id, on WhatsApp their number, or their user id where it is withheld.
    pub(super) from: String,
    /// WhatsApp's user id, which is another one for each business and stays when the number is withheld.
    pub(super) user_id: Option<String>,
    /// How they call themselves.
    pub(super) name: Option<String>,
    pub(super) written_at: Option<Timestamp>,
    pub(super) text: String,
    /// Files that came with it and are fetched.
    pub(super) media: Vec<Media>,
    /// The types of what else came with it.
    pub(super) attachments: Vec<String>,
}

/// A body that is no batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoBatch;

#[derive(Deserialize)]
struct Body {
    object: String,
    entry: Vec<Value>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default, deserialize_with = "or_default")]
    id: String,
    /// Of Messenger and Instagram.
    #[serde(default, deserialize_with = "or_default")]
    messaging: Vec<Value>,
    /// Of WhatsApp.
    #[serde(default, deserialize_with = "or_default")]
    changes: Vec<Value>,
}

/// Reads a batch, in its order. One sign that is none costs no more than itself.
pub(super) fn read(body: &[u8]) -> Result<Batch, NoBatch> {
    let read = serde_json::from_slice(body).or_else(|_| serde_json::from_str(&repaired(body)));
    let body: Body = read.map_err(|_| NoBatch)?;
    let product = Product::ALL
        .into_iter()
        .find(|product| product.object() == body.object);
    let mut batch = Batch::default();
    let Some(product) = product else {
        batch.unknown = body.entry.len();
        return Ok(batch);
    };
    for entry in body.entry {
        let Some(entry) = parsed::<Entry>(entry) else {
            batch.unknown += 1;
            continue;
        };
        for change in entry.changes {
            match product {
                Product::Whatsapp => whatsapp::read(change, &mut batch),
                // Of the page itself, such as comments.
                Product::Messenger | Product::Instagram => batch.unknown += 1,
            }
        }
        for item in entry.messaging {
            messenger::read(product, &entry.id, item, &mut batch);
        }
    }
    Ok(batch)
}

impl Batch {
    fn say(&mut self, product: Product, address: &str, what: What) {
        self.events.push(Event {
            product,
            address: address.to_owned(),
            what,
        });
    }
}

fn parsed<T: DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
        let good = json!({ "sender": { "id": "9" }, "message": { "mid": "m", "text": "Hi" } });
        let body = json!({ "object": "page", "entry": [
            5, null, { "id": "7", "messaging": {} }, { "id": "7", "messaging": null, "changes": null },
            { "id": "7", "messaging": [good], "changes": null },
        ] });
        let batch = read(body.to_string().as_bytes()).unwrap();
        assert_eq!((batch.events.len(), batch.unknown), (1, 3));
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

    fn texts(body: &[u8]) -> Vec<String> {
        let events = read(body).unwrap().events.into_iter();
        let texts = events.map(|event| match event.what {
            What::Message(message) => message.text,
            What::Report(..) => panic!("a report"),
        });
        texts.collect()
    }

    #[test]
    fn a_sign_that_is_none_costs_itself_and_no_message() {
        let batch = |said: &[u8]| {
            let (before, after) = (
                br#"{"object":"page","entry":[{"id":"7","messaging":[{"sender":{"id":"9"},"message":{"mid":"a","text":""#,
                br#""}},{"sender":{"id":"9"},"message":{"mid":"b","text":"Hi"}}]}]}"#,
            );
            [before.as_slice(), said, after].concat()
        };
        for (said, text) in [
            (br"Bye \ud83d".as_slice(), "Bye \u{FFFD}"),
            (br"\uDC4D!", "\u{FFFD}!"),
            (br"\ud83d\ud83d\udc4d", "\u{FFFD}👍"),
            (br"\ud83d\n\\ud83d", "\u{FFFD}\n\\ud83d"),
            (b"Bye \xFF", "Bye \u{FFFD}"),
            (br"\ud83d\udc4d \u00e4", "👍 ä"),
        ] {
            assert_eq!(texts(&batch(said)), [text, "Hi"], "{text}");
        }
    }
}
