//! Stories about the live connection: order, resume, monitoring without ghosts, authority that ends at once.

mod support;

use serde_json::{Value, json};
use server::clock_and_ids::{Clock, SystemClock};
use server::commands::{MessageAppend, MessageContent};
use shared::directory::Notification;
use shared::error::AppError;
use shared::ids::{CommandKey, EntryId, UserId, WorkitemId};
use shared::live::{CLOSE_BAD_FRAME, CLOSE_SIGNED_OUT, ClientFrame, Position, ServerFrame, Topic};
use shared::people::PersonRef;
use shared::text::MessageText;
use shared::transcript::{EndReason, EntryBody, WorkitemChange};
use support::{GRACE, Host, LONG_GRACE, Live, PATIENCE, Staff, key};

fn entry_text(frame: &ServerFrame) -> Option<String> {
    match frame {
        ServerFrame::Workitem {
            change: WorkitemChange::Entry(entry),
            ..
        } => match &entry.body {
            EntryBody::Message { text, .. } | EntryBody::Coaching { text, .. } => {
                Some(text.clone())
            }
            _ => None,
        },
        _ => None,
    }
}

fn ended(frame: &ServerFrame) -> Option<EndReason> {
    match frame {
        ServerFrame::Workitem {
            change: WorkitemChange::Entry(entry),
            ..
        } => match &entry.body {
            EntryBody::MonitoringEnded { reason, .. } => Some(*reason),
            _ => None,
        },
        _ => None,
    }
}

fn position(conversation: &Value) -> Position {
    Position {
        epoch: conversation["epoch"].as_str().expect("an epoch").to_owned(),
        rev: conversation["rev"].as_i64().expect("a revision"),
    }
}

async fn answer(agent: &Staff<'_>, workitem: &WorkitemId, text: &str) {
    agent
        .call(
            "workitems/message_send",
            json!({ "workitem": workitem, "key": key(), "text": text }),
        )
        .await
        .ok();
}

async fn follow(
    live: &mut Live,
    workitem: &WorkitemId,
    after: Option<Position>,
    monitor: bool,
) -> Vec<ServerFrame> {
    live.subscribe(Topic::Workitem(workitem.clone()), after, monitor)
        .await;
    live.followed().await.0
}

async fn lines(agent: &Staff<'_>, workitem: &WorkitemId, kind: &str) -> usize {
    let conversation = agent.conversation(workitem).await;
    let entries = conversation["entries"].as_array().expect("entries").clone();
    entries
        .iter()
        .filter(|entry| entry["body"].get(kind).is_some())
        .count()
}

#[tokio::test]
async fn a_page_goes_on_exactly_where_its_first_data_stopped() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let chat = amy.own_workitem("chat").await;
    let first = amy.conversation(&chat).await;
    for number in 0..5 {
        answer(&amy, &chat, &format!("answer {number}")).await;
    }
    let mut live = amy.live().await;
    let missed = follow(&mut live, &chat, Some(position(&first)), false).await;
    let texts: Vec<_> = missed.iter().filter_map(entry_text).collect();
    assert_eq!(
        texts,
        ["answer 0", "answer 1", "answer 2", "answer 3", "answer 4"]
    );
    answer(&amy, &chat, "and one more").await;
    assert_eq!(live.until(entry_text).await, "and one more");
}

#[tokio::test]
async fn numbers_of_another_database_mean_nothing() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let chat = amy.own_workitem("chat").await;
    let mut live = amy.live().await;
    let strange = Position {
        epoch: "another".to_owned(),
        rev: 3,
    };
    let sent = follow(&mut live, &chat, Some(strange), false).await;
    assert!(
        matches!(&sent[..], [ServerFrame::Snapshot(conversation)] if conversation.workitem.id == chat)
    );
}

#[tokio::test]
async fn many_senders_and_every_reader_sees_one_order_without_gaps() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    let (mut at_amy, mut at_sam) = (amy.live().await, sam.live().await);
    follow(&mut at_sam, &chat, None, true).await;
    let begin = position(&amy.conversation(&chat).await);
    follow(&mut at_amy, &chat, Some(begin), false).await;
    let sends = (0..40).map(|number| {
        let (amy, chat) = (&amy, &chat);
        async move { answer(amy, chat, &format!("{number}")).await }
    });
    futures_util::future::join_all(sends).await;
    let mut seen = Vec::new();
    for live in [&mut at_amy, &mut at_sam] {
        let mut order = Vec::new();
        let mut last = None;
        while order.len() < 40 {
            if let ServerFrame::Workitem { rev, change, .. } = live.next().await {
                // Of a heading that has changed twice by the time it is read, the first number is left out.
                assert!(last < Some(rev), "what one connection was sent goes back");
                last = Some(rev);
                if let WorkitemChange::Entry(entry) = change {
                    order.push((entry.seq, entry.id));
                }
            }
        }
        assert!(order.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1));
        seen.push(order);
    }
    assert_eq!(seen[0], seen[1]);
}

