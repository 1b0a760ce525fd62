//! Monitoring: what a connection asked for last is what stands in the conversation, and nobody waits for strangers.

use std::collections::BTreeMap;

use app::backend::{Coaching, Workitems};
use futures_util::FutureExt;
use serde_json::json;
use server::desk::monitoring::Leaving;
use shared::error::AppError;
use shared::ids::WorkitemId;
use shared::live::{ClientFrame, ServerFrame, Topic};
use shared::text::CoachingText;
use shared::transcript::{EndReason, EntryBody};
use tokio::sync::oneshot;

use crate::dice;
use crate::fixtures::{Fixture, monitorings, user};
use crate::support::{Host, Live, Staff, key};

async fn monitors(host: &Host, chat: &WorkitemId) -> bool {
    let list = monitorings(&host.desk).await;
    list.contains(&(chat.clone(), user("sam")))
}

/// Waits until nobody monitors it: within the grace time and the patience of a test.
async fn nobody_stays(host: &Host, chat: &WorkitemId) {
    let over = async {
        while monitors(host, chat).await {
            tokio::task::yield_now().await;
        }
    };
    let over = tokio::time::timeout(crate::support::PATIENCE, over).await;
    assert!(over.is_ok(), "somebody stayed");
}

/// Asks to monitor it, which is granted, or only to follow it, which nobody may while another agent has it.
async fn subscribe(live: &mut Live, chat: &WorkitemId, monitor: bool) {
    let topic = Topic::Workitem(chat.clone());
    live.subscribe(topic.clone(), None, monitor).await;
    let followed = live
        .until(|frame| match frame {
            ServerFrame::Subscribed { topic: of, .. } if *of == topic => Some(true),
            ServerFrame::Refused { topic: of, .. } if *of == topic => Some(false),
            _ => None,
        })
        .await;
    assert_eq!(followed, monitor);
}

#[tokio::test]
async fn s20_who_first_monitors_and_then_only_follows_is_gone() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    let mut live = sam.live().await;
    subscribe(&mut live, &chat, true).await;
    assert!(monitors(&host, &chat).await);
    subscribe(&mut live, &chat, false).await;
    assert!(!monitors(&host, &chat).await, "it ends at once");
    subscribe(&mut live, &chat, true).await;
    subscribe(&mut live, &chat, false).await;
    drop(live);
    nobody_stays(&host, &chat).await;
    let ended = entries(&amy, &chat, "MonitoringEnded").await;
    assert_eq!(ended, 2, "each came and went");
}

async fn entries(agent: &Staff<'_>, chat: &WorkitemId, kind: &str) -> usize {
    let conversation = agent.conversation(chat).await;
    let entries = conversation["entries"].as_array().expect("entries").clone();
    let of_kind = entries
        .iter()
        .filter(|entry| entry["body"].get(kind).is_some());
    of_kind.count()
}

/// Whatever a few tabs do, the store says what a simple model says.
#[tokio::test]
async fn s20_every_order_of_subscribing_and_leaving_ends_as_asked_for() {
    const RUNS: u64 = 6;
    const STEPS: u64 = 40;
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chats = [
        amy.own_workitem("chat").await,
        amy.own_workitem("sms").await,
    ];
    let first = dice::seed();
    for run in 0..RUNS {
        let mut dice = dice::Dice::of(first.wrapping_add(run));
        let mut tabs: Vec<(Live, BTreeMap<usize, bool>)> = Vec::new();
        for _ in 0..STEPS {
            if tabs.is_empty() || (tabs.len() < 3 && dice.below(6) == 0) {
                tabs.push((sam.live().await, BTreeMap::new()));
                continue;
            }
            let tab = dice.below(tabs.len() as u64) as usize;
            let which = dice.below(2) as usize;
            let (live, asked) = &mut tabs[tab];
            match dice.below(10) {
                0..3 => {
                    subscribe(live, &chats[which], true).await;
                    asked.insert(which, true);
                }
                3..6 => {
                    subscribe(live, &chats[which], false).await;
                    asked.insert(which, false);
                }
                6..9 => {
                    let topic = Topic::Workitem(chats[which].clone());
                    live.send(&ClientFrame::Unsubscribe { topic }).await;
                    asked.remove(&which);
                    // It has been dealt with when the next frame is answered.
                    live.subscribe(Topic::Assistance, None, false).await;
                    live.until(|frame| {
                        matches!(
                            frame,
                            ServerFrame::Refused { .. } | ServerFrame::Subscribed { .. }
                        )
                        .then_some(())
                    })
                    .await;
                }
                _ => {
                    // Closed; what it alone monitored ends after the grace time.
                    let (live, asked) = tabs.remove(tab);
                    drop(live);
                    for which in asked.keys() {
                        let held = tabs
                            .iter()
                            .any(|(_, asked)| asked.get(which) == Some(&true));
                        if asked[which] && !held {
                            nobody_stays(&host, &chats[*which]).await;
                        }
                    }
                }
            }
            for (which, chat) in chats.iter().enumerate() {
                let expected = tabs
                    .iter()
                    .any(|(_, asked)| asked.get(&which) == Some(&true));
                assert_eq!(monitors(&host, chat).await, expected, "run {run}");
            }
        }
        drop(tabs);
        for chat in &chats {
            nobody_stays(&host, chat).await;
        }
    }
}

