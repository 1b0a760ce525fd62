//! A customer can be answered for 24 hours after they wrote: the workitem says until when, and the host holds to it.

use serde_json::json;
use server::clock_and_ids::Clock;
use shared::delivery::{Delivery, DeliveryReason};
use shared::error::{AppError, ConflictCause};
use shared::ids::WorkitemId;

use crate::host::{Host, INSTAGRAM, MESSENGER, WHATSAPP};
use crate::stand_in::Next;

const DAY: u64 = 24 * 3_600;

/// What the workitem says, in seconds from now.
async fn left(host: &Host, workitem: &WorkitemId) -> Option<i64> {
    let amy = host.actor("amy").await;
    let loaded =
        app::backend::Workitems::conversation_load(&host.desk, &amy, workitem.clone()).await;
    let until = loaded.unwrap().workitem.limits.unwrap().answer_until?;
    // The list says the same.
    let list = app::backend::Workitems::worklist_load(&host.desk, &amy).await;
    let list = list.unwrap().workitems;
    let listed = list.into_iter().find(|listed| listed.id == *workitem);
    assert_eq!(listed.unwrap().limits.unwrap().answer_until, Some(until));
    Some((until.0 - host.clock.now().0) / 1_000_000)
}

fn closed() -> AppError {
    AppError::conflict(ConflictCause::WindowClosed)
}

#[tokio::test]
async fn an_answer_is_taken_for_a_day_and_not_a_second_longer() {
    for kind in [MESSENGER, INSTAGRAM, WHATSAPP] {
        let host = Host::start_as(kind).await;
        let workitem = host.conversation().await;
        assert_eq!(left(&host, &workitem).await, Some(DAY as i64), "{kind}");
        host.clock.advance(DAY - 1);
        assert_eq!(left(&host, &workitem).await, Some(1));
        host.amy_says(&workitem, "Which lamp?").await;
        // What the agent says is no message of the customer's.
        assert_eq!(left(&host, &workitem).await, Some(1));
        host.clock.advance(1);
        let coaching = host.sam_coaches(&workitem, "Offer a refund").await;
        let before = host.entries(&workitem).await;
        assert_eq!(
            host.try_amy_says(&workitem, "Hello?").await.unwrap_err(),
            closed()
        );
        assert_eq!(
            host.try_forward(&workitem, &coaching).await.unwrap_err(),
            closed()
        );
        assert_eq!(
            host.entries(&workitem).await,
            before,
            "nothing is kept of what was refused"
        );
        // As soon as the customer writes again, it is open.
        host.dana_writes("mid-2", "Sorry, I was away").await;
        assert_eq!(left(&host, &workitem).await, Some(DAY as i64));
        host.amy_says(&workitem, "Welcome back").await;
        host.try_forward(&workitem, &coaching).await.unwrap();
        host.in_order().await;
    }
}

#[tokio::test]
async fn what_waited_is_not_sent_again_after_the_window() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let refusal = r#"{"error": {"code": 10, "error_subcode": 2018278, "message": "Outside"}}"#;
    host.meta.next([Next::Answer(400, None, refusal)]);
    let entry = host.amy_says(&workitem, "one").await;
    host.round().await;
    host.clock.advance(DAY);
    assert_eq!(host.retry(&workitem, &entry).await.unwrap_err(), closed());
    assert_eq!(host.round().await, 0);
    host.dana_writes("mid-2", "Hello?").await;
    host.retry(&workitem, &entry).await.unwrap();
    host.round().await;
    assert_eq!(host.meta.taken(), ["one"]);
}

#[tokio::test]
async fn what_waits_beyond_the_window_is_not_sent() {
    for kind in [MESSENGER, INSTAGRAM, WHATSAPP] {
        let host = Host::start_as(kind).await;
        let workitem = host.conversation().await;
        host.clock.advance(DAY - 60);
        host.meta.next([Next::Answer(429, Some(30), "nonsense")]);
        let first = host.amy_says(&workitem, "one").await;
        let second = host.amy_says(&workitem, "two").await;
        host.round().await;
        host.clock.advance(700);
        assert_eq!((host.round().await, host.round().await), (0, 0));
        let closed = Delivery::failed(DeliveryReason::WindowClosed, None);
        for entry in [&first, &second] {
            assert_eq!(host.delivery(&workitem, entry).await, closed, "{kind}");
        }
        assert_eq!(host.meta.sends().len(), 1);
        host.in_order().await;
    }
}

/// A message that Meta brings late opens the window for what is left of it, and one that comes again for nothing.
#[tokio::test]
async fn the_day_begins_when_the_customer_wrote() {
    let host = Host::start().await;
    let mut late = host.item(json!({ "message": { "mid": "mid-1", "text": "My lamp hums" } }));
    late["timestamp"] = json!(host.millis() - 3_600_000);
    let late = host.batch(late);
    host.meta_calls(&late).await;
    let workitem = host.given_to_amy().await;
    assert_eq!(left(&host, &workitem).await, Some(DAY as i64 - 3_600));
    host.clock.advance(600);
    host.meta_calls(&late).await;
    assert_eq!(left(&host, &workitem).await, Some(DAY as i64 - 4_200));
    // Older than what is known: nothing is taken back. From the future: not more than a day.
    let mut older = host.item(json!({ "message": { "mid": "mid-0", "text": "Hello" } }));
    older["timestamp"] = json!(host.millis() - 7_200_000);
    host.meta_calls(&host.batch(older)).await;
    assert_eq!(left(&host, &workitem).await, Some(DAY as i64 - 4_200));
    let mut ahead = host.item(json!({ "message": { "mid": "mid-2", "text": "Hello" } }));
    ahead["timestamp"] = json!(host.millis() + 7_200_000);
    host.meta_calls(&host.batch(ahead)).await;
    assert_eq!(left(&host, &workitem).await, Some(DAY as i64));
    // Reading is not writing.
    host.clock.advance(60);
    let read = host.item(json!({ "read": { "watermark": host.millis() } }));
    host.meta_calls(&host.batch(read)).await;
    assert_eq!(left(&host, &workitem).await, Some(DAY as i64 - 60));
}

#[tokio::test]
async fn a_conversation_that_is_over_has_no_clock() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.amy_ends(&workitem).await;
    assert_eq!(left(&host, &workitem).await, None);
    host.dana_writes("mid-2", "One more thing").await;
    let second = host.given_to_amy().await;
    assert_eq!(left(&host, &workitem).await, None);
    assert_eq!(left(&host, &second).await, Some(DAY as i64));
}