/// What another node writes, of which nothing is heard here.
async fn answer_elsewhere(host: &Host, workitem: &WorkitemId, text: &str) {
    let command = MessageAppend {
        workitem: workitem.clone(),
        agent: PersonRef {
            id: UserId::parse("amy").expect("an id"),
            name: "Amy Adler".to_owned(),
        },
        entry: EntryId::parse(key()).expect("an id"),
        at: SystemClock.now(),
        content: MessageContent::text(MessageText::parse(text).expect("a text")),
        key: CommandKey::parse(key()).expect("a key"),
    };
    let written = host.desk.store().execute(command).await;
    written.expect("it is stored");
}

#[tokio::test]
async fn what_is_read_of_a_gap_leaves_a_tab_nothing_to_ask_for() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let chat = amy.own_workitem("chat").await;
    let after = position(&amy.conversation(&chat).await);
    let mut live = amy.live().await;
    live.send(&ClientFrame::Subscribe {
        topic: Topic::Workitem(chat.clone()),
        after: Some(after),
        monitor: false,
        patches: false,
        number: 1,
    })
    .await;
    let (_, mut known) = live.followed().await;
    for text in ["one", "two", "three"] {
        answer_elsewhere(&host, &chat, text).await;
    }
    host.desk.sweep(true).await.expect("a sweep");
    let (mut said, mut passed) = (Vec::new(), 0);
    while said.len() < 3 {
        let frame = live.next().await;
        match &frame {
            // Each answer changed the heading, and only the last heading is there.
            ServerFrame::Subscribed { rev, number, .. } => {
                assert_eq!(*number, 1, "the tab's own subscription");
                assert!(*rev > known, "what the tab had is passed over");
                (known, passed) = (*rev, passed + 1);
            }
            ServerFrame::Workitem { rev, .. } => {
                assert_eq!(*rev, known + 1, "the tab would subscribe again");
                known = *rev;
                said.extend(entry_text(&frame));
            }
            _ => {}
        }
    }
    assert_eq!(said, ["one", "two", "three"]);
    assert!(passed > 0, "a story in which nothing was replaced");
}

#[tokio::test]
async fn a_supervisor_is_announced_and_leaves_by_the_back_arrow() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    let mut at_amy = amy.live().await;
    let begin = position(&amy.conversation(&chat).await);
    follow(&mut at_amy, &chat, Some(begin), false).await;
    let mut at_sam = sam.live().await;
    follow(&mut at_sam, &chat, None, true).await;
    let name = at_amy
        .until(|frame| match frame {
            ServerFrame::Workitem {
                change: WorkitemChange::Entry(entry),
                ..
            } => match &entry.body {
                EntryBody::MonitoringStarted { name, .. } => Some(name.clone()),
                _ => None,
            },
            _ => None,
        })
        .await;
    assert_eq!(name, "Sam Stone");
    at_sam
        .send(&ClientFrame::Unsubscribe {
            topic: Topic::Workitem(chat.clone()),
        })
        .await;
    assert_eq!(at_amy.until(ended).await, EndReason::Left);
}

#[tokio::test]
async fn a_reload_writes_no_leave_and_a_closed_tab_does() {
    let data = tempfile::tempdir().expect("a folder");
    let host = Host::start_patient(data.path(), PATIENCE).await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    let mut at_amy = amy.live().await;
    let begin = position(&amy.conversation(&chat).await);
    follow(&mut at_amy, &chat, Some(begin), false).await;

    let mut tab = sam.live().await;
    follow(&mut tab, &chat, None, true).await;
    drop(tab);
    let mut reloaded = sam.live().await;
    follow(&mut reloaded, &chat, None, true).await;
    // Longer than the grace time of the first tab, and the monitoring still stands.
    let watch = tokio::time::timeout(LONG_GRACE + GRACE, at_amy.until(ended)).await;
    assert!(watch.is_err(), "a reload ended the monitoring");
    assert_eq!(lines(&amy, &chat, "MonitoringStarted").await, 1);

    drop(reloaded);
    assert_eq!(at_amy.until(ended).await, EndReason::ConnectionLost);
    assert_eq!(lines(&amy, &chat, "MonitoringStarted").await, 1);
}

