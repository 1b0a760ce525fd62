//! At least once: what fails is tried again under the same id, what was given up is delivered again, and what is gone is not
//! sent.

use server::commands::{Again, EventOutcome, EventSettle};
use shared::ids::{ReceiverId, WorkitemId};
use shared::time::Timestamp;
use shared::webhooks::{EventFailure, EventKind, EventState};

use crate::events::OPEN;
use crate::host::Host;
use crate::receiver::{Next, Receiver};

const DAY: u64 = 24 * 3_600;

/// A host with a receiver that is told when a conversation ends, and a conversation.
async fn story() -> (Host, Receiver, ReceiverId, WorkitemId) {
    story_at(Host::start().await).await
}

async fn story_at(host: Host) -> (Host, Receiver, ReceiverId, WorkitemId) {
    let receiver = Receiver::start().await;
    let (id, _) = host.add(&receiver, &[EventKind::WorkitemEnded]).await;
    let workitem = host.conversation().await;
    (host, receiver, id, workitem)
}

#[tokio::test]
async fn whatever_the_receiver_does_the_event_comes_again_under_its_id() {
    for (next, failure, status) in [
        (Next::Answer(500, None), EventFailure::Status, Some(500)),
        (Next::Answer(404, None), EventFailure::Status, Some(404)),
        (Next::Answer(300, None), EventFailure::Status, Some(300)),
        (Next::Redirect, EventFailure::Status, Some(302)),
        (Next::Nonsense, EventFailure::BrokenOff, None),
        (Next::Cut, EventFailure::BrokenOff, None),
        (Next::Silence, EventFailure::NoAnswer, None),
    ] {
        let host = match next {
            Next::Silence => Host::start_impatient().await,
            _ => Host::start().await,
        };
        let (host, receiver, id, workitem) = story_at(host).await;
        receiver.next([next]);
        host.amy_ends(&workitem).await;
        assert_eq!(host.deliver().await, 1, "{next:?}");
        let page = host.page(&id).await;
        let event = &page.events[0];
        assert_eq!(event.state, EventState::Pending, "{next:?}");
        assert_eq!(event.tries.failure, Some(failure), "{next:?}");
        assert_eq!(event.tries.status, status, "{next:?}");
        assert_eq!(page.receiver.health.failures, 1, "{next:?}");
        assert!(page.receiver.health.failing_since.is_some());
        host.clock.advance(5);
        assert_eq!(host.deliver().await, 1, "{next:?}");
        let got = receiver.got();
        assert_eq!(got.len(), 2, "{next:?}: a redirect is not followed");
        assert_eq!(got[0].id(), got[1].id());
        assert_eq!(got[1].header("webhook-timestamp"), "1700000005");
        let page = host.page(&id).await;
        assert_eq!(page.events[0].state, EventState::Delivered);
        assert_eq!(page.events[0].tries.attempts, 2);
        assert_eq!(page.receiver.health.failing_since, None);
        host.in_order().await;
    }
}

#[tokio::test]
async fn where_nobody_listens_there_is_no_connection() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", nobody.local_addr().unwrap());
    drop(nobody);
    let host = Host::start().await;
    let (id, _) = host
        .try_add(&url, &[EventKind::WorkitemEnded])
        .await
        .unwrap();
    let workitem = host.conversation().await;
    host.amy_ends(&workitem).await;
    host.deliver().await;
    let tries = host.page(&id).await.events[0].tries.clone();
    assert_eq!(tries.failure, Some(EventFailure::NoConnection));
}

#[tokio::test]
async fn an_answer_without_an_end_counts_by_its_status() {
    let (host, receiver, id, workitem) = story_at(Host::start_impatient().await).await;
    receiver.next([Next::EndlessBody]);
    host.amy_ends(&workitem).await;
    host.deliver().await;
    assert_eq!(host.page(&id).await.events[0].state, EventState::Delivered);
}

#[tokio::test]
async fn a_receiver_that_says_when_is_left_alone_until_then() {
    for (after, seconds) in [
        ("60", 60),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60),
        // At most an hour.
        ("99999999", 3_600),
    ] {
        let (host, receiver, id, workitem) = story().await;
        let second = host.conversation().await;
        receiver.next([Next::Answer(429, Some(after))]);
        host.amy_ends(&workitem).await;
        host.deliver().await;
        host.amy_ends(&second).await;
        let now = host.desk.clock().now().0;
        let paused = host.page(&id).await.receiver.health.paused_until.0 - now;
        assert!(paused >= seconds * 1_000_000, "{after}: {paused}");
        host.clock.advance(seconds as u64 - 1);
        assert_eq!(host.deliver().await, 0, "{after}: the other one waits too");
        host.clock.advance(4);
        assert_eq!(host.deliver().await, 2, "{after}");
        assert_eq!(receiver.got().len(), 3);
    }
}

#[tokio::test]
async fn a_receiver_that_fails_keeps_no_other_waiting() {
    let (host, failing, _, workitem) = story_at(Host::start_impatient().await).await;
    let other = Receiver::start().await;
    host.add(&other, &[EventKind::WorkitemEnded]).await;
    failing.always(Next::Silence);
    host.amy_ends(&workitem).await;
    assert_eq!(host.deliver().await, 2);
    assert_eq!(other.kinds(), ["workitem.ended"]);
    let second = host.conversation().await;
    host.amy_ends(&second).await;
    // The failing one is paused, or tried once more: the other gets its event in any case.
    host.deliver().await;
    assert_eq!(other.got().len(), 2);
    assert_ne!(failing.got()[0].id(), other.got()[0].id());
}

