//! Where the organisation does not have agents notified of monitoring, nothing that reaches an agent says who reads along,
//! until somebody says something. Supervisors see each other, and the audit log answers who was there, notified or not.

use serde_json::{Value, json};
use shared::ids::WorkitemId;
use shared::live::{ClientFrame, ServerFrame, Topic};
use shared::transcript::{EntryBody, WorkitemChange};

use crate::support::{Host, Live, Staff, key};

/// An administrator has agents notified of monitoring, or not.
pub async fn announce(ada: &Staff<'_>, announced: bool) {
    let now = ada.call("organisation/organisation_load", json!({})).await;
    let change = json!({ "name": "monitoring_announced", "value": i64::from(announced) });
    let input = json!({ "key": key(), "version": now.ok()["version"], "changes": [change] });
    ada.call("organisation/organisation_save", input).await.ok();
}

pub async fn follow(live: &mut Live, topic: Topic, monitor: bool) {
    live.subscribe(topic, None, monitor).await;
    live.followed().await;
}

async fn call(who: &Staff<'_>, function: &str, chat: &WorkitemId, text: &str) -> u16 {
    let input = json!({ "workitem": chat, "key": key(), "text": text });
    who.call(function, input).await.status
}

/// What happens at the agent until the entry with this text arrives.
pub async fn until_said(live: &mut Live, said: &str) -> Vec<ServerFrame> {
    let mut frames = Vec::new();
    loop {
        let frame = live.next().await;
        let is_it = serde_json::to_string(&frame).unwrap().contains(said);
        frames.push(frame);
        if is_it {
            return frames;
        }
    }
}

fn started(frame: &ServerFrame) -> bool {
    matches!(
        frame,
        ServerFrame::Workitem { change: WorkitemChange::Entry(entry), .. }
            if matches!(entry.body, EntryBody::MonitoringStarted { .. })
    )
}

/// Who monitors the chat, as another supervisor's list says it once that has `count` names.
async fn there(live: &mut Live, chat: &WorkitemId, count: usize) -> Vec<String> {
    live.until(|frame| {
        let ServerFrame::Agent(list) = frame else {
            return None;
        };
        let row = list.workitems.iter().find(|row| row.id == *chat)?;
        let names: Vec<_> = row.monitors.iter().map(|who| who.name.clone()).collect();
        (names.len() == count).then_some(names)
    })
    .await
}

/// The rows of the audit log about the chat, oldest first.
pub async fn rows_about(ada: &Staff<'_>, chat: &WorkitemId) -> Vec<Value> {
    let query = json!({
        "from": "", "to": "", "user": "", "act": "", "object": chat, "outcome": "", "before": "",
    });
    let log = ada
        .call("audit/audit_list", json!({ "query": query }))
        .await;
    let mut rows = log.ok()["rows"].as_array().expect("rows").clone();
    rows.reverse();
    rows
}

/// Who did what in the chat, by the audit log, oldest first.
pub async fn acts(ada: &Staff<'_>, chat: &WorkitemId) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let row = |row: &Value| (text(&row["actor"]["id"]), text(&row["what"]));
    rows_about(ada, chat).await.iter().map(row).collect()
}

#[tokio::test]
async fn s20_an_agent_who_is_not_notified_sees_nothing_of_who_reads_along() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let (sue, ada) = (host.sign_in("sue").await, host.sign_in("ada").await);
    announce(&ada, false).await;
    let chat = amy.own_workitem("chat").await;
    let before = amy.conversation(&chat).await;

    let mut at_amy = amy.live().await;
    for topic in [
        Topic::Workitem(chat.clone()),
        Topic::Agent("amy".to_owned().try_into().unwrap()),
        Topic::Notifications,
    ] {
        follow(&mut at_amy, topic, false).await;
    }
    let mut at_sue = sue.live().await;
    let amys = Topic::Agent("amy".to_owned().try_into().unwrap());
    follow(&mut at_sue, amys, false).await;
    let mut at_sam = sam.live().await;
    follow(&mut at_sam, Topic::Workitem(chat.clone()), true).await;
    assert_eq!(there(&mut at_sue, &chat, 1).await, ["Sam Stone"]);
    assert_eq!(amy.conversation(&chat).await, before, "to the byte");
    let typing = ClientFrame::CoachingTyping {
        workitem: chat.clone(),
    };
    at_sam.send(&typing).await;
    let topic = Topic::Workitem(chat.clone());
    at_sam.send(&ClientFrame::Unsubscribe { topic }).await;
    assert_eq!(there(&mut at_sue, &chat, 0).await, [""; 0]);

    assert_eq!(
        call(&amy, "workitems/message_send", &chat, "Just a moment").await,
        200
    );
    for frame in until_said(&mut at_amy, "Just a moment").await {
        let text = serde_json::to_string(&frame).unwrap();
        assert!(!text.contains("Sam") && !text.contains("\"sam\""), "{text}");
        assert!(
            text.contains("Just a moment"),
            "nothing came before: {text}"
        );
    }
    let sams = |act: &str| ("sam".to_owned(), act.to_owned());
    let log = acts(&ada, &chat).await;
    assert_eq!(log, [sams("monitoring_begin"), sams("monitoring_end")]);
}

