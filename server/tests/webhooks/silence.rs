//! Silence (SPEC, part 3) on the way to other systems: one conversation twice, coached and not, with the same clock and ids.
//! A receiver of what customers may know of is asked for the same, byte for byte, in the same order and as often, whatever an
//! internal receiver is told beside it.

use app::backend::Coaching;
use shared::ids::{TeamId, WorkitemId};
use shared::transcript::Reaction;
use shared::webhooks::EventKind;

use crate::events::OPEN;
use crate::host::Host;
use crate::receiver::{Got, Next, Receiver};

const INTERNAL: [EventKind; 3] = [
    EventKind::AssistanceRequested,
    EventKind::AssistanceSettled,
    EventKind::CoachingCreated,
];

/// What the open receivers got, one that is limited to a team among them, and how much the internal one.
async fn told(coached: bool) -> (Vec<Got>, usize) {
    let host = Host::start().await;
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
    host.clock.advance(700);
    host.deliver().await;
    host.amy_ends(&workitem).await;
    if coached {
        host.sam_coaches(&workitem, "That went well").await;
        host.amy_replies(&workitem, "Thank you, Sam").await;
    }
    host.amy_closes(&workitem).await;
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
    let (alone, nothing) = told(false).await;
    let (coached, something) = told(true).await;
    assert_eq!(nothing, 0);
    assert!(something >= 8, "the internal receiver is told: {something}");
    let texts: Vec<String> = alone.iter().map(|got| got.body.clone()).collect();
    let texts = texts.join("\n");
    for words in ["I can give you 40 back today.", "One more thing", "Yes?"] {
        assert!(texts.contains(words), "{words}");
    }
    assert!(alone.len() >= 14, "{}", alone.len());
    let alone: Vec<Got> = alone.iter().map(comparable).collect();
    let coached: Vec<Got> = coached.iter().map(comparable).collect();
    assert_eq!(alone, coached);
}
