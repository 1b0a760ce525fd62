//! An agent and those who coach speak with each other inside a workitem (U17): live, with signs that the other writes, and
//! a reader who is on another page finds it later.

mod support;

use serde_json::json;
use shared::ids::WorkitemId;
use shared::live::{ClientFrame, ServerFrame, Topic};
use shared::people::PersonRef;
use shared::transcript::{EntryBody, ReplySeen, WorkitemChange};
use shared::workitem::ReplyNotice;
use support::{Host, Live, Staff, key};

async fn follow(live: &mut Live, workitem: &WorkitemId, monitor: bool) {
    let topic = Topic::Workitem(workitem.clone());
    live.subscribe(topic, None, monitor).await;
    live.followed().await;
}

async fn reply(amy: &Staff<'_>, chat: &WorkitemId, text: &str) -> u16 {
    let input = json!({ "workitem": chat, "key": key(), "text": text });
    amy.call("coaching/coaching_reply", input).await.status
}

async fn coach(sam: &Staff<'_>, chat: &WorkitemId, text: &str) {
    let input = json!({ "workitem": chat, "key": key(), "text": text });
    sam.call("coaching/coaching_send", input).await.ok();
}

/// A reply as it is now: its number, its text, and who has seen it.
fn replied(frame: &ServerFrame) -> Option<(i64, String, Vec<ReplySeen>)> {
    let ServerFrame::Workitem {
        change: WorkitemChange::Entry(entry),
        ..
    } = frame
    else {
        return None;
    };
    match &entry.body {
        EntryBody::CoachingReply { text, seen, .. } => {
            Some((entry.seq, text.clone(), seen.clone()))
        }
        _ => None,
    }
}

fn unseen(frame: &ServerFrame) -> Option<Vec<ReplyNotice>> {
    match frame {
        ServerFrame::Replies(replies) => Some(replies.clone()),
        _ => None,
    }
}

/// Follows what a user is notified of, and answers the replies that they have not seen.
async fn waiting_for(live: &mut Live) -> Vec<ReplyNotice> {
    live.subscribe(Topic::Notifications, None, false).await;
    let (frames, _) = live.followed().await;
    let replies = frames.iter().find_map(unseen);
    replies.expect("a supervisor is told, also that there are none")
}