#[tokio::test]
async fn s20_who_coaches_is_announced_before_the_first_word() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let ada = host.sign_in("ada").await;
    announce(&ada, false).await;
    let chat = amy.own_workitem("chat").await;
    let (mut at_amy, mut at_sam) = (amy.live().await, sam.live().await);
    follow(&mut at_amy, Topic::Workitem(chat.clone()), false).await;
    follow(&mut at_sam, Topic::Workitem(chat.clone()), true).await;
    assert_eq!(
        call(&sam, "coaching/coaching_send", &chat, "Ask her").await,
        200
    );
    let frames = until_said(&mut at_amy, "Ask her").await;
    assert!(frames.iter().any(started), "a line says who is there");
    assert_eq!(
        call(&sam, "coaching/coaching_send", &chat, "And now").await,
        200
    );
    let frames = until_said(&mut at_amy, "And now").await;
    assert!(!frames.iter().any(started), "one line is enough");

    // A supervisor who has coached here is known to the agent, also when they come back.
    let topic = Topic::Workitem(chat.clone());
    at_sam.send(&ClientFrame::Unsubscribe { topic }).await;
    until_said(&mut at_amy, "MonitoringEnded").await;
    follow(&mut at_sam, Topic::Workitem(chat.clone()), true).await;
    let frames = until_said(&mut at_amy, "MonitoringStarted").await;
    assert!(frames.iter().any(started));
    // What is announced is in the audit log as well.
    let ends = ["monitoring_begin", "monitoring_end", "monitoring_begin"];
    let sams = ends.map(|end| ("sam".to_owned(), end.to_owned()));
    assert_eq!(acts(&ada, &chat).await, sams);
}

#[tokio::test]
async fn s20_a_workitem_that_is_closed_has_nobody_left_who_reads_along() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let ada = host.sign_in("ada").await;
    announce(&ada, false).await;
    let chat = amy.own_workitem("chat").await;
    let mut at_sam = sam.live().await;
    follow(&mut at_sam, Topic::Workitem(chat.clone()), true).await;
    for function in ["workitems/workitem_wrap_up", "workitems/workitem_close"] {
        let input = json!({ "workitem": chat, "key": key() });
        amy.call(function, input).await.ok();
    }
    let conversation = amy.conversation(&chat).await.to_string();
    assert!(!conversation.contains("Sam Stone"), "{conversation}");
    let log = acts(&ada, &chat).await;
    assert_eq!(log.last().unwrap().1, "monitoring_end");
    assert!(crate::fixtures::monitorings(&host.desk).await.is_empty());
}

#[tokio::test]
async fn s20_who_is_there_when_agents_are_notified_again_is_announced() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let ada = host.sign_in("ada").await;
    announce(&ada, false).await;
    let chat = amy.own_workitem("chat").await;
    let (mut at_amy, mut at_sam) = (amy.live().await, sam.live().await);
    follow(&mut at_amy, Topic::Workitem(chat.clone()), false).await;
    follow(&mut at_sam, Topic::Workitem(chat.clone()), true).await;
    announce(&ada, true).await;
    at_amy.until(|frame| started(frame).then_some(())).await;
    let shown = amy.conversation(&chat).await;
    assert_eq!(shown["workitem"]["monitors"][0]["name"], "Sam Stone");
    // Once, whatever is saved later.
    announce(&ada, true).await;
    assert_eq!(
        call(&sam, "coaching/coaching_send", &chat, "Hello").await,
        200
    );
    let frames = until_said(&mut at_amy, "Hello").await;
    assert!(!frames.iter().any(started));
}
