//! What goes to Meta: in order, tried again, given up with a reason, and twice only where nobody can know.

use std::time::{Duration, Instant};

use app::backend::Channels;
use serde_json::json;
use server::desk::providers::Outgoing;
use shared::channels::NamedValue;
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::error::{AppError, Problem};
use shared::workitem::Service;

use crate::host::{DANA, Host, INSTAGRAM, MESSENGER, OURS, PAGE, WHATSAPP, change};
use crate::stand_in::{Next, Odd, TOKEN, id};

/// Longer than any pause.
const LATER: u64 = 700;

/// From now on the channel may hand over so many messages in a second.
async fn set_rate(host: &Host, kind: &'static str, rate: &str) {
    let mut edit = change(kind);
    edit.version = host.channel.version;
    edit.settings = vec![NamedValue {
        name: "rate".to_owned(),
        value: rate.to_owned(),
    }];
    let (ada, key) = (host.caller("ada").await, host.channel.key.clone());
    let saved = host
        .desk
        .provider_channel_update(&ada, host.key(), key, edit);
    saved.await.unwrap();
}

#[tokio::test]
async fn messenger_and_instagram_are_asked_as_meta_wants_it() {
    for (kind, sender) in [(MESSENGER, OURS), (INSTAGRAM, PAGE)] {
        let host = Host::start_as(kind).await;
        let workitem = host.conversation().await;
        let entry = host.amy_says(&workitem, "Which lamp? ä€🙂").await;
        assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Queued);
        assert_eq!(host.round().await, 1);
        assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
        let asked = &host.meta.sends()[0];
        assert_eq!(asked.path, format!("/v25.0/{sender}/messages"));
        assert_eq!(asked.header("content-type"), "application/json");
        assert_eq!(asked.header("authorization"), "");
        let body = asked.json();
        let proof = body["appsecret_proof"].as_str().unwrap();
        assert_eq!(proof.len(), 64);
        assert_eq!(
            body,
            json!({
                "recipient": { "id": DANA },
                "messaging_type": "RESPONSE",
                "message": { "text": "Which lamp? ä€🙂" },
                "access_token": TOKEN,
                "appsecret_proof": proof,
            })
        );
        host.in_order().await;
    }
}

#[tokio::test]
async fn whatsapp_is_asked_as_meta_wants_it() {
    let host = Host::start_as(WHATSAPP).await;
    let workitem = host.conversation().await;
    host.amy_says(&workitem, "Which lamp?").await;
    host.round().await;
    let asked = &host.meta.sends()[0];
    assert_eq!(asked.path, format!("/v25.0/{OURS}/messages"));
    assert_eq!(asked.header("authorization"), format!("Bearer {TOKEN}"));
    let body = asked.json();
    let reference = body["biz_opaque_callback_data"].as_str().unwrap();
    assert!(reference.ends_with(".1"), "{reference}");
    assert_eq!(
        body,
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": DANA,
            "type": "text",
            "text": { "body": "Which lamp?" },
            "biz_opaque_callback_data": reference,
        })
    );
    let known = format!(
        "SELECT COUNT(*) FROM deliveries WHERE provider_id = '{}'",
        id(1)
    );
    assert_eq!(host.count(&known), 1);
}

#[tokio::test]
async fn no_more_go_out_in_a_second_than_the_channel_may_and_in_order() {
    let host = Host::start().await;
    set_rate(&host, MESSENGER, "2").await;
    let workitem = host.conversation().await;
    for text in ["one", "two", "three"] {
        host.amy_says(&workitem, text).await;
    }
    let begun = Instant::now();
    for _ in 0..3 {
        assert_eq!(host.round().await, 1);
    }
    assert!(begun.elapsed() >= Duration::from_secs(1), "two in a second");
    let sends = host.meta.sends();
    let texts = sends
        .iter()
        .map(|asked| asked.json()["message"]["text"].clone());
    assert_eq!(texts.collect::<Vec<_>>(), ["one", "two", "three"]);
}

