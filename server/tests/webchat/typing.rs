//! Who is writing: the customer hears of the agent who writes to them, and of nobody else; the agent hears of the customer.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use server::bus::{Audience, BusTopic};
use server::store::Change;

use crate::actors::Host;
use crate::customer::Customer;

/// Nothing in these stories takes that long.
const PATIENCE: Duration = Duration::from_secs(10);

async fn types(customer: &mut Customer<'_>) -> u16 {
    let request = Request::post("/chat/care/typing");
    customer.ask(request, Body::empty()).await.status
}

#[tokio::test]
async fn m23_the_customer_sees_that_the_agent_writes_to_them_and_nobody_elses_writing() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "Hello");
    let amy = host.actor("amy").await;
    let waiting = host.queue().await[0].workitem.clone();
    host.desk.agent_typing(&amy, &waiting).await;
    let workitem = host.given_to_amy().await;
    host.desk.agent_typing(&amy, &workitem).await;
    let typing = live.next().await.expect("an event");
    assert_eq!((typing.kind.as_str(), typing.id.as_str()), ("typing", ""));
    assert_eq!(typing.data, json!({ "name": "Amy Adler" }));

    // Supervisors who are there and write, and an agent who has other work.
    host.sam_coaches(&workitem, "Ask for the order").await;
    for nobody in ["sam", "sue", "sid", "ben", "ada"] {
        let actor = host.actor(nobody).await;
        host.desk.agent_typing(&actor, &workitem).await;
    }
    // What coach and agent write to each other.
    for writer in ["sam", "sue", "sid", "ben", "ada", "amy"] {
        let actor = host.actor(writer).await;
        host.desk.coaching_typing(&actor, &workitem).await;
    }
    host.amy_replies(&workitem, "She has none yet").await;
    host.amy_says(&workitem, "May I have the order number?")
        .await;
    let next = live.next().await.expect("an event");
    assert_eq!(next.data["body"]["text"], "May I have the order number?");

    host.amy_wraps_up(&workitem).await;
    host.desk.agent_typing(&amy, &workitem).await;
    assert_eq!(live.text().await, "(ended)");
    host.amy_reopens(&workitem).await.unwrap();
    assert_eq!(live.text().await, "(resumed)");
}

#[tokio::test]
async fn a_sign_of_writing_is_no_line_of_the_conversation() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    let workitem = host.given_to_amy().await;
    let amy = host.actor("amy").await;
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "Hello");
    host.desk.agent_typing(&amy, &workitem).await;
    assert_eq!(live.next().await.expect("an event").kind, "typing");
    host.amy_says(&workitem, "Good morning").await;
    let said = live.next().await.expect("an event");
    assert_eq!(said.data["seq"], 2, "no number is missing");
    assert_eq!(eve.history("").await, ["Hello", "Good morning"]);
    let mut again = eve.live(Some(&said.id)).await;
    host.amy_says(&workitem, "Are you there?").await;
    assert_eq!(again.text().await, "Are you there?");
}

#[tokio::test]
async fn the_agent_hears_that_the_customer_writes_at_most_once_a_second() {
    let host = Host::start().await;
    let mut eve = host.customer();
    assert_eq!(types(&mut eve).await, 404, "nobody yet");
    eve.write("Hello", "k1").await;
    let workitem = host.given_to_amy().await;
    let (subscription, mut events) = host.desk.bus().subscribe(Audience::Staff, 8);
    subscription.join(BusTopic::Workitem(workitem.clone()));
    for _ in 0..3 {
        assert_eq!(types(&mut eve).await, 204);
    }
    let event = tokio::time::timeout(PATIENCE, events.recv()).await;
    let event = event.expect("in time").expect("an event");
    assert_eq!(**event, Change::CustomerTyping(workitem.clone()));
    eve.write("How are you?", "k2").await;
    let event = tokio::time::timeout(PATIENCE, events.recv()).await;
    let event = event.expect("in time").expect("an event");
    assert!(matches!(**event, Change::Workitem { .. }), "{event:?}");

    let mut mallory = host.customer();
    mallory.token = Some("f".repeat(64));
    assert_eq!(types(&mut mallory).await, 404);
    host.amy_wraps_up(&workitem).await;
    host.clock.advance(2);
    while events.try_recv().is_ok() {}
    assert_eq!(types(&mut eve).await, 204, "and nobody hears of it");
    tokio::task::yield_now().await;
    while let Ok(event) = events.try_recv() {
        assert!(!matches!(**event, Change::CustomerTyping(_)), "{event:?}");
    }
}
