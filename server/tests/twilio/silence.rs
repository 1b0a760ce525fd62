//! Silence (SPEC, part 3) on the way through a provider: one conversation twice, with all that supervisors do and without, with the
//! same clock and ids, by text message and on WhatsApp.
//! Twilio is asked for the same, byte for byte, in the same order and as often, and so are its own calls answered. A system that
//! reads what the customer saw reads the same.

use shared::delivery::DeliveryState;

use crate::craft::{BESIDE, Craft, HIDDEN, INSTEAD, LONG, REASSIGNED};
use crate::host::{Answered, Host, SMS, WHATSAPP};
use crate::provided::{Heard, OFFER};
use crate::stand_in::Next;

/// The picture that Dana sends, and where Twilio has it.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";
const PATH: &str = "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";

async fn heard(kind: &str, coached: bool, notified: bool) -> Heard {
    let host = Host::start_as(kind).await;
    let craft = Craft::begin(&host.desk, coached).await;
    if !notified {
        craft.agents_are_not_notified().await;
    }
    let mut answered = vec![dana_sends_a_picture(&host).await];
    let workitem = host.given_to_amy().await;
    host.clock.advance(LONG);
    craft.everything_silent(&workitem).await;
    if coached {
        host.sam_coaches(&workitem, "Ask for the order first").await;
        host.amy_replies(&workitem, "She has none yet").await;
    }
    host.clock.advance(5);
    assert_eq!(host.fetches().await, 1);
    host.amy_says(&workitem, "May I have the order number?")
        .await;
    host.twilio.next([Next::Answer(500, None, "")]);
    host.round().await;
    answered.push(host.dana_texts("SM2", "LF-448812").await);
    let offer = host.amy_offers(&workitem, coached).await;
    craft.sam_writes_beside(&workitem, BESIDE).await;
    craft.sam_takes_over(&workitem, INSTEAD).await;
    craft.sam_reassigns(&workitem, REASSIGNED).await;
    host.clock.advance(700);
    while host.round().await > 0 {}
    answered.extend(reported(&host).await);
    let state = host.state(&workitem, &offer).await;
    assert_eq!(state, DeliveryState::Delivered);
    craft.ends(&workitem).await;
    craft.wraps_up(&workitem).await;
    if coached {
        host.sam_coaches(&workitem, "That went well").await;
        host.amy_replies(&workitem, "Thank you, Sam").await;
    }
    // The next conversation of the same customer.
    host.clock.advance(3_600);
    answered.push(host.dana_texts("SM3", "One more thing").await);
    let second = host.given_to_amy().await;
    if coached {
        host.sam_coaches(&second, "Again?").await;
    }
    let last = host.amy_says(&second, "Yes?").await;
    host.round().await;
    assert_eq!(host.state(&second, &last).await, DeliveryState::Sent);
    Heard {
        read: host.customers_transcript(&workitem).await,
        asked: host.twilio.asked(),
        answered,
    }
}

/// Her first message.
async fn dana_sends_a_picture(host: &Host) -> Answered {
    let address = host.twilio.serves(PATH, PICTURE);
    let mut form = host.danas("SM1", "My lamp hums");
    form.retain(|(name, _)| *name != "NumMedia");
    form.extend([
        ("NumMedia", "1"),
        ("MediaContentType0", "image/png"),
        ("MediaUrl0", address.as_str()),
    ]);
    host.twilio_calls(host.webhook(), &form).await
}

/// Twilio reports on all that it took: it is under way, and then there; the last one did not arrive.
async fn reported(host: &Host) -> Vec<Answered> {
    let mut answered = Vec::new();
    // It did not take the first attempt.
    let last = host.twilio.sends().len() - 1;
    for number in 1..=last {
        let sid = format!("SM{number:032}");
        let end: &[(&str, &str)] = match number == last {
            true => &[("MessageStatus", "undelivered"), ("ErrorCode", "30003")],
            false => &[("MessageStatus", "delivered")],
        };
        for report in [&[("MessageStatus", "sent")][..], end] {
            answered.push(host.reports(number, &sid, report).await);
        }
    }
    answered
}

#[tokio::test]
async fn m21_twilio_is_asked_for_the_same_whether_or_not_anybody_coaches() {
    for kind in [SMS, WHATSAPP] {
        let alone = heard(kind, false, true).await;
        let coached = heard(kind, true, true).await;
        let texts: Vec<&str> = alone.asked.iter().map(|asked| asked.get("Body")).collect();
        let said = [OFFER, BESIDE, INSTEAD, REASSIGNED];
        for said in said {
            let times = texts.iter().filter(|text| **text == said).count();
            assert_eq!(times, 1, "{kind}: {texts:?}");
        }
        let fetched = alone.asked.iter().filter(|asked| asked.path == PATH);
        assert_eq!(fetched.count(), 1, "{kind}");
        // Three messages, and two reports on each of five.
        let statuses: Vec<u16> = alone.answered.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.len(), 13, "{kind}");
        assert!(statuses.iter().all(|status| [200, 204].contains(status)));
        let read = alone.read.body.as_str();
        assert_eq!(alone.read.status, 200, "{read}");
        assert!(said.iter().all(|said| read.contains(said)), "{read}");
        assert!(read.contains("\"image/png\""), "{read}");
        let texts = texts.join("\n");
        for never in [HIDDEN, "Sam", "Sue", "joined"] {
            assert!(!texts.contains(never), "{kind}: {never}");
        }
        // A reply in an answer would reach the customer.
        let mut answers = alone.answered.iter();
        assert!(answers.all(|answer| !answer.body.contains("<Message")));
        assert_eq!(alone, coached, "{kind}");
    }
}

#[tokio::test]
async fn m21_twilio_is_asked_for_the_same_where_agents_are_not_notified_of_monitoring() {
    for kind in [SMS, WHATSAPP] {
        let alone = heard(kind, false, false).await;
        let coached = heard(kind, true, false).await;
        assert!(!alone.asked.is_empty(), "{kind}");
        assert_eq!(alone, coached, "{kind}");
    }
}