/// What went out before it may have been too much.
#[tokio::test]
async fn a_pause_holds_for_a_message_that_waits_for_its_turn() {
    let host = Host::start_as(WHATSAPP).await;
    set_rate(&host, WHATSAPP, "1").await;
    let danas = host.conversation().await;
    let mut other = host.message("wamid.other", "Hello");
    other["messages"][0]["from"] = json!("4917000000000");
    assert_eq!(host.meta_calls(&host.batch(other)).await.status, 200);
    let second = host.given_to_amy().await;
    host.amy_says(&danas, "one").await;
    host.amy_says(&second, "two").await;
    host.meta.next([Next::Answer(429, Some(90), "nonsense")]);
    let taken = host.desk.outbox_take().await.unwrap();
    assert_eq!(taken.len(), 2);
    tokio::join!(
        host.desk.outbox_deliver(&taken[0]),
        host.desk.outbox_deliver(&taken[1]),
    );
    assert_eq!(host.meta.sends().len(), 1, "whichever had the first turn");
    drop(taken);
    host.clock.advance(89);
    assert_eq!(host.round().await, 0);
    host.clock.advance(LATER);
    assert_eq!(host.round().await, 2);
    let mut sent = host.meta.taken();
    sent.sort();
    assert_eq!(sent, ["one", "two"]);
    host.in_order().await;
}

#[tokio::test]
async fn each_kind_has_its_longest_text() {
    let too_long = |max, actual| Problem::TooLong { max, actual };
    let too_many = |max, actual| Problem::TooManyBytes { max, actual };
    for (kind, fits, refused, problem) in [
        (
            MESSENGER,
            "ä".repeat(2_000),
            "ä".repeat(2_001),
            too_long(2_000, 2_001),
        ),
        (
            INSTAGRAM,
            "ä".repeat(500),
            "ä".repeat(501),
            too_many(1_000, 1_002),
        ),
        (
            INSTAGRAM,
            "x".repeat(1_000),
            "x".repeat(1_001),
            too_many(1_000, 1_001),
        ),
    ] {
        let host = Host::start_as(kind).await;
        let workitem = host.conversation().await;
        let error = host.try_amy_says(&workitem, &refused).await.unwrap_err();
        assert_eq!(error, AppError::invalid("text", problem), "{kind}");
        host.amy_says(&workitem, &fits).await;
        // What is forwarded is no longer either.
        let coaching = host.sam_coaches(&workitem, &refused).await;
        assert!(host.try_forward(&workitem, &coaching).await.is_err());
        host.round().await;
        assert_eq!(host.meta.taken(), [fits]);
    }
    let host = Host::start_as(WHATSAPP).await;
    let workitem = host.conversation().await;
    host.amy_says(&workitem, &"x".repeat(4_000)).await;
}

#[tokio::test]
async fn a_workitem_says_its_service_and_how_long_its_messages_may_be() {
    for (kind, max, in_bytes, service, number) in [
        (MESSENGER, 2_000, false, Service::Messenger, None),
        (INSTAGRAM, 1_000, true, Service::Instagram, None),
        (
            WHATSAPP,
            4_000,
            false,
            Service::Whatsapp,
            Some(["+", DANA].concat()),
        ),
    ] {
        let host = Host::start_as(kind).await;
        let workitem = host.conversation().await;
        let amy = host.actor("amy").await;
        let loaded =
            app::backend::Workitems::conversation_load(&host.desk, &amy, workitem.clone()).await;
        let limits = loaded.unwrap().workitem.limits.unwrap();
        assert_eq!((limits.text.max, limits.text.in_bytes), (max, in_bytes));
        assert_eq!((limits.service, limits.number), (Some(service), number));
    }
}

#[tokio::test]
async fn e01_the_second_message_waits_for_the_first() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.meta.next([Next::Answer(503, None, "nonsense")]);
    host.amy_says(&workitem, "one").await;
    host.amy_says(&workitem, "two").await;
    assert_eq!(host.round().await, 1, "the second is not taken");
    assert_eq!(host.round().await, 0);
    assert_eq!(host.meta.taken(), [""; 0]);
    host.clock.advance(LATER);
    assert_eq!((host.round().await, host.round().await), (1, 1));
    assert_eq!(host.meta.taken(), ["one", "two"]);
    host.in_order().await;
}