#[tokio::test]
async fn s21_who_only_follows_or_has_left_does_not_coach() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    let one_key = key();
    let coach = async |key: &str, text: &str| {
        let input = json!({ "workitem": chat, "key": key, "text": text });
        sam.call("coaching/coaching_send", input).await
    };
    let refused = async |key: &str, text: &str| {
        let answered = coach(key, text).await;
        assert_eq!(answered.status, 409);
        let reason = answered.body["Conflict"]["reason"].as_str();
        let reason = reason.expect("a sentence").to_owned();
        assert!(reason.starts_with("You are not monitoring this workitem."));
    };
    refused(&one_key, "Not there at all").await;
    let mut live = sam.live().await;
    subscribe(&mut live, &chat, false).await;
    refused(&one_key, "Unseen").await;
    assert_eq!(entries(&amy, &chat, "Coaching").await, 0);

    // The refused key is not used up: once the supervisor is there, trying again sends it.
    subscribe(&mut live, &chat, true).await;
    coach(&one_key, "Breathe").await.ok();
    let topic = Topic::Workitem(chat.clone());
    live.send(&ClientFrame::Unsubscribe { topic }).await;
    nobody_stays(&host, &chat).await;
    refused(&key(), "From the door").await;
    // What was stored before they left is answered again: the browser may have missed the answer.
    coach(&one_key, "Breathe").await.ok();
    assert_eq!(entries(&amy, &chat, "Coaching").await, 1);
}

/// The page sends what lay in its box before its live connection stands.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s21_coaching_waits_for_its_coach_who_is_on_the_way() {
    let fixture = Fixture::new().await;
    let chat = fixture.chat_of("amy").await;
    let (sam, desk) = (fixture.actor("sam").await, fixture.desk.clone());
    let text = CoachingText::parse("Breathe").unwrap();
    let mut sending = Box::pin(desk.coaching_send(&sam, chat.clone(), fixture.key(), text, None));
    assert!(sending.as_mut().now_or_never().is_none(), "nobody is there");
    fixture.desk.monitoring_join(&sam, &chat, 1).await.unwrap();
    sending.await.expect("it arrived");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f62_nobody_waits_for_a_stranger_who_comes_or_goes() {
    let fixture = Fixture::new().await;
    let (amys, bens) = (fixture.chat_of("amy").await, fixture.chat_of("ben").await);
    let (sam, sue) = (fixture.actor("sam").await, fixture.actor("sue").await);
    let (desk, strangers) = (fixture.desk.clone(), fixture.desk.clone());
    let (done, sue_was_there) = oneshot::channel();
    // Sam is about to write his line. Sue comes and goes meanwhile, at the same workitem and at another one.
    fixture.clock_and_ids.at_an_id({
        let amys = amys.clone();
        async move {
            for (chat, connection) in [(&bens, 2), (&amys, 3)] {
                strangers
                    .monitoring_join(&sue, chat, connection)
                    .await
                    .unwrap();
                let left = Leaving::Now(EndReason::Left);
                strangers
                    .monitoring_leave(&sue.id, chat, connection, left)
                    .await;
            }
            done.send(()).unwrap();
        }
    });
    let joined = tokio::spawn(async move { desk.monitoring_join(&sam, &amys, 1).await });
    let waited = tokio::time::timeout(crate::support::PATIENCE, sue_was_there).await;
    waited.expect("sue waits for nobody").unwrap();
    joined.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f62_an_end_that_failed_is_tried_again() {
    let fixture = Fixture::new().await;
    let chat = fixture.chat_of("amy").await;
    let (sam, amy) = (fixture.actor("sam").await, fixture.actor("amy").await);
    fixture.desk.monitoring_join(&sam, &chat, 1).await.unwrap();
    let conversation = fixture.desk.conversation_load(&amy, chat.clone()).await;
    // An id that is taken: the line cannot be written.
    fixture
        .clock_and_ids
        .next_is(conversation.unwrap().entries[0].id.as_str());
    let left = Leaving::Now(EndReason::Left);
    fixture.desk.monitoring_leave(&sam.id, &chat, 1, left).await;
    let there = fixture.monitorings().await;
    assert_eq!(there, [(chat.clone(), sam.id.clone())], "it failed");
    let over = async {
        while !fixture.monitorings().await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let over = tokio::time::timeout(crate::support::PATIENCE, over).await;
    assert!(over.is_ok(), "a ghost stayed");
    let conversation = fixture.desk.conversation_load(&amy, chat).await.unwrap();
    let last = conversation.entries.last().expect("a line");
    assert!(matches!(
        last.body,
        EntryBody::MonitoringEnded {
            reason: EndReason::Left,
            ..
        }
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f62_an_end_that_failed_is_forgotten_when_the_supervisor_is_back() {
    let fixture = Fixture::new().await;
    let chat = fixture.chat_of("amy").await;
    let (sam, amy) = (fixture.actor("sam").await, fixture.actor("amy").await);
    fixture.desk.monitoring_join(&sam, &chat, 1).await.unwrap();
    let conversation = fixture.desk.conversation_load(&amy, chat.clone()).await;
    fixture
        .clock_and_ids
        .next_is(conversation.unwrap().entries[0].id.as_str());
    let left = Leaving::Now(EndReason::Left);
    fixture.desk.monitoring_leave(&sam.id, &chat, 1, left).await;
    fixture.desk.monitoring_join(&sam, &chat, 2).await.unwrap();
    let text = CoachingText::parse("Still here").unwrap();
    let sent = fixture
        .desk
        .coaching_send(&sam, chat, fixture.key(), text, None);
    assert!(!matches!(sent.await, Err(AppError::Conflict { .. })));
}
