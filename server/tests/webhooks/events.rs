//! What is sent: each kind of event, in the words of the API, to those who want it and to nobody else.

use server::commands::{Again, ReceiverChange, WebhookUpdate};
use shared::ids::WorkitemId;
use shared::time::Timestamp;
use shared::webhooks::{EventKind, EventState};

use crate::host::Host;
use crate::receiver::{Next, Receiver};

/// What customers may know of.
pub const OPEN: [EventKind; 7] = [
    EventKind::WorkitemCreated,
    EventKind::WorkitemAssigned,
    EventKind::WorkitemStateChanged,
    EventKind::WorkitemEnded,
    EventKind::WorkitemErased,
    EventKind::WorkitemRated,
    EventKind::MessageCreated,
];

#[tokio::test]
async fn a_conversation_is_told_in_order_and_signed() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let (id, secret) = host.add(&receiver, &OPEN).await;
    let workitem = host.conversation().await;
    host.amy_says(&workitem, "Which lamp?").await;
    host.amy_ends(&workitem).await;
    host.amy_closes(&workitem).await;
    assert_eq!(host.deliver().await, 8);
    let kinds = [
        "workitem.created",
        "message.created",
        "workitem.state_changed",
        "workitem.assigned",
        "message.created",
        "workitem.state_changed",
        "workitem.ended",
        "workitem.state_changed",
    ];
    assert_eq!(receiver.kinds(), kinds);
    for (number, got) in (1..).zip(receiver.got()) {
        assert_eq!(got.line, "POST /hook?secret=of-the-path HTTP/1.1");
        assert_eq!(got.host, format!("127.0.0.1:{}", receiver.port));
        assert_eq!(got.header("content-type"), "application/json");
        assert_eq!(got.header("webhook-timestamp"), "1700000000");
        assert!(got.id().starts_with("msg_"), "{}", got.id());
        assert_eq!(got.signed_by(&secret), 1);
        let event = got.json();
        assert_eq!(event["timestamp"], "2023-11-14T22:13:20.000Z");
        assert_eq!(event["data"]["sequence"], number);
        assert_eq!(event["data"]["workitem"]["id"], workitem.as_str());
        // As it stands now, whatever the event says of then.
        assert_eq!(event["data"]["workitem"]["state"], "closed");
    }
    let got = receiver.got();
    let first = got[1].json();
    assert_eq!(first["data"]["line"]["kind"], "customer");
    assert_eq!(first["data"]["line"]["text"], "My lamp hums");
    assert_eq!(got[2].json()["data"]["from"], "queued");
    assert_eq!(got[2].json()["data"]["to"], "active");
    assert_eq!(got[3].json()["data"]["agent_id"], "amy");
    let page = host.page(&id).await;
    assert_eq!(page.events.len(), 8);
    assert!(page.receiver.health.succeeded_at.is_some());
    host.in_order().await;
}

#[tokio::test]
async fn nobody_is_told_what_they_do_not_want_and_nothing_is_written_then() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let workitem = host.conversation().await;
    let written = "SELECT (SELECT COUNT(*) FROM jobs) + (SELECT COUNT(*) FROM webhook_events)
        + (SELECT SUM(events) FROM workitems)";
    assert_eq!(host.count(written), 0, "without a receiver");
    let (id, _) = host.add(&receiver, &[EventKind::WorkitemEnded]).await;
    host.amy_says(&workitem, "Which lamp?").await;
    assert_eq!(host.count(written), 0, "no receiver wants it");
    let ada = host.actor("ada").await;
    let off = host
        .desk
        .webhook_activate(&ada, host.key(), id.clone(), false);
    off.await.unwrap();
    host.amy_ends(&workitem).await;
    assert_eq!(host.count(written), 0, "the receiver is off");
    let on = host.desk.webhook_activate(&ada, host.key(), id, true);
    on.await.unwrap();
    let second = host.conversation().await;
    host.amy_ends(&second).await;
    assert_eq!(host.deliver().await, 1);
    assert_eq!(receiver.kinds(), ["workitem.ended"]);
}

/// The story in which sam coaches: what a receiver is told of these.
async fn coached(events: &[EventKind]) -> (Receiver, WorkitemId) {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    host.add(&receiver, events).await;
    let workitem = host.conversation().await;
    host.amy_asks(&workitem).await;
    host.sam_coaches(&workitem, "Ask for the order first").await;
    host.deliver().await;
    host.in_order().await;
    (receiver, workitem)
}