#[tokio::test]
async fn a_restart_leaves_no_ghost() {
    let data = tempfile::tempdir().expect("a folder");
    let (host, chat) = {
        let host = Host::start_in(data.path()).await;
        let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
        let chat = amy.own_workitem("chat").await;
        let mut at_sam = sam.live().await;
        follow(&mut at_sam, &chat, None, true).await;
        (host.after_power_cut(data.path()).await, chat)
    };
    let amy = host.sign_in("amy").await;
    let mut at_amy = amy.live().await;
    let begin = position(&amy.conversation(&chat).await);
    let missed = follow(&mut at_amy, &chat, Some(begin), false).await;
    let reason = match missed.iter().find_map(ended) {
        Some(reason) => reason,
        None if lines(&amy, &chat, "MonitoringEnded").await == 1 => EndReason::ConnectionLost,
        None => at_amy.until(ended).await,
    };
    assert_eq!(reason, EndReason::ConnectionLost);
    assert_eq!(
        amy.conversation(&chat).await["workitem"]["monitors"],
        json!([])
    );
}

#[tokio::test]
async fn what_is_not_yours_is_refused_like_what_does_not_exist() {
    let host = Host::start().await;
    let (amy, sid) = (host.sign_in("amy").await, host.sign_in("sid").await);
    let chat = amy.own_workitem("chat").await;
    let unknown = WorkitemId::parse("nothing-like-it").expect("an id");
    let mut at_sid = sid.live().await;
    for id in [chat, unknown] {
        for monitor in [false, true] {
            at_sid
                .subscribe(Topic::Workitem(id.clone()), None, monitor)
                .await;
            let topic = Topic::Workitem(id.clone());
            assert_eq!(
                at_sid.next().await,
                ServerFrame::Refused {
                    topic,
                    error: AppError::NotFound
                }
            );
        }
    }
    let amys_list = Topic::Agent(UserId::parse("amy").expect("an id"));
    at_sid.subscribe(amys_list.clone(), None, false).await;
    assert_eq!(
        at_sid.next().await,
        ServerFrame::Refused {
            topic: amys_list,
            error: AppError::NotFound
        }
    );
}

#[tokio::test]
async fn authority_that_is_taken_away_ends_the_live_stream_and_the_monitoring() {
    let host = Host::start().await;
    let (amy, sam, ada) = (
        host.sign_in("amy").await,
        host.sign_in("sam").await,
        host.sign_in("ada").await,
    );
    let chat = amy.own_workitem("chat").await;
    let mut at_amy = amy.live().await;
    let begin = position(&amy.conversation(&chat).await);
    follow(&mut at_amy, &chat, Some(begin), false).await;
    let mut at_sam = sam.live().await;
    follow(&mut at_sam, &chat, None, true).await;

    let change = json!({ "name": "Care", "members": ["amy", "ben"], "supervisors": ["sue"] });
    ada.call(
        "administration/team_update",
        json!({ "team": "care", "change": change }),
    )
    .await
    .ok();

    let refused = at_sam
        .until(|frame| match frame {
            ServerFrame::Refused { topic, .. } => Some(topic.clone()),
            _ => None,
        })
        .await;
    assert_eq!(refused, Topic::Workitem(chat.clone()));
    assert_eq!(at_amy.until(ended).await, EndReason::AuthorityLost);
    let late = json!({ "workitem": chat, "key": key(), "text": "too late" });
    assert_eq!(sam.call("coaching/coaching_send", late).await.status, 404);
}

#[tokio::test]
async fn work_that_is_transferred_takes_its_monitoring_along_or_ends_it() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let chat = amy.own_workitem("chat").await;
    let mut at_sam = sam.live().await;
    follow(&mut at_sam, &chat, None, true).await;
    // Neither is there: the sender knows and wants it all the same.
    let to = |agent: &str| json!({ "workitem": chat, "key": key(), "to": { "Agent": agent }, "confirmed": true });
    amy.call("workitems/workitem_transfer", to("ben"))
        .await
        .ok();
    let agent = at_sam
        .until(|frame| match frame {
            ServerFrame::Workitem {
                change: WorkitemChange::Workitem(workitem),
                ..
            } => workitem.agent.as_ref().map(|agent| agent.name.clone()),
            _ => None,
        })
        .await;
    assert_eq!(agent, "Ben Brooks");
    let ben = host.sign_in("ben").await;
    assert_eq!(lines(&ben, &chat, "MonitoringEnded").await, 0);

    ben.call("workitems/workitem_transfer", to("cleo"))
        .await
        .ok();
    at_sam
        .until(|frame| matches!(frame, ServerFrame::Refused { topic, .. } if *topic == Topic::Workitem(chat.clone())).then_some(()))
        .await;
    let cleo = host.sign_in("cleo").await;
    let conversation = cleo.conversation(&chat).await;
    assert_eq!(conversation["workitem"]["monitors"], json!([]));
    assert_eq!(lines(&cleo, &chat, "MonitoringEnded").await, 1);
}

