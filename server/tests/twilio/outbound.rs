//! What goes to Twilio: in order, once as far as Twilio lets us know, tried again, and given up with a reason.

use server::desk::providers::Outgoing;
use shared::delivery::{Delivery, DeliveryReason, DeliveryState};
use shared::error::{AppError, Problem};
use shared::ids::WorkitemId;
use shared::transcript::EntryBody;

use crate::host::{DANAS, Host, OURS, PUBLIC, message};
use crate::stand_in::{ACCOUNT, Next, Odd};

/// Longer than any pause.
const LATER: u64 = 700;

/// A conversation that another customer began and amy has.
async fn ezras_conversation(host: &Host) -> WorkitemId {
    let mut form = message("SM-ezra", "Hello");
    for pair in &mut form {
        if pair.0 == "From" {
            pair.1 = "+15551230001";
        }
    }
    let brought = host.twilio_calls(host.webhook(), &form).await;
    assert_eq!(brought.status, 200);
    host.given_to_amy().await
}

#[tokio::test]
async fn a_message_is_handed_over_and_its_way_is_seen() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let entry = host.amy_says(&workitem, "Which lamp? ä€🙂").await;
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Queued);
    assert_eq!(host.round().await, 1);
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);

    let asked = &host.twilio.sends()[0];
    assert_eq!(
        asked.path,
        format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    );
    assert_eq!((asked.get("From"), asked.get("To")), (OURS, DANAS));
    assert_eq!(asked.get("Body"), "Which lamp? ä€🙂");
    let report_to = asked.get("StatusCallback");
    assert!(
        report_to.starts_with(&format!("{PUBLIC}/channels/twilio/")),
        "{report_to}"
    );

    let sid = format!("SM{:032}", 1);
    let state = |state| [("MessageStatus", state)];
    for (word, expected) in [
        ("sent", DeliveryState::Sent),
        ("delivered", DeliveryState::Delivered),
        // Late, and twice.
        ("sent", DeliveryState::Delivered),
        ("read", DeliveryState::Read),
        ("delivered", DeliveryState::Read),
        ("something_new", DeliveryState::Read),
    ] {
        assert_eq!(
            host.reports(0, &sid, &state(word)).await.status,
            204,
            "{word}"
        );
        assert_eq!(host.state(&workitem, &entry).await, expected, "{word}");
    }
    host.in_order().await;
}

#[tokio::test]
async fn a_node_that_does_not_know_the_kind_of_a_channel_leaves_its_messages_to_one_that_does() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let entry = host.amy_says(&workitem, "Which lamp?").await;
    assert_eq!(host.before().outbox_round().await.unwrap(), 1);
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Queued);
    assert!(host.twilio.sends().is_empty());
    host.clock.advance(LATER);
    assert_eq!(host.round().await, 1);
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
    assert_eq!(host.twilio.taken(), ["Which lamp?"]);
    host.in_order().await;
}

#[tokio::test]
async fn a_report_that_nobody_signed_or_that_is_about_nothing_is_refused() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.amy_says(&workitem, "Which lamp?").await;
    host.round().await;
    let report_to = host.twilio.sends()[0].get("StatusCallback").to_owned();
    let path = report_to.strip_prefix(PUBLIC).unwrap();
    let form = [("MessageSid", "SM1"), ("MessageStatus", "delivered")];
    assert_eq!(host.called(path, &form, None).await.status, 400);
    assert_eq!(host.called(path, &form, Some("wrong")).await.status, 403);
    let (base, _) = path.split_once('?').unwrap();
    for other in ["", "?message=", "?message=nobody.1", "?message=x.y"] {
        let path = format!("{base}{other}");
        assert_eq!(host.twilio_calls(&path, &form).await.status, 404, "{path}");
    }
    let next = format!("{}9", path);
    assert_eq!(host.twilio_calls(&next, &form).await.status, 404);
}

