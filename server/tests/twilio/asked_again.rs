//! What nobody knows the end of is asked about, and only what Twilio has of it counts: not what was sent before, not what did not
//! arrive, and not that the question was refused.

use shared::delivery::{Delivery, DeliveryReason, DeliveryState};

use crate::host::Host;
use crate::stand_in::Next;

/// Longer than any pause.
const LATER: u64 = 700;

fn sid(number: usize) -> String {
    format!("SM{number:032}")
}

#[tokio::test]
async fn what_did_not_arrive_is_not_taken_for_what_is_sent_again() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let entry = host.amy_says(&workitem, "one").await;
    host.round().await;
    let report = [("MessageStatus", "undelivered"), ("ErrorCode", "30003")];
    host.reports(0, &sid(1), &report).await;
    host.retry(&workitem, &entry).await.unwrap();
    // Nobody takes the second attempt, and the first one is still in the list.
    host.twilio.next([Next::Silence]);
    host.round().await;
    host.clock.advance(LATER);
    host.round().await;
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
    assert_eq!(host.twilio.taken(), ["one", "one"]);
    // After each of several attempts.
    host.reports(2, &sid(2), &report).await;
    host.retry(&workitem, &entry).await.unwrap();
    host.twilio.next([Next::Silence]);
    host.round().await;
    host.clock.advance(LATER);
    host.round().await;
    assert_eq!(host.twilio.taken(), ["one", "one", "one"]);
    host.in_order().await;
}

#[tokio::test]
async fn what_an_erased_customer_was_sent_is_not_taken_for_something_new() {
    let host = Host::start().await;
    let first = host.conversation().await;
    host.amy_says(&first, "one").await;
    host.round().await;
    host.erases(first).await;
    let names = "SELECT COUNT(*) FROM deliveries WHERE provider_id IS NOT NULL";
    assert_eq!(host.count(names), 0);
    assert_eq!(host.dana_texts("SM2", "Hello again").await.status, 200);
    let second = host.given_to_amy().await;
    host.twilio.next([Next::Silence]);
    let entry = host.amy_says(&second, "one").await;
    host.round().await;
    host.clock.advance(LATER);
    host.round().await;
    assert_eq!(host.state(&second, &entry).await, DeliveryState::Sent);
    assert_eq!(host.twilio.taken(), ["one", "one"]);
    host.in_order().await;
}

#[tokio::test]
async fn what_twilio_took_and_could_not_deliver_is_sent_again() {
    for status in ["failed", "undelivered", "canceled"] {
        let host = Host::start().await;
        let workitem = host.conversation().await;
        host.twilio.next([Next::TakenWithoutAnswer]);
        let entry = host.amy_says(&workitem, "one").await;
        host.round().await;
        host.twilio.all_are(status);
        host.clock.advance(LATER);
        host.round().await;
        assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
        assert_eq!(host.twilio.taken(), ["one", "one"], "{status}");
    }
}

#[tokio::test]
async fn a_refused_question_settles_nothing() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.twilio.next([Next::TakenWithoutAnswer]);
    let entry = host.amy_says(&workitem, "one").await;
    host.twilio.lists(false);
    for _ in 0..3 {
        host.round().await;
        host.clock.advance(LATER);
        assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Queued);
    }
    host.twilio.lists(true);
    host.round().await;
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
    assert_eq!(host.twilio.sends().len(), 1);
    host.in_order().await;
}

/// Twilio took a message of amy's, and nobody could ask whether it did until it was given up.
async fn given_up(host: &Host) -> (shared::ids::WorkitemId, shared::ids::EntryId) {
    let workitem = host.conversation().await;
    host.twilio.next([Next::TakenWithoutAnswer]);
    let entry = host.amy_says(&workitem, "one").await;
    host.twilio.lists(false);
    for _ in 0..10 {
        host.round().await;
        host.clock.advance(LATER);
    }
    let failed = Delivery::failed(DeliveryReason::NoAnswer, None);
    assert_eq!(host.delivery(&workitem, &entry).await, failed);
    host.twilio.lists(true);
    (workitem, entry)
}

#[tokio::test]
async fn a_retry_of_what_was_given_up_asks_first() {
    let host = Host::start().await;
    let (workitem, entry) = given_up(&host).await;
    host.retry(&workitem, &entry).await.unwrap();
    assert_eq!((host.round().await, host.round().await), (1, 0));
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
    assert_eq!(host.twilio.sends().len(), 1, "it was there");
    host.in_order().await;
}

#[tokio::test]
async fn a_report_of_what_was_given_up_settles_it() {
    let sent = [("MessageStatus", "sent")];
    let host = Host::start().await;
    let (workitem, entry) = given_up(&host).await;
    assert_eq!(host.reports(0, &sid(1), &sent).await.status, 204);
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);

    // As well when it waits again.
    let host = Host::start().await;
    let (workitem, entry) = given_up(&host).await;
    host.retry(&workitem, &entry).await.unwrap();
    assert_eq!(host.reports(0, &sid(1), &sent).await.status, 204);
    assert_eq!(host.round().await, 0);
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
    assert_eq!(host.twilio.sends().len(), 1);
    host.in_order().await;
}
