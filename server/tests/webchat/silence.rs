//! Silence (SPEC, part 3): one conversation twice, coached and not, with the same clock and ids.

use app::backend::Coaching;
use serde_json::json;
use server::commands::{MonitoringBegin, MonitoringEnd};
use shared::transcript::{EndReason, Reaction};

use crate::actors::Host;

/// What one customer's network carried in the whole story.
async fn bytes_of_a_conversation(coached: bool) -> String {
    let host = Host::start().await;
    let sam = host.actor("sam").await.person();
    let mut eve = host.customer();
    let mut bytes = eve.get("/chat/care").await.bytes();
    let post =
        |text: &str, key: &str| json!({ "name": "Eve Ito", "text": text, "key": key }).to_string();
    bytes += &eve.post(post("I want my money back", "k1")).await.bytes();
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "I want my money back");
    let workitem = host.given_to_amy().await;

    host.seeds.pass(5);
    if coached {
        let (entry, now) = (host.entry(), host.desk.clock().now());
        let begin = MonitoringBegin {
            workitem: workitem.clone(),
            supervisor: sam.clone(),
            entry,
            at: now,
        };
        let begun = host.desk.store().execute(begin).await.unwrap();
        assert!(host.desk.publish(begun));
        host.sam_coaches(&workitem, "Ask for the order first").await;
    }
    host.amy_says(&workitem, "Hello Eve, may I have the order number?")
        .await;
    assert_eq!(live.text().await, "Hello Eve, may I have the order number?");
    bytes += &eve.get("/chat/care").await.bytes();
    host.seeds.pass(7);
    bytes += &eve.post(post("LF-448812", "k2")).await.bytes();
    assert_eq!(live.text().await, "LF-448812");

    // What amy forwards is, for the customer, what she could have written herself.
    host.seeds.pass(9);
    let words = "I can give you 40 back today.";
    if coached {
        let amy = host.actor("amy").await;
        let advice = host.sam_coaches(&workitem, words).await;
        host.desk
            .reaction_set(
                &amy,
                workitem.clone(),
                advice.clone(),
                host.key(),
                Some(Reaction::ThumbsUp),
            )
            .await
            .unwrap();
        host.desk
            .coaching_forward(&amy, workitem.clone(), advice, host.key())
            .await
            .unwrap();
        host.sam_coaches(&workitem, "Well done").await;
        let (entry, now) = (host.entry(), host.desk.clock().now());
        let end = MonitoringEnd {
            workitem: workitem.clone(),
            supervisor: sam.id.clone(),
            reason: EndReason::Left,
            entry,
            at: now,
        };
        let ended = host.desk.store().execute(end).await.unwrap();
        assert!(host.desk.publish(ended));
    } else {
        host.amy_says(&workitem, words).await;
    }
    let forwarded = live.next().await.unwrap();
    assert_eq!(crate::actors::words(&forwarded.data), words);
    bytes += &eve.get("/chat/care").await.bytes();
    bytes += &eve.get("/chat/care/history").await.bytes();

    host.seeds.pass(11);
    host.amy_wraps_up(&workitem).await;
    assert_eq!(live.text().await, "(ended)");
    assert!(live.next().await.is_none());
    bytes += &live.bytes;
    let mut again = eve.live(Some(&forwarded.id)).await;
    while again.next().await.is_some() {}
    bytes += &again.bytes;
    bytes += &eve.get("/chat/care").await.bytes();

    host.seeds.pass(13);
    bytes += &eve.post(post("One more thing", "k3")).await.bytes();
    let mut second = eve.live(Some(&forwarded.id)).await;
    assert_eq!(second.next().await.unwrap().kind, "reset");
    assert_eq!(second.text().await, "One more thing");
    bytes += &second.bytes;
    bytes += &eve.get("/chat/care").await.bytes();

    // Refused, ended by the customer, forgotten.
    host.seeds.pass(17);
    let workitem = host.given_to_amy().await;
    if coached {
        host.sam_coaches(&workitem, "Let her go").await;
    }
    bytes += &eve.post(post(" ", "k4")).await.bytes();
    bytes += &eve.ends("k5").await.bytes();
    bytes += &eve.ends("k5").await.bytes();
    let mut third = eve.live(None).await;
    while third.next().await.is_some() {}
    bytes += &third.bytes;
    for path in ["/chat/care", "/chat/care?before=2", "/chat/care?ask=forget"] {
        bytes += &eve.get(path).await.bytes();
    }
    bytes += &eve.is_forgotten().await.bytes();
    bytes += &eve.get("/chat/care").await.bytes();
    bytes += &eve.get("/chat/care/history").await.bytes();
    bytes
}

#[tokio::test]
async fn m21_a_customers_bytes_are_the_same_whether_or_not_anybody_coaches() {
    let plain = bytes_of_a_conversation(false).await;
    let coached = bytes_of_a_conversation(true).await;
    assert!(plain.contains("I can give you 40 back today."));
    assert_eq!(plain, coached);
}

/// The customer's read path, asked in the strongest way: with everything gone that it must not need.
#[tokio::test]
async fn a_customers_pages_need_nothing_of_the_staffs() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("I want my money back", "k1").await;
    let workitem = host.given_to_amy().await;
    host.sam_coaches(&workitem, "Ask for the order first").await;
    host.amy_says(&workitem, "May I have the order number?")
        .await;
    host.amy_wraps_up(&workitem).await;
    let mut before = String::new();
    let mut after = String::new();
    for (bytes, gone) in [(&mut before, false), (&mut after, true)] {
        if gone {
            host.behind_its_back(
                "DROP TABLE coaching; DROP TABLE notices; DROP TABLE monitoring; DROP TABLE entries;
                 DROP TABLE requests; DROP TABLE templates; DROP TABLE own_log; DROP TABLE commands;
                 DROP TABLE directory_messages; DROP TABLE directory_conversations; DROP TABLE audit;
                 DROP TABLE workitems; DROP TABLE team_members; DROP TABLE team_supervisors;
                 DROP TABLE user_roles; DROP TABLE sessions; DROP TABLE teams; DROP TABLE users;",
            )
            .await;
        }
        for path in ["/chat/care", "/chat/care?new=1", "/chat/care/history"] {
            *bytes += &eve.get(path).await.bytes();
        }
        let mut live = eve.live(None).await;
        while live.next().await.is_some() {}
        *bytes += &live.bytes;
    }
    assert!(before.contains("May I have the order number?"));
    assert_eq!(before, after);
}

/// The chat page asks the store for nothing but the customer's reads, and listens to nothing but the customer's topic.
#[test]
fn the_chat_page_names_no_other_way_to_the_store() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/channels/webchat");
    let mut asked = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let code: String = std::fs::read_to_string(&path)
            .unwrap()
            .split_whitespace()
            .collect();
        for (way, only) in [(".store().", "customer_"), ("BusTopic::", "Customer(")] {
            for rest in code.split(way).skip(1) {
                let name: String = rest.chars().take(40).collect();
                assert!(rest.starts_with(only), "{}: {way}{name}", path.display());
                asked += 1;
            }
        }
        for staffs in [
            "ServerFrame",
            "EntryBody",
            "Coaching",
            "WorkitemChange",
            "transcript",
        ] {
            assert!(!code.contains(staffs), "{}: {staffs}", path.display());
        }
    }
    assert!(asked >= 6, "the sources were read");
}
