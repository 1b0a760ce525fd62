//! Tabs on one node that read the same conversation share what the node reads. Each has its own right to it, also where no node is told what
//! another one did.

use serde_json::json;
use shared::ids::WorkitemId;
use shared::live::{CLOSE_SIGNED_OUT, ServerFrame, Topic};

use crate::cluster::{Cluster, Node};
use crate::story::{follow, hears, said};
use crate::support::nats::Nats;
use crate::support::{Live, Staff, eventually, key};

async fn answers(amy: &Staff<'_>, chat: &WorkitemId, text: &str) {
    let message = json!({ "workitem": chat, "key": key(), "text": text });
    amy.call("workitems/message_send", message).await.ok();
}

/// From here on no node hears of another.
async fn deafened(cluster: &mut Cluster, nodes: [&Node; 3]) {
    cluster.nats.stop();
    eventually("all notice", async || {
        nodes.iter().all(|node| !node.connected())
    })
    .await;
}

/// What was said to the customer or by them, if the frame has that.
fn message(frame: &ServerFrame) -> Option<String> {
    let said = said(frame).filter(|(kind, _)| *kind == "message");
    said.map(|(_, text)| text)
}

async fn following<'a>(staff: &Staff<'a>, chat: &WorkitemId) -> Live {
    let mut live = staff.live().await;
    follow(&mut live, chat, true).await;
    live
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_right_on_another_node_gets_nothing_although_others_read_on() {
    let (mut cluster, [one, two, three]) = Cluster::of_three_with(Nats::start()).await;
    let (sam, sue) = (one.host.sign_in("sam").await, one.host.sign_in("sue").await);
    let (amy, ada) = (
        two.host.sign_in("amy").await,
        three.host.sign_in("ada").await,
    );
    let chat = amy.own_workitem("chat").await;
    // Both supervise amy's team.
    let both = json!({ "name": "Care", "members": ["amy", "ben"], "supervisors": ["sam", "sue"] });
    let input = json!({ "team": "care", "change": both });
    ada.call("administration/team_update", input).await.ok();
    let (mut at_sam, mut at_sue) = (following(&sam, &chat).await, following(&sue, &chat).await);

    deafened(&mut cluster, [&one, &two, &three]).await;
    let change = json!({ "name": "Care", "members": ["amy", "ben"], "supervisors": ["sue"] });
    let input = json!({ "team": "care", "change": change });
    ada.call("administration/team_update", input).await.ok();
    answers(&amy, &chat, "Not for Sam").await;
    hears(&mut at_sue, "message", "Not for Sam").await;
    loop {
        let frame = at_sam.next().await;
        assert_eq!(message(&frame), None, "Sam may not read it any more");
        if matches!(&frame, ServerFrame::Refused { topic, .. } if *topic == Topic::Workitem(chat.clone()))
        {
            break;
        }
    }
    // It stays so.
    answers(&amy, &chat, "Nor is this").await;
    hears(&mut at_sue, "message", "Nor is this").await;
    at_sam.subscribe(Topic::Notifications, None, false).await;
    let (frames, _) = at_sam.followed().await;
    assert!(frames.iter().all(|frame| message(frame).is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_on_another_node_gets_nothing_although_others_read_on() {
    let (mut cluster, [one, two, three]) = Cluster::of_three_with(Nats::start()).await;
    let (sam, sam_too) = (one.host.sign_in("sam").await, one.host.sign_in("sam").await);
    let amy = two.host.sign_in("amy").await;
    let chat = amy.own_workitem("chat").await;
    let (mut at_sam, mut at_sam_too) = (
        following(&sam, &chat).await,
        following(&sam_too, &chat).await,
    );

    deafened(&mut cluster, [&one, &two, &three]).await;
    // One of two browsers is signed out, elsewhere.
    let out = sam.at(&three.host).post("/logout", String::new()).await;
    assert!(out.status < 400, "{}", out.body);
    answers(&amy, &chat, "Not for this browser").await;
    hears(&mut at_sam_too, "message", "Not for this browser").await;
    let code = loop {
        match at_sam.next_or_close().await {
            Ok(frame) => assert_eq!(said(&frame), None, "its session is over"),
            Err(code) => break code,
        }
    };
    assert_eq!(code, CLOSE_SIGNED_OUT);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tabs_of_a_node_get_everything_once_and_in_order() {
    const TABS: usize = 12;
    const LINES: usize = 20;
    let (cluster, [one, two, three]) = Cluster::of_three().await;
    let (sam, amy) = (one.host.sign_in("sam").await, two.host.sign_in("amy").await);
    let chat = amy.own_workitem("chat").await;
    let mut tabs = Vec::new();
    for _ in 0..TABS {
        tabs.push(following(&sam, &chat).await);
    }
    let expected: Vec<String> = (0..LINES).map(|line| format!("Line {line}")).collect();
    let (amy_there, half) = (amy.at(&three.host), LINES / 2);
    for (number, line) in expected.iter().enumerate() {
        // Now by one node, now by another.
        let sender = if number % 2 == 0 { &amy } else { &amy_there };
        answers(sender, &chat, line).await;
        if number == half {
            // Who comes in between goes on from there.
            tabs.push(following(&sam.at(&three.host), &chat).await);
        }
    }
    for (tab, live) in tabs.iter_mut().enumerate() {
        let first = if tab < TABS { 0 } else { half + 1 };
        let mut heard = Vec::new();
        while heard.len() < LINES - first {
            heard.extend(message(&live.next().await));
        }
        assert_eq!(heard, expected[first..], "tab {tab}");
    }
    // A node that starts meanwhile serves the same.
    let fourth = cluster.node().await;
    let sam = sam.at(&fourth.host);
    let mut again = following(&sam, &chat).await;
    answers(&amy, &chat, "And one more").await;
    hears(&mut again, "message", "And one more").await;
}
