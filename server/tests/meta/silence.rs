//! Silence (SPEC, part 3) on the way through Meta: one conversation twice, with all that supervisors do and without, with the same
//! clock and ids. Meta is asked for the same, byte for byte, in the same order and as often, and never for a typing sign or a read
//! mark.

use app::backend::Coaching;
use shared::delivery::DeliveryState;
use shared::ids::WorkitemId;
use shared::transcript::Reaction;

use crate::craft::{Craft, HIDDEN, LONG};
use crate::host::{Answered, Host, INSTAGRAM, MESSENGER, WHATSAPP};
use crate::stand_in::{Asked, Next};

/// What a supervisor says to the customer: beside amy, and in her place; and ben, to whom her work is reassigned.
const BESIDE: &str = "I see to it.";
const INSTEAD: &str = "It leaves our house today.";
const REASSIGNED: &str = "I have it in front of me.";

/// What Meta was asked for, and what it was answered.
async fn heard_by_meta(kind: &'static str, coached: bool) -> (Vec<Asked>, Vec<Answered>) {
    let host = Host::start_as(kind).await;
    let craft = Craft::begin(&host.desk, coached).await;
    let mut answered = vec![host.dana_writes("mid-1", "My lamp hums").await];
    let workitem = host.given_to_amy().await;
    host.clock.advance(LONG);
    craft.everything_silent(&workitem).await;
    if coached {
        host.sam_coaches(&workitem, "Ask for the order first").await;
        host.amy_replies(&workitem, "She has none yet").await;
    }
    host.clock.advance(5);
    host.amy_says(&workitem, "May I have the order number?")
        .await;
    host.meta
        .next([Next::Answer(500, None, ""), Next::TakenWithoutAnswer]);
    host.round().await;
    answered.push(host.dana_writes("mid-2", "LF-448812").await);
    forwarded(&host, &workitem, coached).await;
    craft.sam_writes_beside(&workitem, BESIDE).await;
    craft.sam_takes_over(&workitem, INSTEAD).await;
    craft.sam_reassigns(&workitem, REASSIGNED).await;
    for _ in 0..4 {
        host.clock.advance(700);
        while host.round().await > 0 {}
    }
    craft.ends(&workitem).await;
    craft.wraps_up(&workitem).await;
    if coached {
        host.sam_coaches(&workitem, "That went well").await;
        host.amy_replies(&workitem, "Thank you, Sam").await;
    }
    // The next conversation of the same customer.
    host.clock.advance(3_600);
    answered.push(host.dana_writes("mid-3", "One more thing").await);
    let second = host.given_to_amy().await;
    if coached {
        host.sam_coaches(&second, "Again?").await;
    }
    let last = host.amy_says(&second, "Yes?").await;
    host.round().await;
    assert_eq!(host.state(&second, &last).await, DeliveryState::Sent);
    (host.meta.asked(), answered)
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
        host.try_forward(workitem, &advice).await.unwrap();
    }
}

#[tokio::test]
async fn m21_meta_is_asked_for_the_same_whether_or_not_anybody_coaches() {
    for kind in [MESSENGER, INSTAGRAM, WHATSAPP] {
        let (alone, answers) = heard_by_meta(kind, false).await;
        let coached = heard_by_meta(kind, true).await;
        assert!(alone.len() >= 4, "{kind}: {}", alone.len());
        let bodies: String = alone.iter().map(|asked| asked.body.as_str()).collect();
        for said in ["I can give you 40 back today.", BESIDE, INSTEAD, REASSIGNED] {
            assert!(bodies.contains(said), "{kind}: {said}");
        }
        let marks = ["sender_action", "typing", "mark_seen", "status"];
        for never in marks.into_iter().chain([HIDDEN, "Sam", "Sue", "joined"]) {
            assert!(!bodies.contains(never), "{kind}: {never}");
        }
        assert_eq!((alone, answers), coached, "{kind}");
    }
}