#[tokio::test]
async fn too_many_requests_pause_the_channel_and_are_no_attempt() {
    for (answer, pause) in [
        (Next::Answer(429, Some(90), "nonsense"), 90),
        (
            Next::Answer(
                400,
                None,
                r#"{"error": {"code": 613, "message": "Slow down"}}"#,
            ),
            60,
        ),
        (
            Next::Answer(400, None, r#"{"error": {"code": 130429}}"#),
            60,
        ),
    ] {
        let host = Host::start().await;
        let workitem = host.conversation().await;
        host.meta.next([answer]);
        let entry = host.amy_says(&workitem, "one").await;
        host.round().await;
        host.clock.advance(pause - 1);
        host.round().await;
        assert_eq!(host.meta.sends().len(), 1, "not before");
        host.clock.advance(LATER);
        host.round().await;
        assert_eq!(host.meta.taken(), ["one"]);
        // Nobody has to wonder about a message that was refused so.
        let sent = Delivery::of(DeliveryState::Sent);
        assert_eq!(host.delivery(&workitem, &entry).await, sent);
    }
}

/// What broke over one message says nothing of other customers.
#[tokio::test]
async fn a_time_to_come_back_after_a_failure_is_for_that_message_alone() {
    let host = Host::start_as(WHATSAPP).await;
    let workitem = host.conversation().await;
    host.meta.next([Next::Answer(503, Some(90), "nonsense")]);
    host.amy_says(&workitem, "one").await;
    assert_eq!(host.round().await, 1);
    let mut other = host.message("wamid.other", "Hello");
    other["messages"][0]["from"] = json!("4917000000000");
    assert_eq!(host.meta_calls(&host.batch(other)).await.status, 200);
    let second = host.given_to_amy().await;
    host.amy_says(&second, "two").await;
    assert_eq!(host.round().await, 1);
    assert_eq!(host.meta.taken(), ["two"]);
    host.clock.advance(89);
    assert_eq!(host.round().await, 0, "not before");
    host.clock.advance(LATER);
    assert_eq!(host.round().await, 1);
    assert_eq!(host.meta.taken(), ["two", "one"]);
}

/// WhatsApp counts what goes to one customer as well: the others go on.
#[tokio::test]
async fn too_many_to_one_customer_stop_nobody_else() {
    let host = Host::start_as(WHATSAPP).await;
    let workitem = host.conversation().await;
    host.meta
        .next([Next::Answer(400, None, r#"{"error": {"code": 131056}}"#)]);
    host.amy_says(&workitem, "one").await;
    host.round().await;
    let mut other = host.message("wamid.other", "Hello");
    other["messages"][0]["from"] = json!("4917000000000");
    assert_eq!(host.meta_calls(&host.batch(other)).await.status, 200);
    let second = host.given_to_amy().await;
    host.amy_says(&second, "two").await;
    host.round().await;
    assert!(host.meta.taken().contains(&"two".to_owned()));
}

#[tokio::test]
async fn what_meta_refuses_is_a_dead_letter_with_its_reason_and_can_be_sent_again() {
    for (body, reason, code) in [
        (
            r#"{"error": {"code": 551, "message": "Not available."}}"#,
            DeliveryReason::Refused,
            Some(551),
        ),
        (
            r#"{"error": {"code": 190, "error_subcode": 463}}"#,
            DeliveryReason::NotSetUp,
            Some(190),
        ),
        (
            r#"{"error": {"code": 10, "error_subcode": 2018278}}"#,
            DeliveryReason::WindowClosed,
            Some(10),
        ),
        ("nonsense", DeliveryReason::Refused, None),
    ] {
        let host = Host::start().await;
        let workitem = host.conversation().await;
        host.meta.next([Next::Answer(400, None, body)]);
        let entry = host.amy_says(&workitem, "one").await;
        host.round().await;
        let failed = Delivery::failed(reason, code);
        assert_eq!(host.delivery(&workitem, &entry).await, failed);
        host.clock.advance(LATER);
        assert_eq!(host.round().await, 0, "it is tried only when asked for");
        host.retry(&workitem, &entry).await.unwrap();
        assert_eq!((host.round().await, host.round().await), (1, 0), "once");
        assert_eq!(host.meta.taken(), ["one"]);
        let sent = Delivery::of(DeliveryState::Sent);
        assert_eq!(host.delivery(&workitem, &entry).await, sent);
        host.in_order().await;
    }
}

#[tokio::test]
async fn a_vendor_that_never_answers_is_given_up() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.meta.next(
        (0..10).map(|_| Next::Answer(500, None, r#"{"error": {"code": 2, "is_transient": true}}"#)),
    );
    let entry = host.amy_says(&workitem, "one").await;
    for attempt in 1..=10 {
        let state = host.state(&workitem, &entry).await;
        assert_eq!(state, DeliveryState::Queued, "{attempt}");
        host.round().await;
        host.clock.advance(LATER);
    }
    let failed = Delivery::failed(DeliveryReason::NoAnswer, None);
    assert_eq!(host.delivery(&workitem, &entry).await, failed);
    assert_eq!(host.meta.sends().len(), 10);
    host.in_order().await;
    // It may have been taken ten times: the user who sends it again is warned.
    host.retry(&workitem, &entry).await.unwrap();
    host.round().await;
    let delivery = host.delivery(&workitem, &entry).await;
    assert_eq!(delivery.reason, Some(DeliveryReason::MaybeTwice));
    assert_eq!(host.meta.taken(), ["one"]);
    host.in_order().await;
}

/// Nobody can ask Meta whether it has a message: it is handed over once more, and staff see that it may have come twice.
#[tokio::test]
async fn after_a_lost_or_late_answer_it_goes_out_again_and_says_so() {
    let odd = Odd::ALL.into_iter();
    let odd = odd.flat_map(|answer| [true, false].map(|taken| Next::Odd { taken, answer }));
    for lost in [Next::TakenWithoutAnswer, Next::Silence]
        .into_iter()
        .chain(odd)
    {
        let host = Host::start().await;
        let workitem = host.conversation().await;
        host.meta.next([lost]);
        let entry = host.amy_says(&workitem, "one").await;
        let second = host.amy_says(&workitem, "two").await;
        host.round().await;
        let queued = Delivery::of(DeliveryState::Queued);
        assert_eq!(host.delivery(&workitem, &entry).await, queued);
        host.clock.advance(LATER);
        host.round().await;
        let twice = |state| Delivery {
            reason: Some(DeliveryReason::MaybeTwice),
            ..Delivery::of(state)
        };
        assert_eq!(
            host.delivery(&workitem, &entry).await,
            twice(DeliveryState::Sent)
        );
        // That stays true when it has come further.
        let until = host.millis();
        let read = host.batch(host.item(json!({ "read": { "watermark": until } })));
        host.meta_calls(&read).await;
        assert_eq!(
            host.delivery(&workitem, &entry).await,
            twice(DeliveryState::Read)
        );
        host.round().await;
        let sent = Delivery::of(DeliveryState::Sent);
        assert_eq!(host.delivery(&workitem, &second).await, sent);
        let taken = host.meta.taken();
        assert!(
            ["one"].repeat(taken.len() - 1) == taken[..taken.len() - 1],
            "{taken:?}"
        );
        host.in_order().await;
    }
}

#[tokio::test]
async fn what_meta_says_it_did_not_take_is_no_lost_answer() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.meta.next([Next::Answer(
        400,
        None,
        r#"{"error": {"code": 131016, "is_transient": true}}"#,
    )]);
    let entry = host.amy_says(&workitem, "one").await;
    host.round().await;
    host.clock.advance(LATER);
    host.round().await;
    let sent = Delivery::of(DeliveryState::Sent);
    assert_eq!(host.delivery(&workitem, &entry).await, sent);
}

/// A crash between sending and noting: the lease ends, and it goes out again.
#[tokio::test]
async fn a_crash_between_sending_and_noting_is_seen_at_the_message() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let entry = host.amy_says(&workitem, "one").await;
    let taken = host.desk.outbox_take().await.unwrap();
    let found = host
        .desk
        .account_find(&host.channel.key, &[MESSENGER])
        .await;
    let (kind, account) = found.unwrap().unwrap();
    let provider = host.desk.config().providers.find(&kind).unwrap();
    let message = Outgoing {
        to: taken[0].to.clone(),
        text: taken[0].text.clone(),
        reference: None,
        report_to: None,
    };
    provider.send(&account, &message).await.unwrap();
    assert_eq!(host.round().await, 0, "it is leased");
    host.clock.advance(61);
    assert_eq!(host.round().await, 1);
    let delivery = host.delivery(&workitem, &entry).await;
    assert_eq!(delivery.reason, Some(DeliveryReason::MaybeTwice));
    assert_eq!(host.meta.taken(), ["one", "one"]);
    host.in_order().await;
}

/// On WhatsApp a report names what was sent with the message, so it settles what nobody noted.
#[tokio::test]
async fn a_report_of_whatsapp_settles_a_lost_answer() {
    let host = Host::start_as(WHATSAPP).await;
    let workitem = host.conversation().await;
    host.meta.next([Next::TakenWithoutAnswer]);
    let entry = host.amy_says(&workitem, "one").await;
    host.round().await;
    let reference = host.meta.sends()[0].json()["biz_opaque_callback_data"].clone();
    let status = json!({ "statuses": [{ "id": id(1), "status": "delivered", "timestamp": "1", "recipient_id": DANA,
        "biz_opaque_callback_data": reference }] });
    assert_eq!(host.meta_calls(&host.batch(status)).await.status, 200);
    host.clock.advance(LATER);
    assert_eq!(host.round().await, 0);
    let delivered = Delivery::of(DeliveryState::Delivered);
    assert_eq!(host.delivery(&workitem, &entry).await, delivered);
    assert_eq!(host.meta.taken(), ["one"]);
    host.in_order().await;
}
