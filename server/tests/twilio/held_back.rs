//! What waits and may not be sent any more, and what waits for others no longer than it must.

use app::backend::SteppingIn;
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::error::{AppError, ConflictCause};
use shared::ids::WorkitemId;
use shared::text::MessageText;

use crate::host::{Host, change, message};
use crate::stand_in::Next;

/// Longer than any pause.
const LATER: u64 = 700;

fn stopped(code: Option<i64>) -> Delivery {
    Delivery::failed(DeliveryReason::Stopped, code)
}

#[tokio::test]
async fn after_stop_nothing_is_sent_that_waits() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.twilio
        .next([Next::Answer(429, Some(90), r#"{"code": 20429}"#)]);
    let first = host.amy_says(&workitem, "one").await;
    let second = host.amy_says(&workitem, "two").await;
    host.round().await;
    host.dana_texts("SM2", "STOP").await;
    for entry in [&first, &second] {
        assert_eq!(host.delivery(&workitem, entry).await, stopped(None));
    }
    host.clock.advance(LATER);
    assert_eq!(host.round().await, 0);
    assert_eq!(host.twilio.sends().len(), 1);
    host.in_order().await;
    // After START the agent decides about each.
    host.dana_texts("SM3", "START").await;
    assert_eq!(host.round().await, 0);
    host.retry(&workitem, &second).await.unwrap();
    host.round().await;
    assert_eq!(host.twilio.taken(), ["two"]);
    host.in_order().await;
}

async fn sam_steps_in(host: &Host, workitem: &WorkitemId, text: &str) -> Result<(), AppError> {
    let (sam, text) = (host.actor("sam").await, MessageText::parse(text).unwrap());
    let sent = host
        .desk
        .barge_send(&sam, workitem.clone(), host.key(), text);
    sent.await.map(drop)
}

/// It counts for every way to the customer.
#[tokio::test]
async fn after_stop_no_coaching_is_forwarded_and_no_supervisor_steps_in() {
    let cause = || AppError::conflict(ConflictCause::CustomerStopped);
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let advice = host.sam_coaches(&workitem, "We send a new lamp.").await;
    host.dana_texts("SM2", "STOP").await;
    let before = host.lines(&workitem).await;
    let refused = host.try_forward(&workitem, &advice).await;
    assert_eq!(refused.unwrap_err(), cause());
    let refused = sam_steps_in(&host, &workitem, "I see to it.").await;
    assert_eq!(refused.unwrap_err(), cause());
    assert_eq!(host.lines(&workitem).await, before);
    host.clock.advance(LATER);
    assert_eq!(host.round().await, 0);
    assert_eq!(host.twilio.sends().len(), 0);
    host.in_order().await;
    // After START both go, once each.
    host.dana_texts("SM3", "START").await;
    assert_eq!(host.round().await, 0, "nothing was kept");
    host.try_forward(&workitem, &advice).await.unwrap();
    sam_steps_in(&host, &workitem, "I see to it.")
        .await
        .unwrap();
    while host.round().await > 0 {}
    assert_eq!(host.twilio.taken(), ["We send a new lamp.", "I see to it."]);
    host.in_order().await;
}

/// What Twilio may have is asked about, so that nobody reads *Not delivered* at what the customer has.
#[tokio::test]
async fn after_stop_what_may_have_been_sent_is_asked_about_and_not_sent() {
    for (lost, expected, taken) in [
        (
            Next::TakenWithoutAnswer,
            Delivery::of(DeliveryState::Sent),
            1,
        ),
        (Next::Silence, stopped(None), 0),
    ] {
        let host = Host::start().await;
        let workitem = host.conversation().await;
        host.twilio.next([lost]);
        let entry = host.amy_says(&workitem, "one").await;
        host.round().await;
        host.dana_texts("SM2", "STOP").await;
        assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Queued);
        host.clock.advance(LATER);
        host.round().await;
        assert_eq!(host.delivery(&workitem, &entry).await, expected);
        assert_eq!(host.twilio.sends().len(), 1);
        assert_eq!(host.twilio.taken().len(), taken);
        host.in_order().await;
    }
}

#[tokio::test]
async fn stop_in_an_answer_or_a_report_is_obeyed_as_from_the_customer() {
    let cause = || AppError::conflict(ConflictCause::CustomerStopped);
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let first = host.amy_says(&workitem, "one").await;
    host.round().await;
    let second = host.amy_says(&workitem, "two").await;
    let report = [("MessageStatus", "undelivered"), ("ErrorCode", "21610")];
    host.reports(0, &format!("SM{:032}", 1), &report).await;
    assert_eq!(
        host.delivery(&workitem, &first).await,
        stopped(Some(21_610))
    );
    assert_eq!(host.delivery(&workitem, &second).await, stopped(None));
    assert!(host.stopped(&workitem).await);
    let refused = host.try_amy_says(&workitem, "three").await;
    assert_eq!(refused.unwrap_err(), cause());
    // The same report again, after START, is old.
    host.dana_texts("SM2", "START").await;
    host.reports(0, &format!("SM{:032}", 1), &report).await;
    assert!(!host.stopped(&workitem).await);
    host.amy_says(&workitem, "three").await;
    host.in_order().await;

    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.twilio
        .next([Next::Answer(400, None, r#"{"code": 21610}"#)]);
    host.amy_says(&workitem, "one").await;
    let second = host.amy_says(&workitem, "two").await;
    host.round().await;
    assert_eq!(host.delivery(&workitem, &second).await, stopped(None));
    assert!(host.stopped(&workitem).await);
    assert_eq!(host.round().await, 0);
    host.in_order().await;
}

/// The message that was refused may belong to a conversation that is over.
#[tokio::test]
async fn stop_in_a_report_is_seen_in_the_conversation_that_is_open_now() {
    let host = Host::start().await;
    let before = host.conversation().await;
    host.amy_says(&before, "one").await;
    host.round().await;
    host.amy_ends(&before).await;
    host.dana_texts("SM2", "One more thing").await;
    let open = host.given_to_amy().await;
    assert!(!host.stopped(&open).await);
    let report = [("MessageStatus", "undelivered"), ("ErrorCode", "21610")];
    host.reports(0, &format!("SM{:032}", 1), &report).await;
    assert!(host.stopped(&open).await);
    host.in_order().await;
}

#[tokio::test]
async fn what_waits_beyond_the_day_of_whatsapp_is_not_sent() {
    let host = Host::start_as("twilio_whatsapp").await;
    let form = [
        ("MessageSid", "SM1"),
        ("From", "whatsapp:+15551230000"),
        ("To", "whatsapp:+15550006789"),
        ("Body", "Hi"),
    ];
    assert_eq!(host.twilio_calls(host.webhook(), &form).await.status, 200);
    let workitem = host.given_to_amy().await;
    host.clock.advance(24 * 3_600 - 60);
    host.twilio
        .next([Next::Answer(429, Some(30), r#"{"code": 20429}"#)]);
    let entry = host.amy_says(&workitem, "one").await;
    host.round().await;
    host.clock.advance(LATER);
    host.round().await;
    let closed = Delivery::failed(DeliveryReason::WindowClosed, None);
    assert_eq!(host.delivery(&workitem, &entry).await, closed);
    assert_eq!(host.twilio.sends().len(), 1);
    host.in_order().await;
}

/// E01 counts for what is tried again. What was given up is a message of its own and keeps nobody waiting.
#[tokio::test]
async fn e01_what_was_given_up_lets_the_next_one_go() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.twilio
        .next([Next::Answer(400, None, r#"{"code": 21211}"#)]);
    let first = host.amy_says(&workitem, "part 1 of 2").await;
    host.amy_says(&workitem, "part 2 of 2").await;
    assert_eq!((host.round().await, host.round().await), (1, 1));
    assert_eq!(host.state(&workitem, &first).await, DeliveryState::Failed);
    assert_eq!(host.twilio.taken(), ["part 2 of 2"]);
    // What is sent again goes behind what was said since.
    host.retry(&workitem, &first).await.unwrap();
    host.round().await;
    assert_eq!(host.twilio.taken(), ["part 2 of 2", "part 1 of 2"]);
}

#[tokio::test]
async fn a_channel_that_hangs_takes_no_room_of_another() {
    let host = Host::start().await;
    let ada = host.caller("ada").await;
    let mut other = change("twilio_sms", "care");
    other.address = "+15550001111".to_owned();
    let other =
        app::backend::Channels::provider_channel_create(&host.desk, &ada, host.key(), other);
    let other = other.await.unwrap().key;
    let texts = async |number: usize, to: &str, webhook: &str| {
        let (sid, from) = (format!("SM-{number}"), format!("+1555200{number:04}"));
        let mut form = message(&sid, "Hello");
        for pair in &mut form {
            match pair.0 {
                "From" => pair.1 = &from,
                "To" => pair.1 = to,
                _ => {}
            }
        }
        assert_eq!(host.twilio_calls(webhook, &form).await.status, 200);
        let workitem = host.given_to_amy().await;
        host.amy_says(&workitem, "Hello").await;
        // So that she can take the next one.
        host.amy_ends(&workitem).await;
    };
    for number in 0..12 {
        texts(number, crate::host::OURS, host.webhook()).await;
    }
    let hanging = host.desk.outbox_take().await.unwrap();
    assert_eq!(hanging.len(), 8, "a share, and not all");
    texts(99, "+15550001111", &format!("/channels/twilio/{other}")).await;
    let beside = host.desk.outbox_take().await.unwrap();
    let channels: Vec<_> = beside.iter().map(|taken| &taken.channel.key).collect();
    assert_eq!(channels, [&other], "the other channel's, at once");
    assert_eq!(host.desk.outbox_take().await.unwrap().len(), 0);
    // As soon as there is room, the rest goes.
    drop(hanging);
    assert_eq!(host.desk.outbox_take().await.unwrap().len(), 4);
}