#[tokio::test]
async fn m21_coaching_is_told_to_those_alone_for_whom_it_was_switched_on() {
    let without: Vec<EventKind> = EventKind::CHOICES
        .into_iter()
        .filter(|kind| *kind != EventKind::CoachingCreated)
        .collect();
    let (receiver, _) = coached(&without).await;
    assert!(receiver.kinds().contains(&"assistance.settled".to_owned()));
    for got in receiver.got() {
        assert!(
            !got.body.contains("Ask for the order first"),
            "{}",
            got.body
        );
        assert_ne!(got.kind(), "coaching.created");
    }
    let (receiver, _) = coached(&OPEN).await;
    for got in receiver.got() {
        for word in ["coach", "internal", "sam", "Sam", "request"] {
            assert!(!got.body.contains(word), "{word}: {}", got.body);
        }
    }

    let (receiver, workitem) = coached(&[EventKind::CoachingCreated]).await;
    assert_eq!(receiver.kinds(), ["coaching.created"]);
    let event = receiver.got()[0].json();
    assert_eq!(event["data"]["internal"], true);
    assert_eq!(event["data"]["line"]["kind"], "coaching");
    assert_eq!(event["data"]["line"]["text"], "Ask for the order first");
    assert_eq!(event["data"]["workitem"]["id"], workitem.as_str());
    assert_eq!(event["data"]["sequence"], serde_json::Value::Null);
    assert_eq!(event["data"]["line"]["author"], "supervisor");
}

#[tokio::test]
async fn m21_a_rating_is_told_and_a_flag_for_review_to_internal_receivers_alone() {
    let host = Host::start().await;
    let (open, internal) = (Receiver::start().await, Receiver::start().await);
    host.add(&open, &OPEN).await;
    let reviews = [EventKind::ReviewFlagged, EventKind::ReviewFinished];
    host.add(&internal, &reviews).await;
    let workitem = host.conversation().await;
    host.amy_ends(&workitem).await;
    host.sam_reviews(&workitem, "Mind the tone").await;
    host.dana_rates(2, "Nobody came").await;
    host.deliver().await;
    let told = open.got();
    let last = told.last().expect("events").json();
    assert_eq!(last["type"], "workitem.rated");
    assert_eq!(last["data"]["sequence"], told.len());
    let rated = &last["data"]["workitem"];
    assert_eq!(rated["id"], workitem.as_str());
    assert_eq!(
        (&rated["rating"], &rated["rating_comment"]),
        (&2.into(), &"Nobody came".into())
    );
    for got in told {
        for word in ["review", "tone", "sam", "Sam", "internal"] {
            assert!(!got.body.contains(word), "{word}: {}", got.body);
        }
    }
    assert_eq!(internal.kinds(), ["review.flagged", "review.finished"]);
    for got in internal.got() {
        let data = got.json()["data"].clone();
        assert_eq!(data["internal"], true);
        assert_eq!(data["sequence"], serde_json::Value::Null);
        assert_eq!(data["workitem"]["id"], workitem.as_str());
        let review = &data["review"];
        assert_eq!(review["comment"], "Mind the tone");
        assert_eq!(review["flagged_by"]["id"], "sam");
        assert_eq!(review["reviewed_by"]["id"], "sam", "as it stands now");
    }
    host.in_order().await;
}

#[tokio::test]
async fn u17_m21_what_the_agent_answers_is_told_as_coaching_by_the_agent() {
    let host = Host::start().await;
    let (internal, open) = (Receiver::start().await, Receiver::start().await);
    host.add(&internal, &[EventKind::CoachingCreated]).await;
    host.add(&open, &OPEN).await;
    let workitem = host.conversation().await;
    host.sam_coaches(&workitem, "Ask for the order first").await;
    host.amy_replies(&workitem, "She has none yet").await;
    host.deliver().await;
    host.deliver().await;
    assert_eq!(internal.kinds(), ["coaching.created", "coaching.created"]);
    let told = internal.got()[1].json()["data"].clone();
    assert_eq!(told["internal"], true);
    let line = &told["line"];
    assert_eq!(
        (&line["kind"], &line["author"]),
        (&"coaching".into(), &"agent".into())
    );
    assert_eq!(
        (&line["name"], &line["text"]),
        (&"Amy Adler".into(), &"She has none yet".into())
    );
    for got in open.got() {
        assert!(!got.body.contains("She has none yet"), "{}", got.body);
    }
    host.in_order().await;
}