fn writes(frame: &ServerFrame) -> Option<PersonRef> {
    match frame {
        ServerFrame::CoachingTyping { by, .. } => Some(by.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn u17_a_reply_reaches_the_coach_live_and_the_agent_sees_that_it_was_seen() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    let (mut at_amy, mut at_sam) = (amy.live().await, sam.live().await);
    follow(&mut at_amy, &chat, false).await;
    assert_eq!(waiting_for(&mut at_sam).await, [], "nothing waits");
    follow(&mut at_sam, &chat, true).await;
    assert_eq!(reply(&amy, &chat, "She had 20 already").await, 200);
    let (seq, text, seen) = at_sam.until(replied).await;
    assert_eq!((text.as_str(), seen), ("She had 20 already", vec![]));
    let waiting = at_sam.until(unseen).await;
    assert_eq!((waiting.len(), waiting[0].seq), (1, seq));
    at_amy.until(replied).await;

    let looked = json!({ "workitem": chat, "through": seq });
    sam.call("coaching/coaching_reply_seen", looked).await.ok();
    assert_eq!(at_sam.until(unseen).await, []);
    let (_, _, seen) = at_amy.until(replied).await;
    assert_eq!(seen[0].by.name, "Sam Stone");
}

#[tokio::test]
async fn u17_a_reply_waits_for_the_coach_who_has_left_whenever_they_come() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    let mut at_sam = sam.live().await;
    waiting_for(&mut at_sam).await;
    follow(&mut at_sam, &chat, true).await;
    coach(&sam, &chat, "Offer 40 back").await;
    let topic = Topic::Workitem(chat.clone());
    at_sam.send(&ClientFrame::Unsubscribe { topic }).await;
    for text in ["She had 20 already", "What now?"] {
        assert_eq!(reply(&amy, &chat, text).await, 200);
    }
    // In the tab that is open, and in one that is opened later.
    let both = |list: &Vec<ReplyNotice>| list.first().is_some_and(|notice| notice.count == 2);
    let waiting = at_sam.until(|frame| unseen(frame).filter(both)).await;
    let mut later = sam.live().await;
    assert_eq!(waiting_for(&mut later).await, waiting);
    let notice = &waiting[0];
    assert_eq!((&notice.workitem, &*notice.text), (&chat, "What now?"));
    assert_eq!(notice.agent.name, "Amy Adler");

    // It is nobody else's, and nobody's who may not follow the workitem any more.
    let sid = host.sign_in("sid").await;
    let mut at_sid = sid.live().await;
    assert_eq!(waiting_for(&mut at_sid).await, []);
    let ada = host.sign_in("ada").await;
    let change = json!({ "name": "Care", "members": ["amy", "ben"], "supervisors": ["sue"] });
    let input = json!({ "team": "care", "change": change });
    ada.call("administration/team_update", input).await.ok();
    assert_eq!(later.until(unseen).await, []);
}

#[tokio::test]
async fn u17_a_reply_is_refused_in_words_where_nobody_coaches() {
    let host = Host::start().await;
    let (amy, sam, ben) = (
        host.sign_in("amy").await,
        host.sign_in("sam").await,
        host.sign_in("ben").await,
    );
    let sms = amy.own_workitem("sms").await;
    let input = json!({ "workitem": sms, "key": key(), "text": "Hm?" });
    let alone = amy.call("coaching/coaching_reply", input.clone()).await;
    assert_eq!(alone.status, 409, "{}", alone.body);
    let reason = alone.body["Conflict"]["reason"].as_str().expect("words");
    assert!(
        reason.contains("No supervisor coaches you here"),
        "{reason}"
    );
    let phone = amy.own_workitem("phone").await;
    assert_eq!(reply(&amy, &phone, "Hm?").await, 422);
    assert_eq!(reply(&amy, &sms, "   ").await, 422);
    for stranger in [&sam, &ben] {
        assert_eq!(reply(stranger, &sms, "Hm?").await, 404);
    }
    let mut at_sam = sam.live().await;
    follow(&mut at_sam, &sms, true).await;
    // The key of a refusal is free.
    let now = amy.call("coaching/coaching_reply", input).await;
    assert_eq!(now.status, 200, "{}", now.body);
}

#[tokio::test]
async fn m23_u17_coach_and_agent_see_that_the_other_writes() {
    let host = Host::start().await;
    let (amy, sam, sue) = (
        host.sign_in("amy").await,
        host.sign_in("sam").await,
        host.sign_in("sue").await,
    );
    let chat = amy.own_workitem("chat").await;
    let (mut at_amy, mut at_sam) = (amy.live().await, sam.live().await);
    follow(&mut at_amy, &chat, false).await;
    follow(&mut at_sam, &chat, true).await;
    // Sue does not monitor it: her writing is no sign.
    let mut at_sue = sue.live().await;
    let sign = |chat: &WorkitemId| ClientFrame::CoachingTyping {
        workitem: chat.clone(),
    };
    at_sue.send(&sign(&chat)).await;
    at_sam.send(&sign(&chat)).await;
    assert_eq!(at_amy.until(writes).await.name, "Sam Stone");
    // The first sign that sam gets is amy's: nobody is notified of their own.
    at_amy.send(&sign(&chat)).await;
    assert_eq!(at_sam.until(writes).await.name, "Amy Adler");
    // Ben has nothing to do with it.
    let ben = host.sign_in("ben").await;
    let mut at_ben = ben.live().await;
    at_ben.send(&sign(&chat)).await;
    coach(&sam, &chat, "Well?").await;
    loop {
        let frame = at_amy.next().await;
        assert_eq!(writes(&frame), None, "{frame:?}");
        let said = matches!(
            &frame,
            ServerFrame::Workitem { change: WorkitemChange::Entry(entry), .. }
                if matches!(entry.body, EntryBody::Coaching { .. })
        );
        if said {
            break;
        }
    }
}

#[tokio::test]
async fn what_an_agent_reacted_to_is_not_called_unopened() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    let mut sams = sam.live().await;
    follow(&mut sams, &chat, true).await;
    let input = json!({ "workitem": chat, "key": key(), "text": "Offer a refund." });
    let sent = sam.call("coaching/coaching_send", input).await.ok();
    let path = format!("/coaching/amy/{chat}");
    let (_, page) = sam.page(&path).await;
    assert!(page.contains("Amy Adler has not opened it yet"), "{page}");
    let coaching = &sent["entry"]["id"];
    let up = json!({ "workitem": chat, "entry": coaching, "key": key(), "reaction": "thumbs_up" });
    amy.call("coaching/reaction_set", up).await.ok();
    let (_, page) = sam.page(&path).await;
    assert!(page.contains("Thumbs up from Amy Adler"), "{page}");
    assert!(!page.contains("has not opened it yet"), "{page}");
}
