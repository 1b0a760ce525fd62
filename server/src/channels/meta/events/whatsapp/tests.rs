use serde_json::json;

use super::*;

fn what(message: Value) -> Option<(String, Vec<String>)> {
    let kind = message["type"].as_str().unwrap().to_owned();
    said(&kind, &message)
}

fn plain(text: &str) -> Option<(String, Vec<String>)> {
    Some((text.to_owned(), Vec::new()))
}

#[test]
fn every_kind_of_message_says_something_or_is_none() {
    assert_eq!(
        what(json!({ "type": "text", "text": { "body": "Hi" } })),
        plain("Hi")
    );
    assert_eq!(
        what(json!({ "type": "button", "button": { "text": "Yes" } })),
        plain("Yes")
    );
    let chosen = json!({ "type": "list_reply", "list_reply": { "id": "1", "title": "Blue" } });
    assert_eq!(
        what(json!({ "type": "interactive", "interactive": chosen })),
        plain("Blue")
    );
    let flow = json!({ "type": "interactive", "interactive": { "type": "nfm_reply" } });
    assert_eq!(
        what(flow),
        Some((String::new(), vec!["nfm_reply".to_owned()]))
    );
    let voice = json!({ "mime_type": "audio/ogg; codecs=opus", "id": "5", "voice": true });
    let voice = json!({ "type": "audio", "audio": voice });
    assert_eq!(
        what(voice),
        Some((String::new(), vec!["audio/ogg".to_owned()]))
    );
    let picture = json!({ "mime_type": "image/jpeg", "caption": "Look" });
    let picture = json!({ "type": "image", "image": picture });
    assert_eq!(
        what(picture),
        Some(("Look".to_owned(), vec!["image/jpeg".to_owned()]))
    );
    let place = json!({ "latitude": 52.5, "longitude": 13.4, "name": "Home" });
    let place = json!({ "type": "location", "location": place });
    assert_eq!(what(place), plain("📍 Home\n52.5, 13.4"));
    let nowhere = json!({ "type": "location", "location": {} });
    assert_eq!(
        what(nowhere),
        Some((String::new(), vec!["location".to_owned()]))
    );
    let unknown = json!({ "type": "unsupported", "errors": [{ "code": 131051 }] });
    assert_eq!(
        what(unknown),
        Some((String::new(), vec!["unsupported".to_owned()]))
    );
    assert_eq!(
        what(json!({ "type": "reaction", "reaction": { "emoji": "👍" } })),
        None
    );
    assert_eq!(what(json!({ "type": "text", "text": 5 })), plain(""));
}

fn read_change(value: Value) -> Batch {
    let mut batch = Batch::default();
    let mut value = value;
    value["metadata"] = json!({ "phone_number_id": "7" });
    read(json!({ "field": "messages", "value": value }), &mut batch);
    batch
}

#[test]
fn null_is_as_good_as_missing_and_a_time_is_one_in_any_form() {
    let message = |timestamp: Value| {
        json!({ "id": "m", "from": "9", "timestamp": timestamp,
        "type": "text", "text": { "body": "Hi" }, "button": null })
    };
    for contacts in [
        json!(null),
        json!([null, 5, { "wa_id": null, "profile": null }, { "wa_id": "9", "profile": { "name": "Dana" } }]),
        json!([{ "wa_id": "9", "profile": null }]),
        json!([{ "wa_id": "9", "profile": { "name": null } }]),
    ] {
        let named = contacts.to_string().contains("Dana");
        for (timestamp, at) in [
            (json!("1700000000"), Some(1_700_000_000_000_000)),
            (json!(1_700_000_000), Some(1_700_000_000_000_000)),
            (json!(1_700_000_000.0), Some(1_700_000_000_000_000)),
            (json!(null), None),
            (json!("soon"), None),
        ] {
            let messages = [message(timestamp)];
            let mut batch = read_change(
                json!({ "contacts": contacts, "messages": messages, "statuses": null }),
            );
            let event = batch.events.pop().expect("an event");
            let What::Message(message) = event.what else {
                panic!("a report");
            };
            assert_eq!((message.text.as_str(), batch.unknown), ("Hi", 0));
            assert_eq!(message.written_at, at.map(Timestamp));
            let name = message.name.filter(|name| !name.is_empty());
            assert_eq!(name.as_deref(), named.then_some("Dana"));
        }
    }
    let status =
        json!({ "id": "m", "status": "failed", "errors": null, "biz_opaque_callback_data": null });
    let batch = read_change(json!({ "messages": null, "contacts": null, "statuses": [status] }));
    assert_eq!((batch.events.len(), batch.unknown), (1, 0));
}

