//! Silence (SPEC, part 3) on the way through a provider: one conversation twice, with all that supervisors do and without, with the
//! same clock and ids.
//! Twilio is asked for the same, byte for byte, in the same order and as often.

use app::backend::Coaching;
use shared::delivery::DeliveryState;
use shared::ids::WorkitemId;
use shared::transcript::Reaction;

use crate::craft::{Craft, HIDDEN, LONG};
use crate::host::{DANA_ON_WHATSAPP, DANAS, Host, SMS, WHATSAPP};
use crate::stand_in::{Asked, Next};

/// What a supervisor says to the customer: beside amy, and in her place; and ben, to whom her work is reassigned.
const BESIDE: &str = "I see to it.";
const INSTEAD: &str = "It leaves our house today.";
const REASSIGNED: &str = "I have it in front of me.";

async fn asked_of_twilio(kind: &str, coached: bool) -> Vec<Asked> {
    let host = Host::start_as(kind).await;
    let craft = Craft::begin(&host.desk, coached).await;
    let workitem = host.conversation().await;
    host.clock.advance(LONG);
    craft.everything_silent(&workitem).await;
    if coached {
        host.sam_coaches(&workitem, "Ask for the order first").await;
        host.amy_replies(&workitem, "She has none yet").await;
    }
    host.clock.advance(5);
    host.amy_says(&workitem, "May I have the order number?")
        .await;
    host.twilio.next([Next::Answer(500, None, "")]);
    host.round().await;
    host.dana_texts("SM2", "LF-448812").await;
    forwarded(&host, &workitem, coached).await;
    craft.sam_writes_beside(&workitem, BESIDE).await;
    craft.sam_takes_over(&workitem, INSTEAD).await;
    craft.sam_reassigns(&workitem, REASSIGNED).await;
    host.clock.advance(700);
    while host.round().await > 0 {}
    craft.ends(&workitem).await;
    craft.wraps_up(&workitem).await;
    if coached {
        host.sam_coaches(&workitem, "That went well").await;
        host.amy_replies(&workitem, "Thank you, Sam").await;
    }
    // The next conversation of the same customer.
    host.clock.advance(3_600);
    host.dana_texts("SM3", "One more thing").await;
    let second = host.given_to_amy().await;
    if coached {
        host.sam_coaches(&second, "Again?").await;
    }
    let last = host.amy_says(&second, "Yes?").await;
    host.round().await;
    assert_eq!(host.state(&second, &last).await, DeliveryState::Sent);
    // Where the stand-in listens is chosen by the system.
    host.twilio.asked()
}

/// What amy forwards is, for the customer, what she could have written herself.
async fn forwarded(host: &Host, workitem: &WorkitemId, coached: bool) {
    let offer = "I can give you 40 back today.";
    if !coached {
        host.amy_says(workitem, offer).await;
        return;
    }
    let advice = host.sam_coaches(workitem, offer).await;
    let amy = host.actor("amy").await;
    let thumb = Some(Reaction::ThumbsUp);
    let desk = &host.desk;
    let reacted = desk.reaction_set(&amy, workitem.clone(), advice.clone(), host.key(), thumb);
    reacted.await.unwrap();
    for _ in 0..2 {
        let sent = desk.coaching_forward(&amy, workitem.clone(), advice.clone(), host.key());
        sent.await.unwrap();
    }
}

#[tokio::test]
async fn m21_twilio_is_asked_for_the_same_whether_or_not_anybody_coaches() {
    for (kind, dana) in [(SMS, DANAS), (WHATSAPP, DANA_ON_WHATSAPP)] {
        let alone = asked_of_twilio(kind, false).await;
        let coached = asked_of_twilio(kind, true).await;
        let sends = alone.iter().filter(|asked| asked.method == "POST");
        assert!(sends.clone().all(|asked| asked.get("To") == dana), "{kind}");
        let texts: Vec<&str> = sends.map(|asked| asked.get("Body")).collect();
        for said in ["I can give you 40 back today.", BESIDE, INSTEAD, REASSIGNED] {
            let found = texts.iter().filter(|text| **text == said);
            assert_eq!(found.count(), 1, "{kind}: {texts:?}");
        }
        assert!(alone.len() >= 7, "{kind}: {texts:?}");
        assert_eq!(alone, coached, "{kind}");
        let said = texts.join("\n");
        for never in [HIDDEN, "Sam", "Sue", "joined"] {
            assert!(!said.contains(never), "{kind}: {never}");
        }
    }
}
