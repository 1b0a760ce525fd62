//! How far a message has come, as Meta reports it: forward only, by name or up to a moment, and never another one's.

use serde_json::{Value, json};
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::ids::{EntryId, WorkitemId};

use crate::host::{DANA, Host, INSTAGRAM, OURS, WHATSAPP, entry};
use crate::stand_in::id;

async fn says(host: &Host, workitem: &WorkitemId, text: &str) -> EntryId {
    let entry = host.amy_says(workitem, text).await;
    host.round().await;
    entry
}

async fn reported(host: &Host, item: Value) {
    let batch = host.batch(host.item(item));
    assert_eq!(host.meta_calls(&batch).await.status, 200);
}

#[tokio::test]
async fn messenger_names_messages_or_a_moment() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let one = says(&host, &workitem, "one").await;
    host.clock.advance(10);
    let two = says(&host, &workitem, "two").await;
    let states = async || {
        (
            host.state(&workitem, &one).await,
            host.state(&workitem, &two).await,
        )
    };
    use DeliveryState::{Delivered, Read, Sent};
    reported(
        &host,
        json!({ "delivery": { "mids": [id(2)], "watermark": host.millis() - 20_000 } }),
    )
    .await;
    assert_eq!(states().await, (Sent, Delivered));
    // Up to the first one, and not to the second.
    reported(
        &host,
        json!({ "read": { "watermark": host.millis() - 5_000 } }),
    )
    .await;
    assert_eq!(states().await, (Read, Delivered));
    // Late and twice: nothing goes back.
    reported(
        &host,
        json!({ "delivery": { "mids": [id(1), id(2)], "watermark": host.millis() } }),
    )
    .await;
    assert_eq!(states().await, (Read, Delivered));
    reported(&host, json!({ "read": { "watermark": host.millis() } })).await;
    assert_eq!(states().await, (Read, Read));
    host.in_order().await;
}

#[tokio::test]
async fn a_moment_covers_what_was_handed_over_and_nothing_else() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.meta.next([crate::stand_in::Next::Answer(
        400,
        None,
        r#"{"error": {"code": 551}}"#,
    )]);
    let failed = says(&host, &workitem, "failed").await;
    let queued = host.amy_says(&workitem, "queued").await;
    reported(
        &host,
        json!({ "read": { "watermark": host.millis() + 5_000 } }),
    )
    .await;
    assert_eq!(host.state(&workitem, &failed).await, DeliveryState::Failed);
    assert_eq!(host.state(&workitem, &queued).await, DeliveryState::Queued);
    // Nor another customer's, nor another page's.
    host.round().await;
    let mut other = host.item(json!({ "read": { "watermark": host.millis() + 5_000 } }));
    other["sender"]["id"] = json!("1000000000000001");
    host.meta_calls(&host.batch(other)).await;
    let elsewhere = host.item(json!({ "read": { "watermark": host.millis() + 5_000 } }));
    host.meta_calls(&json!({ "object": "page", "entry": [entry("1", [elsewhere])] }))
        .await;
    assert_eq!(host.state(&workitem, &queued).await, DeliveryState::Sent);
}

/// What was said again after it had failed is not read by a report of before.
#[tokio::test]
async fn a_moment_before_a_retry_does_not_cover_it() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.meta.next([crate::stand_in::Next::Answer(
        400,
        None,
        r#"{"error": {"code": 551}}"#,
    )]);
    let entry = says(&host, &workitem, "one").await;
    let before = host.millis();
    host.clock.advance(60);
    host.retry(&workitem, &entry).await.unwrap();
    host.round().await;
    reported(&host, json!({ "read": { "watermark": before } })).await;
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
    reported(&host, json!({ "read": { "watermark": host.millis() } })).await;
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Read);
}

#[tokio::test]
async fn instagram_names_the_message_that_was_read() {
    let host = Host::start_as(INSTAGRAM).await;
    let workitem = host.conversation().await;
    let one = says(&host, &workitem, "one").await;
    reported(&host, json!({ "read": { "mid": "somebody else's" } })).await;
    assert_eq!(host.state(&workitem, &one).await, DeliveryState::Sent);
    reported(&host, json!({ "read": { "mid": id(1) } })).await;
    assert_eq!(host.state(&workitem, &one).await, DeliveryState::Read);
}

#[tokio::test]
async fn whatsapp_reports_every_step_and_why_it_failed() {
    let host = Host::start_as(WHATSAPP).await;
    let workitem = host.conversation().await;
    let status = async |number: usize, status: &str, more: Value| {
        let mut item =
            json!({ "id": id(number), "status": status, "timestamp": "1", "recipient_id": DANA });
        item.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let batch = host.batch(json!({ "statuses": [item] }));
        assert_eq!(host.meta_calls(&batch).await.status, 200);
    };
    let one = says(&host, &workitem, "one").await;
    for (word, expected) in [
        ("sent", DeliveryState::Sent),
        ("delivered", DeliveryState::Delivered),
        ("sent", DeliveryState::Delivered),
        ("read", DeliveryState::Read),
        ("delivered", DeliveryState::Read),
        ("something_new", DeliveryState::Read),
    ] {
        status(1, word, json!({})).await;
        assert_eq!(host.state(&workitem, &one).await, expected, "{word}");
    }
    let two = says(&host, &workitem, "two").await;
    status(
        2,
        "failed",
        json!({ "errors": [{ "code": 131_026, "title": "Undeliverable" }] }),
    )
    .await;
    let failed = Delivery::failed(DeliveryReason::Undelivered, Some(131_026));
    assert_eq!(host.delivery(&workitem, &two).await, failed);
    // The first attempt's reports are about nothing any more.
    let reference = host.meta.sends()[1].json()["biz_opaque_callback_data"].clone();
    host.retry(&workitem, &two).await.unwrap();
    host.round().await;
    status(
        2,
        "failed",
        json!({ "biz_opaque_callback_data": reference }),
    )
    .await;
    assert_eq!(host.state(&workitem, &two).await, DeliveryState::Sent);
    host.in_order().await;
}

/// Two channels may have the same customers, and Meta's names are good for one of them.
#[tokio::test]
async fn a_report_is_about_its_own_channel() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let one = says(&host, &workitem, "one").await;
    let ada = host.caller("ada").await;
    let other = shared::channels::ProviderChannelChange {
        address: "200".to_owned(),
        ..crate::host::change(crate::host::MESSENGER)
    };
    let made = app::backend::Channels::provider_channel_create(&host.desk, &ada, host.key(), other);
    made.await.unwrap();
    let read = host.item(json!({ "read": { "watermark": host.millis() + 1, "mid": id(1) } }));
    host.meta_calls(&json!({ "object": "page", "entry": [entry("200", [read.clone()])] }))
        .await;
    assert_eq!(host.state(&workitem, &one).await, DeliveryState::Sent);
    host.meta_calls(&json!({ "object": "page", "entry": [entry(OURS, [read])] }))
        .await;
    assert_eq!(host.state(&workitem, &one).await, DeliveryState::Read);
}
