//! What another agent has is read by nobody in silence: a monitoring says that somebody reads it, or a row of the audit log that is
//! written before they are shown it.

use app::backend::{Coaching, History, Workitems};
use serde_json::{Value, json};
use server::clock_and_ids::{Clock, SystemClock};
use server::commands::WorkitemAssign;
use server::http::HttpConfig;
use shared::error::AppError;
use shared::history::HistoryQuery;
use shared::ids::WorkitemId;
use shared::live::{Position, ServerFrame, Topic};
use shared::people::Role;
use shared::text::MessageText;
use shared::transcript::{EntryBody, WorkitemChange};

use crate::fixtures::{Fixture, care, publish, roles, user};
use crate::support::{Host, Live, Staff, key};
use crate::unannounced::{acts, announce, follow, rows_about, until_said};

async fn says(agent: &Staff<'_>, chat: &WorkitemId, text: &str) {
    let input = json!({ "workitem": chat, "key": key(), "text": text });
    agent.call("workitems/message_send", input).await.ok();
}

/// Whether somebody may follow it without monitoring it.
async fn follows_only(live: &mut Live, topic: &Topic) -> bool {
    live.subscribe(topic.clone(), None, false).await;
    live.until(|frame| match frame {
        ServerFrame::Subscribed { topic: of, .. } if of == topic => Some(true),
        ServerFrame::Refused { topic: of, .. } if of == topic => Some(false),
        _ => None,
    })
    .await
}

/// Reads until a topic is refused; who had the work by its last heading before.
async fn refused(live: &mut Live, topic: &Topic) -> Option<String> {
    let mut holder = None;
    loop {
        match live.next().await {
            ServerFrame::Workitem {
                change: WorkitemChange::Workitem(workitem),
                ..
            } => holder = workitem.agent.as_ref().map(|agent| agent.name.clone()),
            ServerFrame::Refused { topic: of, .. } if of == *topic => return holder,
            _ => {}
        }
    }
}

/// Nothing of any conversation has come here since the last answer.
async fn nothing_came(live: &mut Live) {
    live.subscribe(Topic::Notifications, None, false).await;
    let (before, _) = live.followed().await;
    for frame in before {
        let is_read = matches!(
            frame,
            ServerFrame::Workitem { .. } | ServerFrame::Snapshot(_)
        );
        assert!(!is_read, "{frame:?}");
    }
}

fn words(words: &str) -> HistoryQuery {
    HistoryQuery {
        words: words.to_owned(),
        ..HistoryQuery::default()
    }
}

/// How many results a search has.
async fn found(who: &Staff<'_>, said: &str) -> usize {
    let search = json!({ "query": words(said) });
    let found = who.call("history/history_search", search).await.ok();
    found["hits"].as_array().expect("a list").len()
}

/// The rows about the chat, oldest first: who, which act, and what of it was shown unless that is all of it.
async fn shown(ada: &Staff<'_>, chat: &WorkitemId) -> Vec<String> {
    let said = |row: &Value| {
        let mut said = vec![row["actor"]["id"].clone(), row["what"].clone()];
        let noted = row["changes"].as_array().expect("a list").iter();
        let shown = noted.filter(|noted| noted["field"] == "shown");
        said.extend(shown.map(|noted| noted["is"].clone()));
        let said: Vec<&str> = said.iter().filter_map(Value::as_str).collect();
        said.join(" ")
    };
    rows_about(ada, chat).await.iter().map(said).collect()
}

fn sams(act: &str) -> (String, String) {
    ("sam".to_owned(), act.to_owned())
}

#[tokio::test]
async fn e51_who_reads_an_open_conversation_without_monitoring_it_stands_in_the_audit_log() {
    for announced in [true, false] {
        let host = Host::start().await;
        let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
        let ada = host.sign_in("ada").await;
        announce(&ada, announced).await;
        let chat = amy.own_workitem("chat").await;
        let mut at_amy = amy.live().await;
        follow(&mut at_amy, Topic::Workitem(chat.clone()), false).await;
        let before = amy.conversation(&chat).await;
        let log = acts(&ada, &chat).await;
        assert!(log.is_empty(), "her own work: {log:?}");

        sam.conversation(&chat).await;
        let older = json!({ "workitem": chat, "before": i64::MAX });
        sam.call("workitems/conversation_older", older).await.ok();
        // By plain HTTP, in a browser that runs no script.
        let (status, page) = sam.page(&format!("/coaching/amy/{chat}")).await;
        assert_eq!(status, 200, "{page}");
        let mut log = vec![sams("workitem_peek"); 3];
        assert_eq!(acts(&ada, &chat).await, log);

        // Nothing of it reaches the agent.
        assert_eq!(amy.conversation(&chat).await, before, "to the byte");
        says(&amy, &chat, "Just a moment").await;
        for frame in until_said(&mut at_amy, "Just a moment").await {
            let text = serde_json::to_string(&frame).unwrap();
            assert!(
                text.contains("Just a moment"),
                "nothing came before: {text}"
            );
        }

        // A monitoring says enough.
        let mut at_sam = sam.live().await;
        follow(&mut at_sam, Topic::Workitem(chat.clone()), true).await;
        sam.conversation(&chat).await;
        log.push(sams("monitoring_begin"));
        assert_eq!(acts(&ada, &chat).await, log, "announced: {announced}");
    }
}

