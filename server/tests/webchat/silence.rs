//! Silence (SPEC, part 3): one conversation twice, coached and not, with the same clock and ids.

use app::backend::Coaching;
use serde_json::json;
use server::bus::BusTopic;
use server::commands::{MonitoringBegin, MonitoringEnd};
use shared::transcript::{EndReason, Reaction};

use crate::actors::Host;

/// What one customer's network carried in the whole story.
async fn bytes_of_a_conversation(coached: bool) -> String {
    let host = Host::start().await;
    let sam = host.actor("sam").await.person();
    let mut eve = host.customer();
    let mut bytes = eve.get("/chat/care").await.bytes();
    let post =
        |text: &str, key: &str| json!({ "name": "Eve Ito", "text": text, "key": key }).to_string();
    bytes += &eve.post(post("I want my money back", "k1")).await.bytes();
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "I want my money back");
    let workitem = host.given_to_amy().await;

    host.clock.advance(5);
    if coached {
        let (entry, now) = (host.entry(), host.desk.clock().now());
        let begin = MonitoringBegin {
            workitem: workitem.clone(),
            supervisor: sam.clone(),
            entry,
            at: now,
        };
        let begun = host.desk.store().execute(begin).await.unwrap();
        assert!(host.desk.publish(begun));
        host.sam_coaches(&workitem, "Ask for the order first").await;
    }
    host.amy_says(&workitem, "Hello Eve, may I have the order number?")
        .await;
    assert_eq!(live.text().await, "Hello Eve, may I have the order number?");
    bytes += &eve.get("/chat/care").await.bytes();
    host.clock.advance(7);
    bytes += &eve.post(post("LF-448812", "k2")).await.bytes();
    assert_eq!(live.text().await, "LF-448812");

    // What amy forwards is, for the customer, what she could have written herself.
    host.clock.advance(9);
    let words = "I can give you 40 back today.";
    if coached {
        let amy = host.actor("amy").await;
        let advice = host.sam_coaches(&workitem, words).await;
        host.desk
            .reaction_set(
                &amy,
                workitem.clone(),
                advice.clone(),
                host.key(),
                Some(Reaction::ThumbsUp),
            )
            .await
            .unwrap();
        host.desk
            .coaching_forward(&amy, workitem.clone(), advice, host.key())
            .await
            .unwrap();
        host.sam_coaches(&workitem, "Well done").await;
        let (entry, now) = (host.entry(), host.desk.clock().now());
        let end = MonitoringEnd {
            workitem: workitem.clone(),
            supervisor: sam.id.clone(),
            reason: EndReason::Left,
            entry,
            at: now,
        };
        let ended = host.desk.store().execute(end).await.unwrap();
        assert!(host.desk.publish(ended));
    } else {
        host.amy_says(&workitem, words).await;
    }
    let forwarded = live.next().await.unwrap();
    assert_eq!(crate::customer::words(&forwarded.data), words);
    bytes += &eve.get("/chat/care").await.bytes();
    bytes += &eve.get("/chat/care/history").await.bytes();

    host.clock.advance(11);
    host.amy_wraps_up(&workitem).await;
    assert_eq!(live.text().await, "(ended)");
    assert!(live.next().await.is_none());
    bytes += &live.bytes;
    let mut again = eve.live(Some(&forwarded.id)).await;
    while again.next().await.is_some() {}
    bytes += &again.bytes;
    bytes += &eve.get("/chat/care").await.bytes();

    host.clock.advance(13);
    bytes += &eve.post(post("One more thing", "k3")).await.bytes();
    let mut second = eve.live(Some(&forwarded.id)).await;
    assert_eq!(second.next().await.unwrap().kind, "reset");
    assert_eq!(second.text().await, "One more thing");
    bytes += &second.bytes;
    bytes += &eve.get("/chat/care").await.bytes();

    // Refused, ended by the customer, forgotten.
    host.clock.advance(17);
    let workitem = host.given_to_amy().await;
    if coached {
        host.sam_coaches(&workitem, "Let her go").await;
    }
    bytes += &eve.post(post(" ", "k4")).await.bytes();
    bytes += &eve.ends("k5").await.bytes();
    bytes += &eve.ends("k5").await.bytes();
    let mut third = eve.live(None).await;
    while third.next().await.is_some() {}
    bytes += &third.bytes;
    for path in ["/chat/care", "/chat/care?before=2", "/chat/care?ask=forget"] {
        bytes += &eve.get(path).await.bytes();
    }
    bytes += &eve.is_forgotten().await.bytes();
    bytes += &eve.get("/chat/care").await.bytes();
    bytes += &eve.get("/chat/care/history").await.bytes();
    bytes
}

#[tokio::test]
async fn m21_a_customers_bytes_are_the_same_whether_or_not_anybody_coaches() {
    let plain = bytes_of_a_conversation(false).await;
    let coached = bytes_of_a_conversation(true).await;
    assert!(plain.contains("I can give you 40 back today."));
    assert_eq!(plain, coached);
}

/// The customer's read path needs the `customer_*` tables and `channels`: without the others each address answers the same.
#[tokio::test]
async fn a_customers_pages_need_nothing_of_the_staffs() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("I want my money back", "k1").await;
    let workitem = host.given_to_amy().await;
    host.sam_coaches(&workitem, "Ask for the order first").await;
    host.amy_says(&workitem, "May I have the order number?")
        .await;
    host.amy_wraps_up(&workitem).await;
    let mut before = String::new();
    let mut after = String::new();
    for (bytes, gone) in [(&mut before, false), (&mut after, true)] {
        if gone {
            host.drop_tables_of_staff();
        }
        for path in [
            "/chat/care",
            "/chat/care?new=1",
            "/chat/care?before=2",
            "/chat/care?ask=end",
            "/chat/care?ask=forget",
            "/chat/care/history",
            "/chat/care/history?after=1",
            "/chat/care/history?before=2",
            "/chat/sales",
            "/chat/nowhere",
        ] {
            *bytes += &eve.get(path).await.bytes();
            // The page of a stranger carries a new token each time.
            *bytes += &host.customer().get(path).await.status.to_string();
        }
        let mut live = eve.live(None).await;
        while live.next().await.is_some() {}
        *bytes += &live.bytes;
    }
    assert!(before.contains("May I have the order number?"));
    assert_eq!(before, after);
}

/// A customer's stream follows the customer's side of the one conversation, and nothing of staff: no act of theirs can wake
/// it.
#[tokio::test]
async fn a_customers_stream_subscribes_to_the_customers_topic_alone() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("I want my money back", "k1").await;
    let workitem = host.given_to_amy().await;
    assert_eq!(host.desk.bus().topics(), [], "nobody follows anything yet");
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "I want my money back");
    assert_eq!(host.desk.bus().topics(), [BusTopic::Customer(workitem)]);
}