#[tokio::test]
async fn e01_the_second_message_waits_for_the_first() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.twilio.next([Next::Answer(500, None, "nonsense")]);
    host.amy_says(&workitem, "one").await;
    host.amy_says(&workitem, "two").await;
    assert_eq!(host.round().await, 1, "the second is not taken");
    assert_eq!(host.round().await, 0);
    assert_eq!(host.twilio.taken(), [""; 0]);
    host.clock.advance(LATER);
    assert_eq!((host.round().await, host.round().await), (1, 1));
    assert_eq!(host.twilio.taken(), ["one", "two"]);
    // Another customer's never waited.
    host.in_order().await;
}

#[tokio::test]
async fn too_many_requests_pause_the_channel_for_as_long_as_twilio_says() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.twilio
        .next([Next::Answer(429, Some(90), r#"{"code": 20429}"#)]);
    let entry = host.amy_says(&workitem, "one").await;
    host.round().await;
    host.clock.advance(89);
    host.round().await;
    assert_eq!(host.twilio.sends().len(), 1, "not before");
    host.clock.advance(LATER);
    host.round().await;
    assert_eq!(host.twilio.taken(), ["one"]);
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
}

/// A pause is in the database: another node obeys it, and so does a program that starts again meanwhile.
#[tokio::test]
async fn a_pause_holds_on_every_node_and_for_every_customer_of_the_channel() {
    let host = Host::start().await;
    let danas = host.conversation().await;
    let ezras = ezras_conversation(&host).await;
    host.twilio
        .next([Next::Answer(429, Some(90), r#"{"code": 20429}"#)]);
    host.amy_says(&danas, "one").await;
    assert_eq!(host.round().await, 1);
    host.amy_says(&danas, "two").await;
    host.amy_says(&ezras, "three").await;
    let node = host.beside();
    for advance in [0, 30, 59] {
        host.clock.advance(advance);
        assert_eq!(node.outbox_round().await.unwrap(), 0);
        assert_eq!(host.round().await, 0);
    }
    assert_eq!(host.twilio.sends().len(), 1, "nothing before second 90");
    host.clock.advance(1);
    assert_eq!(node.outbox_round().await.unwrap(), 1);
    assert_eq!(host.twilio.taken(), ["three"]);
    // The one that was refused waits a little longer, and Dana's next one waits for it.
    host.clock.advance(LATER);
    assert_eq!(node.outbox_round().await.unwrap(), 1);
    assert_eq!(host.round().await, 1);
    assert_eq!(host.twilio.taken(), ["three", "one", "two"]);
    host.in_order().await;
}

/// Something broke over one message, which comes back no earlier than Twilio asks and no later than in an hour. It says nothing of
/// other customers.
#[tokio::test]
async fn a_time_to_come_back_after_a_failure_is_for_that_message_alone() {
    for (asked, last) in [(90, 89), (7_200, 3_599)] {
        let host = Host::start().await;
        let danas = host.conversation().await;
        let ezras = ezras_conversation(&host).await;
        host.twilio.next([Next::Answer(503, Some(asked), "<html>")]);
        host.amy_says(&danas, "one").await;
        assert_eq!(host.round().await, 1);
        host.amy_says(&ezras, "two").await;
        assert_eq!(host.round().await, 1, "nobody else waits");
        assert_eq!(host.twilio.taken(), ["two"]);
        assert_eq!(host.count("SELECT COUNT(*) FROM job_pauses"), 0);
        host.clock.advance(last);
        assert_eq!(host.round().await, 0, "not before {asked}");
        host.clock.advance(LATER);
        assert_eq!(host.round().await, 1);
        assert_eq!(host.twilio.taken(), ["two", "one"]);
        host.in_order().await;
    }
}

/// What was taken before the pause and comes to be sent within it waits for the end as well.
#[tokio::test]
async fn a_pause_stops_what_was_taken_and_not_sent() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let ezras = ezras_conversation(&host).await;
    host.twilio
        .next([Next::Answer(429, Some(90), r#"{"code": 20429}"#)]);
    host.amy_says(&workitem, "one").await;
    host.amy_says(&ezras, "two").await;
    let taken = host.desk.outbox_take().await.unwrap();
    assert_eq!(taken.len(), 2);
    host.desk.outbox_deliver(&taken[0]).await;
    host.beside().outbox_deliver(&taken[1]).await;
    assert_eq!(host.twilio.sends().len(), 1);
    drop(taken);
    host.clock.advance(89);
    assert_eq!(host.round().await, 0);
    host.clock.advance(1);
    assert_eq!(host.round().await, 1);
    assert_eq!(host.twilio.taken(), ["two"]);
    host.clock.advance(LATER);
    assert_eq!(host.round().await, 1);
    assert_eq!(host.twilio.taken(), ["two", "one"]);
    host.in_order().await;
}

#[tokio::test]
async fn what_twilio_refuses_is_a_dead_letter_with_its_reason_and_can_be_sent_again() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let refusal = r#"{"code": 21211, "message": "The number is wrong.", "status": 400}"#;
    host.twilio.next([Next::Answer(400, None, refusal)]);
    let entry = host.amy_says(&workitem, "one").await;
    host.round().await;
    let failed = Delivery::failed(DeliveryReason::Refused, Some(21_211));
    assert_eq!(host.delivery(&workitem, &entry).await, failed);
    host.clock.advance(LATER);
    assert_eq!(host.round().await, 0, "it is tried only when asked for");
    host.in_order().await;

    host.retry(&workitem, &entry).await.unwrap();
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Queued);
    host.retry(&workitem, &entry).await.unwrap();
    assert_eq!((host.round().await, host.round().await), (1, 0), "once");
    assert_eq!(host.twilio.taken(), ["one"]);
    // What is said of the first attempt is about nothing any more.
    let late = host
        .reports(0, "SM-late", &[("MessageStatus", "failed")])
        .await;
    assert_eq!(late.status, 404);
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
    host.in_order().await;
}

#[tokio::test]
async fn what_did_not_reach_the_phone_is_reported_later() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let entry = host.amy_says(&workitem, "one").await;
    host.round().await;
    let sid = format!("SM{:032}", 1);
    let report = [("MessageStatus", "undelivered"), ("ErrorCode", "30003")];
    host.reports(0, &sid, &report).await;
    let failed = Delivery::failed(DeliveryReason::Undelivered, Some(30_003));
    assert_eq!(host.delivery(&workitem, &entry).await, failed);
}

#[tokio::test]
async fn a_customer_who_said_stop_to_twilio_is_known_from_then_on() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.twilio
        .next([Next::Answer(400, None, r#"{"code": 21610}"#)]);
    let entry = host.amy_says(&workitem, "one").await;
    host.round().await;
    let failed = Delivery::failed(DeliveryReason::Stopped, Some(21_610));
    assert_eq!(host.delivery(&workitem, &entry).await, failed);
    assert!(host.try_amy_says(&workitem, "two").await.is_err());
    assert!(host.retry(&workitem, &entry).await.is_err());
}

#[tokio::test]
async fn a_vendor_that_never_answers_is_given_up() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    // Refused connections: nothing is there.
    host.twilio
        .next((0..20).map(|_| Next::Answer(503, None, "<html>")));
    let entry = host.amy_says(&workitem, "one").await;
    for attempt in 1..=10 {
        assert_eq!(
            host.state(&workitem, &entry).await,
            DeliveryState::Queued,
            "{attempt}"
        );
        host.round().await;
        host.clock.advance(LATER);
    }
    let failed = Delivery::failed(DeliveryReason::NoAnswer, None);
    assert_eq!(host.delivery(&workitem, &entry).await, failed);
    assert_eq!(host.twilio.sends().len(), 10);
    host.in_order().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_or_late_sends_nothing_twice() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    // Twilio has it, and the answer is cut.
    host.twilio.next([Next::TakenWithoutAnswer]);
    let entry = host.amy_says(&workitem, "one").await;
    host.round().await;
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Queued);
    host.clock.advance(LATER);
    host.round().await;
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
    assert_eq!(
        (host.twilio.sends().len(), host.twilio.taken().len()),
        (1, 1)
    );

    // Silence: nobody knows, and it was not taken.
    host.twilio.next([Next::Silence]);
    host.amy_says(&workitem, "two").await;
    host.round().await;
    host.clock.advance(LATER);
    host.round().await;
    assert_eq!(host.twilio.taken(), ["one", "two"]);
    // The same words again are another message.
    host.twilio.next([Next::TakenWithoutAnswer]);
    host.amy_says(&workitem, "two").await;
    host.round().await;
    host.clock.advance(LATER);
    host.round().await;
    assert_eq!(host.twilio.taken(), ["one", "two", "two"]);
    assert_eq!(
        host.count("SELECT COUNT(DISTINCT provider_id) FROM deliveries"),
        3
    );

    // It says yes too slowly, without an end, or so that nobody can read it. What it has is not sent again, and the rest is.
    let mut said = host.twilio.taken();
    for (answer, taken) in Odd::ALL
        .into_iter()
        .flat_map(|answer| [(answer, true), (answer, false)])
    {
        let text = format!("{answer:?}, taken: {taken}");
        let before = host.twilio.sends().len();
        host.twilio.next([Next::Odd { taken, answer }]);
        let entry = host.amy_says(&workitem, &text).await;
        host.round().await;
        let state = host.state(&workitem, &entry).await;
        assert_eq!(state, DeliveryState::Queued, "{text}");
        host.clock.advance(LATER);
        host.round().await;
        let state = host.state(&workitem, &entry).await;
        assert_eq!(state, DeliveryState::Sent, "{text}");
        let sends = host.twilio.sends().len() - before;
        assert_eq!(sends, if taken { 1 } else { 2 }, "{text}");
        said.push(text);
    }
    assert_eq!(host.twilio.taken(), said);
    host.in_order().await;
}

/// A crash between sending and noting: the lease ends, and somebody else asks first.
#[tokio::test]
async fn a_crash_between_sending_and_noting_is_settled_by_asking() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let entry = host.amy_says(&workitem, "one").await;
    let taken = host.desk.outbox_take().await.unwrap();
    // It is sent by somebody who is gone before anything is noted.
    let channel = &host.channel.key;
    let found = host.desk.account_find(channel, &["twilio_sms"]).await;
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
    assert_eq!(host.state(&workitem, &entry).await, DeliveryState::Sent);
    assert_eq!(
        (host.twilio.sends().len(), host.twilio.taken().len()),
        (1, 1)
    );

    // Gone before it was sent: it is sent once.
    let second = host.amy_says(&workitem, "two").await;
    drop(host.desk.outbox_take().await.unwrap());
    host.clock.advance(61);
    host.round().await;
    assert_eq!(host.state(&workitem, &second).await, DeliveryState::Sent);
    assert_eq!(host.twilio.taken(), ["one", "two"]);
    host.in_order().await;
}

#[tokio::test]
async fn a_report_settles_what_nobody_noted() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    host.twilio.next([Next::TakenWithoutAnswer]);
    let entry = host.amy_says(&workitem, "one").await;
    host.round().await;
    host.reports(0, "SM1", &[("MessageStatus", "delivered")])
        .await;
    assert_eq!(
        host.state(&workitem, &entry).await,
        DeliveryState::Delivered
    );
    host.clock.advance(LATER);
    assert_eq!(host.round().await, 0);
    assert_eq!(host.twilio.asked().len(), 1);
    host.in_order().await;
}

#[tokio::test]
async fn a_text_has_1600_characters_at_most() {
    let host = Host::start().await;
    let workitem = host.conversation().await;
    let refused = host.try_amy_says(&workitem, &"x".repeat(1_601)).await;
    let problem = Problem::TooLong {
        max: 1_600,
        actual: 1_601,
    };
    assert_eq!(refused.unwrap_err(), AppError::invalid("text", problem));
    host.amy_says(&workitem, &"x".repeat(1_600)).await;
}

#[tokio::test]
async fn a_chat_page_has_no_jobs_and_no_states() {
    let host = Host::start().await;
    let amy = host.actor("amy").await;
    let list = app::backend::Workitems::worklist_load(&host.desk, &amy).await;
    let list = list.unwrap().workitems;
    for row in list.iter().filter(|row| row.channel.coachable()) {
        host.amy_says(&row.id, "Hello").await;
        let entries = host.entries(&row.id).await;
        let states = entries.iter().filter(|entry| {
            matches!(
                &entry.body,
                EntryBody::Message {
                    delivery: Some(_),
                    ..
                }
            )
        });
        assert_eq!(states.count(), 0);
    }
    assert_eq!(host.count("SELECT COUNT(*) FROM jobs"), 0);
}
