//! Following: a subscriber who is let in is let go when what let them in is gone, however close the two are.

use serde_json::json;
use server::http::HttpConfig;
use shared::error::AppError;
use shared::ids::{UserId, WorkitemId};
use shared::live::{ServerFrame, Topic};
use shared::transcript::{EntryBody, WorkitemChange};

use crate::fixtures::{Fixture, care, monitorings, user};
use crate::support::{Host, Live, key};

/// The fixture behind a listener.
async fn opened(fixture: &Fixture) -> Host {
    Host::over(fixture.desk.clone(), HttpConfig::default()).await
}

/// Reads until a topic is refused; what was shown before it.
async fn refused(live: &mut Live, topic: &Topic) -> Vec<ServerFrame> {
    let mut shown = Vec::new();
    loop {
        match live.next().await {
            ServerFrame::Refused { topic: of, error } if of == *topic => {
                assert_eq!(error, AppError::NotFound);
                return shown;
            }
            frame => shown.push(frame),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s06_what_is_handed_on_while_somebody_subscribes_is_followed_by_nobody_of_the_old_team() {
    for (who, monitor) in [("amy", false), ("sam", false), ("sam", true)] {
        let fixture = Fixture::new().await;
        let chat = fixture.chat_of("amy").await;
        let host = opened(&fixture).await;
        let person = host.sign_in(who).await;
        let mut live = person.live().await;
        // Joined, and about to be asked who they are.
        fixture
            .clock_and_ids
            .at_the_clock(fixture.handing_on(&chat).await);
        let topic = Topic::Workitem(chat.clone());
        live.subscribe(topic.clone(), None, monitor).await;
        let shown = refused(&mut live, &topic).await;
        assert!(fixture.clock_and_ids.it_happened());
        assert!(shown.is_empty(), "{who} {monitor}: {shown:?}");
        nothing_more(&fixture, &chat, &mut live).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s06_s07_what_is_handed_on_while_a_monitoring_begins_is_monitored_by_nobody_of_the_old_team()
 {
    let fixture = Fixture::new().await;
    let chat = fixture.chat_of("amy").await;
    let host = opened(&fixture).await;
    let sam = host.sign_in("sam").await;
    let mut live = sam.live().await;
    // Asked and allowed, and about to write the line.
    fixture
        .clock_and_ids
        .at_an_id(fixture.handing_on(&chat).await);
    let topic = Topic::Workitem(chat.clone());
    live.subscribe(topic.clone(), None, true).await;
    assert!(refused(&mut live, &topic).await.is_empty());
    assert!(fixture.clock_and_ids.it_happened());
    let monitors = fixture.monitorings().await;
    assert!(!monitors.contains(&(chat.clone(), user("sam"))));
    nothing_more(&fixture, &chat, &mut live).await;
}

/// What comes to the workitem from now on does not come here.
async fn nothing_more(fixture: &Fixture, chat: &WorkitemId, live: &mut Live) {
    let cleo = fixture.actor("cleo").await;
    let said = app::backend::Workitems::message_send(
        &fixture.desk,
        &cleo,
        chat.clone(),
        fixture.key(),
        shared::text::MessageText::parse("For the new team alone").unwrap(),
    );
    said.await.unwrap();
    // Something that comes after it, for everybody.
    live.subscribe(Topic::People, None, false).await;
    loop {
        match live.next().await {
            ServerFrame::Subscribed {
                topic: Topic::People,
                ..
            } => return,
            ServerFrame::People(_) => {}
            frame => panic!("this was for the new team: {frame:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s06_every_topic_is_asked_about_after_it_is_joined() {
    for (who, topic, members, supervisors) in [
        (
            "sam",
            Topic::Agent(user("amy")),
            &["amy", "ben"][..],
            &["sue"][..],
        ),
        ("sam", Topic::Agent(user("amy")), &["ben"], &["sam", "sue"]),
    ] {
        let fixture = Fixture::new().await;
        let host = opened(&fixture).await;
        let person = host.sign_in(who).await;
        let mut live = person.live().await;
        let desk = fixture.desk.clone();
        fixture
            .clock_and_ids
            .at_the_clock(async move { care(&desk, members, supervisors).await });
        live.subscribe(topic.clone(), None, false).await;
        assert!(refused(&mut live, &topic).await.is_empty(), "{topic:?}");
        assert!(fixture.clock_and_ids.it_happened());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s06_a_dashboard_shows_no_team_that_was_taken_away_while_it_was_subscribed() {
    let fixture = Fixture::new().await;
    let host = opened(&fixture).await;
    let sam = host.sign_in("sam").await;
    let mut live = sam.live().await;
    let desk = fixture.desk.clone();
    fixture
        .clock_and_ids
        .at_the_clock(async move { care(&desk, &["amy", "ben"], &["sue"]).await });
    live.subscribe(Topic::Dashboard, None, false).await;
    loop {
        match live.next().await {
            ServerFrame::Dashboard(dashboard) => {
                assert!(dashboard.agents.is_empty() && dashboard.queues.is_empty());
            }
            ServerFrame::Subscribed { .. } => return,
            _ => {}
        }
    }
}

/// Many times, as close together as it comes: afterwards cleo's coach writes, and sam reads none of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s06_whoever_subscribes_in_the_moment_of_a_transfer_hears_nothing_of_what_comes_after_it() {
    const ROUNDS: usize = 60;
    let host = Host::start().await;
    let (amy, cleo) = (host.sign_in("amy").await, host.sign_in("cleo").await);
    let sam = host.sign_in("sam").await;
    let chat = amy.own_workitem("chat").await;
    let topic = Topic::Workitem(chat.clone());
    let hand = |to: &str| json!({ "workitem": chat, "key": key(), "to": { "Agent": to }, "confirmed": true });
    let mut live = sam.live().await;
    for round in 0..ROUNDS {
        let (handed, ()) = tokio::join!(
            amy.call("workitems/workitem_transfer", hand("cleo")),
            live.subscribe(topic.clone(), None, true)
        );
        handed.ok();
        let secret = format!("for the new team alone {round}");
        let said = json!({ "workitem": chat, "key": key(), "text": secret });
        cleo.call("workitems/message_send", said).await.ok();
        live.subscribe(Topic::People, None, false).await;
        let mut followed = false;
        loop {
            match live.next().await {
                ServerFrame::Subscribed {
                    topic: Topic::People,
                    ..
                } => break,
                ServerFrame::Subscribed { .. } => followed = true,
                ServerFrame::Refused { .. } => followed = false,
                ServerFrame::Workitem {
                    change: WorkitemChange::Entry(entry),
                    ..
                } => assert!(
                    !matches!(&entry.body, EntryBody::Message { text, .. } if *text == secret),
                    "round {round}"
                ),
                _ => {}
            }
        }
        if followed {
            refused(&mut live, &topic).await;
        }
        let back =
            json!({ "workitem": chat, "key": key(), "to": { "Agent": "amy" }, "confirmed": true });
        cleo.call("workitems/workitem_transfer", back).await.ok();
    }
    let nobody = UserId::parse("sam").unwrap();
    let monitors = monitorings(&host.desk).await;
    assert!(!monitors.contains(&(chat, nobody)));
}
