//! Silence (SPEC, part 3) on the way to other systems: one conversation twice, with all that supervisors do and without, with the
//! same clock and ids. A receiver of what customers may know of is asked for the same, byte for byte, in the same order and as often, whatever an
//! internal receiver gets more beside it.

use app::backend::Coaching;
use shared::ids::{TeamId, WorkitemId};
use shared::transcript::Reaction;
use shared::webhooks::EventKind;

use crate::craft::{BESIDE, Craft, HIDDEN, INSTEAD, LONG, REASSIGNED};
use crate::events::OPEN;
use crate::host::Host;
use crate::receiver::{Got, Next, Receiver};

const INTERNAL: [EventKind; 5] = [
    EventKind::AssistanceRequested,
    EventKind::AssistanceSettled,
    EventKind::CoachingCreated,
    EventKind::ReviewFlagged,
    EventKind::ReviewFinished,
];

/// What the open receivers got, one that is limited to a team among them, and how much the internal one.
async fn received(coached: bool, notified: bool) -> (Vec<Got>, usize) {
    let host = Host::start().await;
    let craft = Craft::begin(&host.desk, coached).await;
    if !notified {
        craft.agents_are_not_notified().await;
    }
    let (open, internal) = (Receiver::start().await, Receiver::start().await);
    host.add(&open, &OPEN).await;
    host.add(&internal, &INTERNAL).await;
    let limited = Receiver::start().await;
    let care = TeamId::parse("care").unwrap();
    host.add_for(&limited, &OPEN, &[care]).await;
    // What fails there delays nothing here.
    internal.next([Next::Answer(500, None), Next::Cut]);
    let workitem = host.conversation().await;
    host.deliver().await;
    host.clock.advance(LONG);
    craft.everything_silent(&workitem).await;
    if coached {
        host.amy_asks(&workitem).await;
        host.sam_coaches(&workitem, "Ask for the order first").await;
        host.amy_replies(&workitem, "She has none yet").await;
    }
    host.clock.advance(5);
    host.amy_says(&workitem, "May I have the order number?")
        .await;
    open.next([Next::Answer(204, None)]);
    host.deliver().await;
    host.dana_writes("LF-448812").await;
    forwarded(&host, &workitem, coached).await;
    craft.sam_writes_beside(&workitem, BESIDE).await;
    craft.sam_takes_over(&workitem, INSTEAD).await;
    craft.sam_reassigns(&workitem, REASSIGNED).await;
    host.clock.advance(700);
    host.deliver().await;
    craft.ends(&workitem).await;
    craft.wraps_up(&workitem).await;
    if coached {
        host.sam_coaches(&workitem, "That went well").await;
        host.amy_replies(&workitem, "Thank you, Sam").await;
    }
    host.amy_closes(&workitem).await;
    craft.looks_back(&workitem).await;
    // The next conversation of the same customer.
    host.clock.advance(3_600);
    let second = host.dana_writes("One more thing").await;
    host.given_to_amy(&second).await;
    if coached {
        host.sam_coaches(&second, "Again?").await;
    }
    host.amy_says(&second, "Yes?").await;
    host.deliver().await;
    let limited = limited.got();
    assert_eq!(limited.len(), open.got().len(), "all of it is of Care");
    ([open.got(), limited].concat(), internal.got().len())
}

/// What amy forwards is, for everybody outside, what she could have written herself.
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

/// What depends on nothing but the address, and on which random keys were made.
fn comparable(got: &Got) -> Got {
    let mut got = got.clone();
    got.host.clear();
    got
}

#[tokio::test]
async fn m21_a_receiver_gets_the_same_whether_or_not_anybody_coaches() {
    let (alone, nothing) = received(false, true).await;
    let (coached, something) = received(true, true).await;
    assert_eq!(nothing, 0);
    assert!(something >= 8, "the internal receiver gets: {something}");
    let texts: Vec<String> = alone.iter().map(|got| got.body.clone()).collect();
    let texts = texts.join("\n");
    let said = [BESIDE, INSTEAD, REASSIGNED];
    let typed = ["I can give you 40 back today.", "One more thing", "Yes?"];
    for words in typed.into_iter().chain(said) {
        assert!(texts.contains(words), "{words}");
    }
    for never in [HIDDEN, "Sue", "joined"] {
        assert!(!texts.contains(never), "{never}");
    }
    // Each sent to the open receiver and to the one of a team.
    assert!(alone.len() >= 2 * 14, "{}", alone.len());
    let alone: Vec<Got> = alone.iter().map(comparable).collect();
    let coached: Vec<Got> = coached.iter().map(comparable).collect();
    assert_eq!(alone, coached);
}

#[tokio::test]
async fn m21_a_receiver_gets_the_same_where_agents_are_not_notified_of_monitoring() {
    let (alone, nothing) = received(false, false).await;
    let (coached, something) = received(true, false).await;
    assert_eq!(nothing, 0);
    assert!(something >= 8, "the internal receiver gets: {something}");
    let alone: Vec<Got> = alone.iter().map(comparable).collect();
    let coached: Vec<Got> = coached.iter().map(comparable).collect();
    assert_eq!(alone, coached);
}
