//! Silence (SPEC, part 3) on the way through Meta: one conversation twice, with all that supervisors do and without, with the same
//! clock and ids. Meta is asked for the same, byte for byte, in the same order and as often, and never for a typing sign or a read
//! mark; and so are its own calls answered. A system that reads what the customer saw reads the same.

use serde_json::{Value, json};
use shared::delivery::DeliveryState;

use crate::craft::{BESIDE, Craft, HIDDEN, INSTEAD, LONG, REASSIGNED};
use crate::host::{Answered, DANA, Host, INSTAGRAM, MESSENGER, WHATSAPP};
use crate::provided::{Heard, OFFER};
use crate::stand_in::{Next, id};

/// The picture that Dana sends, and where Meta has it.
const PICTURE: &[u8] = b"\xff\xd8\xff\xc0\0\x11\x08\0\x01\0\x01 a picture";
const PATH: &str = "/kept";

async fn heard(kind: &'static str, coached: bool, notified: bool) -> Heard {
    let host = Host::start_as(kind).await;
    let craft = Craft::begin(&host.desk, coached).await;
    if !notified {
        craft.agents_are_not_notified().await;
    }
    let picture = host.batch(with_a_picture(&host));
    let mut answered = vec![host.meta_calls(&picture).await];
    let workitem = host.given_to_amy().await;
    host.clock.advance(LONG);
    craft.everything_silent(&workitem).await;
    if coached {
        host.sam_coaches(&workitem, "Ask for the order first").await;
        host.amy_replies(&workitem, "She has none yet").await;
    }
    host.clock.advance(5);
    assert_eq!(host.fetches().await, 1);
    host.amy_says(&workitem, "May I have the order number?")
        .await;
    host.meta
        .next([Next::Answer(500, None, ""), Next::TakenWithoutAnswer]);
    host.round().await;
    answered.push(host.dana_writes("mid-2", "LF-448812").await);
    let offer = host.amy_offers(&workitem, coached).await;
    craft.sam_writes_beside(&workitem, BESIDE).await;
    craft.sam_takes_over(&workitem, INSTEAD).await;
    craft.sam_reassigns(&workitem, REASSIGNED).await;
    for _ in 0..4 {
        host.clock.advance(700);
        while host.round().await > 0 {}
    }
    for report in reports(&host) {
        answered.push(host.meta_calls(&host.batch(report)).await);
    }
    let state = host.state(&workitem, &offer).await;
    assert_eq!(state, DeliveryState::Read);
    craft.ends(&workitem).await;
    craft.wraps_up(&workitem).await;
    if coached {
        host.sam_coaches(&workitem, "That went well").await;
        host.amy_replies(&workitem, "Thank you, Sam").await;
    }
    // The next conversation of the same customer.
    host.clock.advance(3_600);
    answered.push(host.dana_writes("mid-3", "One more thing").await);
    let second = host.given_to_amy().await;
    if coached {
        host.sam_coaches(&second, "Again?").await;
    }
    let last = host.amy_says(&second, "Yes?").await;
    host.round().await;
    assert_eq!(host.state(&second, &last).await, DeliveryState::Sent);
    Heard {
        read: host.customers_transcript(&workitem).await,
        asked: host.meta.asked(),
        answered,
    }
}

/// Dana's first message: on WhatsApp its picture has a name, and Meta says where it is.
fn with_a_picture(host: &Host) -> Value {
    let text = "My lamp hums";
    let kept = host.meta.serves(PATH, PICTURE);
    let mut said = host.message("mid-1", text);
    if host.kind == WHATSAPP {
        let located = json!({ "url": kept }).to_string();
        host.meta.serves("/v25.0/712345", located.as_bytes());
        said["messages"][0]["type"] = json!("image");
        said["messages"][0]["image"] =
            json!({ "id": "712345", "mime_type": "image/jpeg", "caption": text });
        return said;
    }
    let picture = json!({ "type": "image", "payload": { "url": kept } });
    said["message"]["attachments"] = json!([picture]);
    said
}

/// What Meta says of all that it took, in the words of each kind: it was read, and before that it had come.
fn reports(host: &Host) -> Vec<Value> {
    let taken = 1..=host.meta.taken().len();
    match host.kind {
        WHATSAPP => {
            let status = |number: usize, word: &str| {
                let said = json!({ "id": id(number), "status": word, "timestamp": "1", "recipient_id": DANA });
                json!({ "statuses": [said] })
            };
            let both = |number| [status(number, "delivered"), status(number, "read")];
            taken.flat_map(both).collect()
        }
        INSTAGRAM => {
            let read = |number| host.item(json!({ "read": { "mid": id(number) } }));
            taken.map(read).collect()
        }
        _ => {
            let ids: Vec<String> = taken.map(id).collect();
            let until = host.millis();
            vec![
                host.item(json!({ "delivery": { "mids": ids, "watermark": until } })),
                host.item(json!({ "read": { "watermark": until } })),
            ]
        }
    }
}

#[tokio::test]
async fn m21_meta_is_asked_for_the_same_whether_or_not_anybody_coaches() {
    for kind in [MESSENGER, INSTAGRAM, WHATSAPP] {
        let alone = heard(kind, false, true).await;
        let coached = heard(kind, true, true).await;
        let bodies: String = alone
            .asked
            .iter()
            .map(|asked| asked.body.as_str())
            .collect();
        let said = [OFFER, BESIDE, INSTEAD, REASSIGNED];
        for said in said {
            assert!(bodies.contains(said), "{kind}: {said}");
        }
        let marks = ["sender_action", "typing", "mark_seen", "status"];
        for never in marks.into_iter().chain([HIDDEN, "Sam", "Sue", "joined"]) {
            assert!(!bodies.contains(never), "{kind}: {never}");
        }
        let fetched = alone.asked.iter().filter(|asked| asked.path == PATH);
        assert_eq!(fetched.count(), 1, "{kind}");
        let taken = |answer: &Answered| (answer.status, answer.body.as_str()) == (200, "");
        assert!(alone.answered.len() > 4, "{kind}: messages and reports");
        assert!(alone.answered.iter().all(taken), "{kind}");
        let read = alone.read.body.as_str();
        assert_eq!(alone.read.status, 200, "{read}");
        assert!(said.iter().all(|said| read.contains(said)), "{read}");
        assert!(read.contains("\"image/jpeg\""), "{read}");
        assert_eq!(alone, coached, "{kind}");
    }
}

#[tokio::test]
async fn m21_meta_is_asked_for_the_same_where_agents_are_not_notified_of_monitoring() {
    for kind in [MESSENGER, INSTAGRAM, WHATSAPP] {
        let alone = heard(kind, false, false).await;
        let coached = heard(kind, true, false).await;
        assert!(!alone.asked.is_empty(), "{kind}");
        assert_eq!(alone, coached, "{kind}");
    }
}
