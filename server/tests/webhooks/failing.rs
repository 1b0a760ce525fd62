//! Receivers that are switched off, by the program or by administrators, and what is deleted with them.

use shared::webhooks::{EventKind, EventState, OffReason};

use crate::host::Host;
use crate::receiver::{Next, Receiver};

const HOUR: u64 = 3_600;

#[tokio::test]
async fn a_receiver_that_answers_410_is_switched_off_at_once() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let (id, _) = host.add(&receiver, &[EventKind::WorkitemEnded]).await;
    let (workitem, second) = (host.conversation().await, host.conversation().await);
    receiver.next([Next::Answer(410, None)]);
    host.amy_ends(&workitem).await;
    host.deliver().await;
    host.amy_ends(&second).await;
    assert_eq!(host.deliver().await, 0);
    let row = host.page(&id).await.receiver;
    assert!(!row.active);
    let off = row.health.off.unwrap();
    assert_eq!(off, (OffReason::Gone, host.desk.clock().now()));
    let audited =
        "SELECT COUNT(*) FROM audit WHERE what = 'webhook_switched_off' AND actor_id IS NULL";
    assert_eq!(host.count(audited), 1);

    let ada = host.actor("ada").await;
    let on = host
        .desk
        .webhook_activate(&ada, host.key(), id.clone(), true);
    on.await.unwrap();
    let row = host.page(&id).await.receiver;
    assert!(row.active && row.health.off.is_none());
    assert_eq!(row.health.failures, 0);
    host.in_order().await;
}

#[tokio::test]
async fn a_receiver_that_fails_for_days_is_switched_off_and_says_since_when() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let (id, _) = host.add(&receiver, &[EventKind::WorkitemEnded]).await;
    receiver.always(Next::Answer(503, None));
    let begun = host.desk.clock().now();
    let mut hours = 0;
    while host.page(&id).await.receiver.active {
        let workitem = host.conversation().await;
        host.amy_ends(&workitem).await;
        host.deliver().await;
        host.clock.advance(6 * HOUR);
        hours += 6;
        assert!(hours < 100, "it is switched off after three days");
    }
    let health = host.page(&id).await.receiver.health;
    assert_eq!(health.failing_since, Some(begun));
    assert!(hours >= 72, "not before three days: {hours}");
    assert_eq!(health.off.unwrap().0, OffReason::Failing);
    let before = receiver.got().len();
    let workitem = host.conversation().await;
    host.amy_ends(&workitem).await;
    assert_eq!((host.deliver().await, receiver.got().len()), (0, before));
    host.in_order().await;
}

#[tokio::test]
async fn what_is_deleted_is_wiped_and_sent_no_more() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let (id, secret) = host.add(&receiver, &[EventKind::WorkitemEnded]).await;
    let workitem = host.conversation().await;
    host.amy_ends(&workitem).await;
    let ada = host.actor("ada").await;
    let key = host.key();
    for _ in 0..2 {
        let deleted = host.desk.webhook_delete(&ada, key.clone(), id.clone());
        deleted.await.unwrap();
    }
    assert_eq!(host.deliver().await, 0);
    let secrets = "SELECT COUNT(*) FROM webhook_secrets";
    assert_eq!(host.count(secrets), 0);
    host.in_order().await;
    host.desk.retention_step().await.unwrap();
    host.desk.retention_step().await.unwrap();
    let rest =
        "SELECT (SELECT COUNT(*) FROM webhook_receivers) + (SELECT COUNT(*) FROM webhook_events)
        + (SELECT COUNT(*) FROM jobs)";
    assert_eq!(host.count(rest), 0);
    assert!(receiver.got().is_empty());
    assert!(
        !host
            .stored()
            .windows(secret.len())
            .any(|part| part == secret.as_bytes())
    );
    host.in_order().await;
}

#[tokio::test]
async fn the_log_forgets_after_thirty_days() {
    let host = Host::start().await;
    let receiver = Receiver::start().await;
    let (id, _) = host.add(&receiver, &[EventKind::WorkitemEnded]).await;
    let workitem = host.conversation().await;
    host.amy_ends(&workitem).await;
    host.deliver().await;
    host.clock.advance(29 * 24 * HOUR);
    host.desk.retention_step().await.unwrap();
    assert_eq!(host.page(&id).await.events[0].state, EventState::Delivered);
    host.clock.advance(2 * 24 * HOUR);
    let mut gone = 0;
    // Other things may be too old as well.
    for _ in 0..20 {
        gone += host.desk.retention_step().await.unwrap().webhook_events;
    }
    assert_eq!(gone, 1);
    assert!(host.page(&id).await.events.is_empty());
    host.in_order().await;
}