#[tokio::test]
async fn s20_what_another_agent_has_is_followed_live_by_those_alone_who_monitor_it() {
    for announced in [true, false] {
        let host = Host::start().await;
        let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
        announce(&host.sign_in("ada").await, announced).await;
        let chat = amy.own_workitem("chat").await;
        let topic = Topic::Workitem(chat.clone());
        let (mut live, mut at_page) = (sam.live().await, sam.live().await);
        assert!(!follows_only(&mut live, &topic).await);
        says(&amy, &chat, "For nobody else").await;
        nothing_came(&mut live).await;
        // Another tab that monitors it may leave at any time.
        follow(&mut at_page, topic.clone(), true).await;
        assert!(!follows_only(&mut live, &topic).await);
        says(&amy, &chat, "For the Coaching Page").await;
        until_said(&mut at_page, "For the Coaching Page").await;
        nothing_came(&mut live).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s20_work_that_is_read_while_it_waits_is_followed_until_an_agent_has_it() {
    let fixture = Fixture::new().await;
    let desk = &fixture.desk;
    let chat = fixture.chat_of("amy").await;
    let host = Host::over(desk.clone(), HttpConfig::default()).await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let to = json!({ "workitem": chat, "key": key(), "to": { "Team": "care" }, "confirmed": true });
    amy.call("workitems/workitem_transfer", to).await.ok();
    let topic = Topic::Workitem(chat.clone());
    let mut live = sam.live().await;
    assert!(follows_only(&mut live, &topic).await, "no agent has it");

    let assign = WorkitemAssign {
        workitem: chat.clone(),
        agent: user("ben"),
        entry: fixture.entry(),
        at: SystemClock.now(),
    };
    publish(desk, desk.store().execute(assign).await);
    let holder = refused(&mut live, &topic).await;
    assert_eq!(holder.as_deref(), Some("Ben Brooks"), "who has it now");
    says(&host.sign_in("ben").await, &chat, "For the customer").await;
    nothing_came(&mut live).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s20_who_gives_work_back_is_monitoring_it_again_or_follows_it_no_longer() {
    let fixture = Fixture::new().await;
    let desk = &fixture.desk;
    roles(desk, "sam", &[Role::Supervisor, Role::Agent]).await;
    let chat = fixture.chat_of("amy").await;
    let host = Host::over(desk.clone(), HttpConfig::default()).await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    // It goes back to her because she is there.
    let _at_amy = amy.live().await;
    let topic = Topic::Workitem(chat.clone());
    let (mut at_page, mut at_desk) = (sam.live().await, sam.live().await);
    follow(&mut at_page, topic.clone(), true).await;
    let take = json!({ "workitem": chat, "key": key(), "from": "amy" });
    sam.call("stepping_in/workitem_take_over", take).await.ok();
    assert!(follows_only(&mut at_desk, &topic).await, "it is his own");

    let back = json!({ "workitem": chat, "key": key() });
    sam.call("stepping_in/workitem_give_back", back).await.ok();
    let holder = refused(&mut at_desk, &topic).await;
    assert_eq!(holder.as_deref(), Some("Amy Adler"));
    let started = |frame: &ServerFrame| match frame {
        ServerFrame::Workitem {
            change: WorkitemChange::Entry(entry),
            ..
        } if matches!(entry.body, EntryBody::MonitoringStarted { .. }) => Some(()),
        _ => None,
    };
    at_page.until(started).await;
}

#[tokio::test]
async fn e51_words_that_a_search_shows_of_an_open_conversation_are_read_as_by_a_peek() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let (sue, ada) = (host.sign_in("sue").await, host.sign_in("ada").await);
    let chat = amy.own_workitem("chat").await;
    says(&amy, &chat, "The zebra crossing is closed").await;
    assert_eq!(found(&amy, "zebra").await, 1);
    assert_eq!(found(&sam, "zebra quagga").await, 0);
    let nobody = shown(&ada, &chat).await;
    assert!(nobody.is_empty(), "her own, and nothing found: {nobody:?}");

    for said in ["zebra", "zebra", "crossing"] {
        assert_eq!(found(&sam, said).await, 1);
    }
    let mut log = vec!["sam workitem_peek excerpt".to_owned()];
    assert_eq!(shown(&ada, &chat).await, log, "one for all searches");
    sam.conversation(&chat).await;
    log.push("sam workitem_peek".to_owned());
    assert_eq!(shown(&ada, &chat).await, log, "the whole is more");

    // A monitoring says enough.
    let mut at_sue = sue.live().await;
    follow(&mut at_sue, Topic::Workitem(chat.clone()), true).await;
    assert_eq!(found(&sue, "zebra").await, 1);
    log.push("sue monitoring_begin".to_owned());
    assert_eq!(shown(&ada, &chat).await, log);
}

#[tokio::test]
async fn e51_what_is_over_is_in_the_audit_log_however_it_is_read() {
    let host = Host::start().await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let (sue, ada) = (host.sign_in("sue").await, host.sign_in("ada").await);
    let chat = amy.own_workitem("chat").await;
    says(&amy, &chat, "The zebra crossing is closed").await;
    for act in ["workitem_wrap_up", "workitem_close"] {
        let input = json!({ "workitem": chat, "key": key() });
        amy.call(&format!("workitems/{act}"), input).await.ok();
    }
    let page = amy.conversation(&chat).await;
    let nobody = shown(&ada, &chat).await;
    assert!(nobody.is_empty(), "it was hers: {nobody:?}");

    assert_eq!(found(&sam, "zebra").await, 1);
    let mut log = vec!["sam history_read excerpt".to_owned()];
    assert_eq!(shown(&ada, &chat).await, log);
    let older = json!({ "workitem": chat, "before": i64::MAX });
    for _ in 0..2 {
        sam.conversation(&chat).await;
        let older = sam.call("workitems/conversation_older", older.clone());
        older.await.ok();
    }
    log.push("sam history_read".to_owned());
    assert_eq!(shown(&ada, &chat).await, log, "one for all its pages");

    // Who says that they know the beginning is sent what comes after it.
    let beginning = Position {
        epoch: page["epoch"].as_str().expect("an epoch").to_owned(),
        rev: 0,
    };
    let mut at_sue = sue.live().await;
    let topic = Topic::Workitem(chat.clone());
    at_sue.subscribe(topic, Some(beginning), false).await;
    at_sue.followed().await;
    log.push("sue history_read".to_owned());
    assert_eq!(shown(&ada, &chat).await, log);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s07_what_may_not_be_read_any_more_when_it_is_written_down_is_not_found() {
    let fixture = Fixture::new().await;
    let desk = &fixture.desk;
    let chat = fixture.chat_of("amy").await;
    let (amy, sam) = (fixture.actor("amy").await, fixture.actor("sam").await);
    let text = MessageText::parse("The zebra crossing is closed").unwrap();
    let said = desk.message_send(&amy, chat, fixture.key(), text);
    said.await.unwrap();
    let taking = desk.clone();
    fixture
        .clock_and_ids
        .at_the_clock(async move { care(&taking, &["amy", "ben"], &["sue"]).await });
    let page = desk.history_search(&sam, words("zebra")).await.unwrap();
    assert!(fixture.clock_and_ids.it_happened());
    assert!(page.hits.is_empty(), "{page:?}");
    assert_eq!(fixture.refusals(), [], "he asked for none of it");
}

#[tokio::test]
async fn s07_who_is_refused_what_helped_before_has_nothing_added_to_the_index() {
    let fixture = Fixture::new().await;
    let desk = &fixture.desk;
    let chat = fixture.chat_of("amy").await;
    let (amy, ben) = (fixture.actor("amy").await, fixture.actor("ben").await);
    let sam = fixture.actor("sam").await;
    let text = MessageText::parse("The zebra crossing is closed").unwrap();
    let said = desk.message_send(&amy, chat.clone(), fixture.key(), text);
    said.await.unwrap();
    let waits = async || desk.store().history_waits().await.unwrap();
    let refused = desk.coaching_helped(&ben, chat.clone()).await;
    assert_eq!(refused.err(), Some(AppError::NotFound));
    assert!(waits().await);
    let refusal = ("ben".to_owned(), "refused_workitem".to_owned());
    assert_eq!(fixture.refusals(), [refusal]);
    desk.coaching_helped(&sam, chat).await.unwrap();
    assert!(!waits().await);
}