#[test]
fn a_customer_without_a_number_is_known_by_their_user_id() {
    let text = json!({ "body": "Hi" });
    let user = json!({ "id": "m", "from_user_id": "DE.1349", "type": "text", "text": text });
    let unnamed = json!({ "id": "m", "from": null, "type": "text", "text": text });
    let reaction = json!({ "id": "m", "from_user_id": "DE.1349", "type": "reaction" });
    let foreign = json!({ "id": "m", "from": "../etc", "type": "text", "text": text });
    let good = json!({ "id": "m", "from": "9", "type": "text", "text": text });
    let both =
        json!({ "id": "m", "from": "9", "from_user_id": "DE.1349", "type": "text", "text": text });
    let contacts =
        json!([{ "user_id": "DE.1349", "profile": { "name": " ", "username": "dana.d" } }]);
    let messages = json!([user, unnamed, reaction, foreign, good, both]);
    let batch = read_change(json!({ "messages": messages, "contacts": contacts }));
    assert_eq!((batch.nameless, batch.unknown), (1, 2));
    let said = batch.events.iter().map(|event| match &event.what {
        What::Message(message) => {
            let name = message.name.as_deref().unwrap_or("-");
            let user_id = message.user_id.as_deref().unwrap_or("-");
            (message.from.as_str(), user_id, name)
        }
        What::Report(..) => panic!("a report"),
    });
    assert_eq!(
        said.collect::<Vec<_>>(),
        [
            ("DE.1349", "DE.1349", "dana.d"),
            ("9", "-", "-"),
            ("9", "DE.1349", "dana.d")
        ]
    );
}

#[test]
fn a_picture_and_a_document_are_fetched_and_a_voice_is_not() {
    let of = |kind: &str, file: Value| media(kind, &json!({ "type": kind, kind: file }));
    let picture = of(
        "image",
        json!({ "mime_type": "image/jpeg", "id": "5", "caption": "Look" }),
    );
    let expected = Media {
        media_type: "image/jpeg".to_owned(),
        name: String::new(),
        source: "5".to_owned(),
    };
    assert_eq!(picture, Some(expected));
    let document = json!({ "mime_type": "application/pdf", "id": "6", "filename": "bill.pdf" });
    assert_eq!(of("document", document).unwrap().name, "bill.pdf");
    assert_eq!(
        of(
            "audio",
            json!({ "mime_type": "audio/ogg; codecs=opus", "id": "7" })
        ),
        None
    );
    assert_eq!(of("image", json!({ "mime_type": "image/jpeg" })), None);
    assert_eq!(of("text", json!({ "body": "Hi" })), None);
}

#[test]
fn a_status_is_about_what_was_sent_with_the_message_or_about_its_name() {
    let read = |more: Value| {
        let mut item = json!({ "id": "wamid.1", "status": "delivered", "recipient_id": "1" });
        item.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        status(item)
    };
    let named = Reported::Named("wamid.1".to_owned());
    let delivered = Delivery::of(DeliveryState::Delivered);
    assert_eq!(
        read(json!({})),
        Some(What::Report(named.clone(), delivered))
    );
    let numbered = Reported::referenced("x.4", "wamid.1").unwrap();
    let reference = json!({ "biz_opaque_callback_data": "x.4" });
    assert_eq!(read(reference), Some(What::Report(numbered, delivered)));
    let foreign = json!({ "biz_opaque_callback_data": "another program's" });
    assert_eq!(read(foreign), Some(What::Report(named.clone(), delivered)));
    let failed = json!({ "status": "failed", "errors": [{ "code": 131047 }] });
    let closed = Delivery::failed(DeliveryReason::WindowClosed, Some(131_047));
    assert_eq!(read(failed), Some(What::Report(named, closed)));
    assert_eq!(read(json!({ "status": "warming_up" })), None);
}