#[tokio::test]
async fn a_raised_hand_and_its_end_are_told_as_the_api_shows_them() {
    let events = [EventKind::AssistanceRequested, EventKind::AssistanceSettled];
    let (receiver, workitem) = coached(&events).await;
    let got = receiver.got();
    let requested = got.iter().find(|got| got.kind() == "assistance.requested");
    let request = requested.unwrap().json()["data"]["request"].clone();
    assert_eq!(request["agent"]["id"], "amy");
    assert_eq!(request["workitem"], workitem.as_str());
    assert_eq!(request["state"], "done", "as it stands when it is sent");
    let settled = got.iter().find(|got| got.kind() == "assistance.settled");
    let settled = settled.unwrap().json()["data"]["request"].clone();
    assert_eq!(settled["id"], request["id"]);
    assert_eq!(settled["settled"]["how"], "answered", "not by what");
    assert_eq!(settled["settled"]["by"]["id"], "sam");
    assert_eq!(settled["claim"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_test_is_sent_to_the_receiver_that_is_tried() {
    let host = Host::start().await;
    let (one, other) = (Receiver::start().await, Receiver::start().await);
    let (id, secret) = host.add(&one, &[EventKind::WorkitemEnded]).await;
    host.add(&other, &[EventKind::WorkitemEnded]).await;
    let ada = host.actor("ada").await;
    let key = host.key();
    for _ in 0..2 {
        let tried = host.desk.webhook_test(&ada, key.clone(), id.clone());
        tried.await.unwrap();
    }
    assert_eq!(host.deliver().await, 1, "a second click is no second test");
    assert_eq!(one.kinds(), ["webhook.test"]);
    assert_eq!(one.got()[0].signed_by(&secret), 1);
    assert!(other.got().is_empty());
}

#[tokio::test]
async fn m21_coaching_that_waits_is_dropped_once_the_receiver_is_not_told_of_it() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let both = [EventKind::CoachingCreated, EventKind::MessageCreated];
    let (id, _) = host.add(&receiver, &both).await;
    let workitem = host.conversation().await;
    host.deliver().await;
    // One that failed for good, and one that waits.
    receiver.always(Next::Answer(500, None));
    host.sam_coaches(&workitem, "Ask for the order first").await;
    host.deliver().await;
    host.clock.advance(3 * 24 * 3_600 + 60);
    host.deliver().await;
    host.sam_coaches(&workitem, "And for the colour").await;
    let events = host.page(&id).await.events;
    let coached: Vec<_> = events
        .iter()
        .filter(|event| event.kind == EventKind::CoachingCreated)
        .collect();
    let states: Vec<EventState> = coached.iter().map(|event| event.state).collect();
    assert_eq!(states, [EventState::Pending, EventState::Failed]);

    receiver.always(Next::Answer(204, None));
    host.execute(WebhookUpdate {
        receiver: id.clone(),
        change: ReceiverChange {
            name: "Archive".to_owned(),
            place: String::new(),
            address_digest: String::new(),
            events: vec![EventKind::MessageCreated],
            teams: None,
        },
        version: 0,
        address: None,
        session: None,
        context: host.context(),
    })
    .await;
    let ada = host.actor("ada").await;
    let before = receiver.got().len();
    let failed = coached[1].id.clone();
    for what in [Again::One(failed), Again::FailedSince(Timestamp(0))] {
        let again = host.desk.webhook_again(&ada, host.key(), id.clone(), what);
        assert_eq!(again.await.unwrap(), 0);
    }
    host.clock.advance(700);
    host.amy_says(&workitem, "May I have the order number?")
        .await;
    // The first round drops what the message waits for.
    host.deliver().await;
    host.deliver().await;
    assert_eq!(receiver.kinds()[before..], ["message.created"]);
    let events = host.page(&id).await.events;
    let coaching = events
        .iter()
        .filter(|event| event.kind == EventKind::CoachingCreated);
    for event in coaching {
        assert_eq!(event.state, EventState::Dropped);
    }
    host.in_order().await;
}