#[tokio::test]
async fn what_fails_is_overtaken_and_its_number_says_so() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    host.add(&receiver, &OPEN).await;
    receiver.next([Next::Answer(500, None)]);
    let workitem = host.conversation().await;
    assert_eq!(host.desk.events_round().await.unwrap(), 1, "one at a time");
    host.clock.advance(5);
    host.deliver().await;
    let numbers = receiver.got();
    let numbers = numbers
        .iter()
        .map(|got| got.json()["data"]["sequence"].as_i64());
    let mut numbers: Vec<i64> = numbers.map(Option::unwrap).collect();
    assert_eq!(numbers.remove(0), 1);
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4], "each of {workitem} came in the end");
}

#[tokio::test]
async fn f04_a_crash_between_sending_and_noting_gives_the_same_id() {
    let (host, receiver, id, workitem) = story().await;
    host.amy_ends(&workitem).await;
    // Sent, and the process ends before it notes that.
    let taken = host.desk.events_take().await.unwrap();
    receiver.next([Next::Answer(204, None)]);
    assert_eq!(taken.len(), 1);
    assert_eq!(host.deliver().await, 0, "somebody has it");
    host.clock.advance(61);
    assert_eq!(host.deliver().await, 1, "the lease is over");
    // The first one comes late: its end is noted no more.
    host.desk.event_deliver(&taken[0]).await;
    let late = EventSettle {
        job: taken[0].job.id,
        lease: taken[0].lease.clone(),
        event: taken[0].event.id.clone(),
        outcome: EventOutcome::Gone,
        at: host.desk.clock().now(),
    };
    assert!(!host.execute(late).await);
    let got = receiver.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].id(), got[1].id());
    assert_eq!(got[0].body, got[1].body);
    let page = host.page(&id).await;
    assert_eq!(page.events[0].state, EventState::Delivered);
    assert!(page.receiver.active);
    host.in_order().await;
}

#[tokio::test]
async fn what_was_given_up_is_delivered_again_one_by_one_or_all_since_a_time() {
    let (host, receiver, id, workitem) = story().await;
    receiver.always(Next::Answer(500, None));
    host.amy_ends(&workitem).await;
    host.deliver().await;
    host.clock.advance(3 * DAY + 60);
    host.deliver().await;
    let page = host.page(&id).await;
    let event = page.events[0].clone();
    assert_eq!(event.state, EventState::Failed);
    assert_eq!(event.tries.failure, Some(EventFailure::TooOld));
    host.in_order().await;

    receiver.always(Next::Answer(204, None));
    let ada = host.actor("ada").await;
    let again = |what| host.desk.webhook_again(&ada, host.key(), id.clone(), what);
    let since = |seconds: i64| Again::FailedSince(Timestamp(event.at.0 + seconds * 1_000_000));
    assert_eq!(again(since(1)).await.unwrap(), 0, "it failed before that");
    assert_eq!(again(since(0)).await.unwrap(), 1);
    assert_eq!(again(since(0)).await.unwrap(), 0, "it waits");
    let one = Again::One(event.id.clone());
    assert_eq!(again(one.clone()).await.unwrap(), 0, "it waits");
    host.clock.advance(700);
    assert_eq!(host.deliver().await, 1);
    assert_eq!(again(one).await.unwrap(), 1, "what was delivered as well");
    assert_eq!(host.deliver().await, 1);
    let ids: Vec<String> = receiver
        .got()
        .iter()
        .map(|got| got.id().to_owned())
        .collect();
    assert!(ids.iter().all(|id| *id == event.id), "{ids:?}");
    let nothing = again(Again::One("msg_none".to_owned())).await;
    assert_eq!(nothing, Err(shared::error::AppError::NotFound));
    host.in_order().await;
}

#[tokio::test]
async fn an_event_of_what_was_erased_or_deleted_meanwhile_says_nothing_of_it() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let all = [OPEN.to_vec(), vec![EventKind::CoachingCreated]].concat();
    let (id, _) = host.add(&receiver, &all).await;
    let workitem = host.conversation().await;
    host.sam_coaches(&workitem, "Dana is angry").await;
    host.execute(server::commands::CustomerErase {
        workitem: workitem.clone(),
        by: host.actor("ada").await.person(),
        entry: shared::ids::EntryId::parse("erased").unwrap(),
        session: None,
        context: host.context(),
    })
    .await;
    host.deliver().await;
    let kinds = receiver.kinds();
    assert!(kinds.contains(&"workitem.erased".to_owned()), "{kinds:?}");
    assert!(!kinds.contains(&"message.created".to_owned()), "{kinds:?}");
    assert!(!kinds.contains(&"coaching.created".to_owned()), "{kinds:?}");
    for got in receiver.got() {
        for word in ["lamp", "Dana", "angry"] {
            assert!(!got.body.contains(word), "{}", got.body);
        }
    }
    let events = host.page(&id).await.events;
    let dropped = events.iter().filter(|one| one.state == EventState::Dropped);
    assert_eq!(dropped.count(), 2, "the message and the coaching");
    let held = |words: &str| {
        host.count(&format!(
            "SELECT COUNT(*) FROM webhook_events WHERE facts LIKE '%{words}%'"
        ))
    };
    assert_eq!((held("lamp"), held("Dana"), held("angry")), (0, 0, 0));
    host.in_order().await;
}