#[tokio::test]
async fn signing_out_closes_the_tabs_and_a_bad_frame_closes_its_own() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let mut tab = amy.live().await;
    assert_eq!(amy.post("/logout", String::new()).await.status, 303);
    assert_eq!(tab.closed_with().await, CLOSE_SIGNED_OUT);

    let ben = host.sign_in("ben").await;
    for nonsense in [
        "",
        "null",
        "{\"subscribe\":{}}",
        "{\"subscribe\":{\"topic\":{\"workitem\":\"../x\"}}}",
    ] {
        let mut tab = ben.live().await;
        tab.text(nonsense.to_owned()).await;
        assert_eq!(tab.closed_with().await, CLOSE_BAD_FRAME, "{nonsense:?}");
    }
}

#[tokio::test]
async fn a_frame_that_only_a_later_release_knows_ends_nothing_that_a_tab_follows() {
    let host = Host::start().await;
    let ben = host.sign_in("ben").await;
    let mut tab = ben.live().await;
    tab.subscribe(Topic::Notifications, None, false).await;
    tab.followed().await;
    for later in [
        r#"{"draw":{"workitem":"w-1","colour":"red"}}"#,
        r#""wave""#,
        r#"{"subscribe":{"topic":"weather","after":null,"number":7}}"#,
        r#"{"subscribe":{"topic":{"planet":"mars"},"after":null,"number":8}}"#,
        r#"{"unsubscribe":{"topic":"weather"}}"#,
    ] {
        tab.text(later.to_owned()).await;
    }
    // What it says beside what is known here is left out.
    let more = r#"{"subscribe":{"topic":"people","after":null,"number":9,"colour":"red"}}"#;
    tab.text(more.to_owned()).await;
    let answered = tab.until(|frame| match frame {
        ServerFrame::Subscribed { topic, number, .. } => Some((topic.clone(), *number)),
        ServerFrame::Refused { .. } => panic!("{frame:?}"),
        _ => None,
    });
    assert_eq!(answered.await, (Topic::People, 9));
    let moved = ben.call("account/presence_set", json!({ "presence": "away" }));
    moved.await.ok();
    let settings = tab.until(|frame| match frame {
        ServerFrame::Notification { event, .. } => Some(event.clone()),
        _ => None,
    });
    assert!(matches!(settings.await, Notification::Settings(_)));
}

#[tokio::test]
async fn the_dashboard_follows_and_offline_agents_are_offline() {
    let host = Host::start().await;
    let sam = host.sign_in("sam").await;
    let mut at_sam = sam.live().await;
    at_sam.subscribe(Topic::Dashboard, None, false).await;
    let presence_of_amy = |wanted: &'static str| {
        move |frame: &ServerFrame| match frame {
            ServerFrame::Dashboard(dashboard) => {
                let row = dashboard
                    .agents
                    .iter()
                    .find(|row| row.name == "Amy Adler")
                    .expect("amy is in Care");
                assert!(
                    dashboard.agents.iter().all(|row| row.name != "Cleo Costa"),
                    "cleo is in Sales"
                );
                (row.presence.code() == wanted).then_some(())
            }
            _ => None,
        }
    };
    at_sam.until(presence_of_amy("offline")).await;
    let amy = host.sign_in("amy").await;
    let tab = amy.live().await;
    at_sam.until(presence_of_amy("available")).await;
    drop(tab);
    at_sam.until(presence_of_amy("offline")).await;
}

#[tokio::test]
async fn e05_f01_a_tab_learns_whether_its_session_or_the_network_is_gone() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    // What a browser cannot see of a refused socket it learns by asking the same address without one.
    assert_eq!(amy.status("GET", "/live").await, 204);
    assert_eq!(amy.post("/logout", String::new()).await.status, 303);
    assert_eq!(amy.status("GET", "/live").await, 401);
    assert_eq!(amy.try_live().await.err(), Some(401));
}
