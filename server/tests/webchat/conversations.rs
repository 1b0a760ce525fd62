//! A conversation from its first message to its end: resume, repeat, begin again.

use axum::http::header;
use serde_json::json;

use crate::actors::Host;
use crate::customer::{Answer, words};

#[tokio::test]
async fn a_first_message_queues_a_workitem_and_a_reload_resumes_it() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let page = eve.page().await;
    assert!(
        page.contains("<title>Larkfield Care</title>")
            && page.contains("<h1 dir=\"auto\">Larkfield Care</h1>")
    );
    assert!(page.contains("role=\"log\" aria-label=\"Conversation\""));
    assert!(
        page.contains("data-after=\"\""),
        "there is nothing to follow yet"
    );
    assert!(host.queue().await.is_empty(), "looking begins nothing");

    let frame = eve.write("My lamp <b>hums</b> & glows", "k1").await;
    assert_eq!(frame["seq"], 1);
    assert_eq!(
        frame["body"],
        json!({ "kind": "mine", "text": "My lamp <b>hums</b> & glows", "key": "k1" })
    );

    let workitem = host.given_to_amy().await;
    let row = host
        .desk
        .reads()
        .workitem_find(&workitem)
        .await
        .unwrap()
        .unwrap()
        .workitem;
    assert_eq!((row.customer.as_str(), row.unread), ("Eve Ito", 1));
    host.amy_says(&workitem, "Hello Eve, which lamp is it?")
        .await;

    let page = eve.page().await;
    assert!(
        page.contains("<p dir=\"auto\">My lamp &lt;b&gt;hums&lt;/b&gt; &amp; glows</p>"),
        "{page}"
    );
    assert!(
        page.contains("<p dir=\"auto\">Hello Eve, which lamp is it?</p>")
            && page.contains("Amy Adler")
    );
    assert!(page.contains("Chatting as Eve Ito"));
    assert!(
        !page.contains(workitem.as_str()),
        "the workitem's id is not the customer's business"
    );
}

#[tokio::test]
async fn a_stream_resumes_with_exactly_what_was_missed() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("one", "k1").await;
    let mut first = eve.live(None).await;
    let seen = first.next().await.unwrap();
    assert_eq!(
        (seen.kind.as_str(), words(&seen.data).as_str()),
        ("", "one")
    );
    let greeting = "event: alive\ndata: {}\n\n";
    assert!(first.bytes.starts_with(greeting), "{}", first.bytes);
    drop(first);

    let workitem = host.given_to_amy().await;
    host.amy_says(&workitem, "two").await;
    eve.write("three", "k3").await;
    let mut second = eve.live(Some(&seen.id)).await;
    assert_eq!([second.text().await, second.text().await], ["two", "three"]);
    host.amy_says(&workitem, "four").await;
    let four = second.next().await.unwrap();
    assert_eq!(
        (four.data["seq"].as_i64(), words(&four.data).as_str()),
        (Some(4), "four")
    );

    assert_eq!(eve.history(&seen.id).await, ["two", "three", "four"]);
    assert_eq!(eve.history("3").await, ["four"]);
    assert_eq!(eve.history(&four.id).await, [""; 0]);
}

#[tokio::test]
async fn a_stream_that_fell_behind_reads_from_the_database() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("0", "k").await;
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "0");
    let workitem = host.given_to_amy().await;
    for number in 1..=300 {
        host.amy_says(&workitem, &number.to_string()).await;
    }
    for number in 1..=300 {
        assert_eq!(live.text().await, number.to_string());
    }
}

#[tokio::test]
async fn a_repeated_key_is_stored_once() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.page().await;
    let first = eve.write("Hello", "k1").await;
    assert_eq!(eve.write("Hello", "k1").await, first);
    assert_eq!(eve.history("").await, ["Hello"]);
}

#[tokio::test]
async fn a_browser_without_scripts_can_write() {
    let host = Host::start().await;
    let mut eve = host.customer();
    assert!(
        eve.page()
            .await
            .contains("method=\"post\" action=\"/chat/care\"")
    );
    let sent = eve.form("name=Eve&text=Hello+there&after=").await;
    assert_eq!(
        (sent.status, &sent.headers[header::LOCATION]),
        (303, &"/chat/care".parse().unwrap())
    );
    assert_eq!(
        eve.form("name=Eve&text=Hello+there&after=").await.status,
        303,
        "clicked twice"
    );
    assert_eq!(eve.history("").await, ["Hello there"]);

    let refused = eve.form("text=+&after=0").await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("Your message must not be empty"),
        "{}",
        refused.body
    );
    let mut new = host.customer();
    let refused = new.form("name=&text=A+%22long%22+story&after=").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Your name must not be empty"));
    assert!(
        refused.body.contains("A &quot;long&quot; story</textarea>"),
        "what was typed stays"
    );
    assert_eq!(new.form("name=Eve&text=a&text=b").await.status, 422);
}

#[tokio::test]
async fn after_the_end_a_new_conversation_keeps_the_name() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("First", "k1").await;
    let workitem = host.given_to_amy().await;
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "First");
    host.amy_wraps_up(&workitem).await;
    let end = live.next().await.unwrap();
    assert_eq!(end.data["body"], json!({ "kind": "ended", "asks": true }));
    host.clock.advance(901);
    assert!(
        live.next().await.is_none(),
        "nobody reopens it after a while"
    );

    let page = eve.page().await;
    assert!(
        page.contains("This conversation has ended.") && page.contains("Start a new conversation")
    );
    let page = eve.get("/chat/care?new=1").await.body;
    assert!(!page.contains("First") && page.contains("Chatting as Eve Ito"));

    host.clock.advance(60);
    let answer = eve
        .post(json!({ "text": "Second", "key": "k2" }).to_string())
        .await;
    assert_eq!((answer.status, &answer.json()["seq"]), (200, &json!(1)));
    let second = host.given_to_amy().await;
    assert_ne!(second, workitem);
    assert!(
        eve.get("/chat/care?new=1")
            .await
            .body
            .contains("<p dir=\"auto\">Second</p>"),
        "a reload shows it"
    );

    // A tab that still shows the first conversation gets a reset.
    let mut late = eve.live(Some(&end.id)).await;
    assert_eq!(late.next().await.unwrap().kind, "reset");
    assert_eq!(late.text().await, "Second");
}

#[tokio::test]
async fn s14_a_tab_that_was_open_before_a_restore_shows_what_the_restored_database_has() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("one", "k1").await;
    let workitem = host.given_to_amy().await;
    host.amy_says(&workitem, "two").await;
    let copy = host.backed_up().await;
    for text in ["lost three", "lost four"] {
        host.amy_says(&workitem, text).await;
    }
    let mut live = eve.live(None).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(live.next().await.unwrap());
    }
    let last = seen[3].id.clone();
    assert_eq!(words(&seen[3].data), "lost four");
    let epoch = |answer: &Answer| answer.headers["x-sideline-epoch"].clone();
    let before = epoch(&eve.get("/chat/care/history").await);
    let cookie = eve.cookie.take();
    drop(live);

    let host = host.restored(copy).await;
    let mut eve = host.customer();
    eve.cookie = cookie;
    let there = ["one", "two", "new three", "new four", "new five"];
    for text in &there[2..] {
        host.amy_says(&workitem, text).await;
    }
    // Her tab goes on after a line that is another one now: it gets a reset, and all lines.
    let answer = eve.get(&format!("/chat/care/history?after={last}")).await;
    assert_ne!(epoch(&answer), before);
    assert_eq!(eve.history(&last).await, there);
    // So is the stream of a tab of an earlier release, whose places name no history.
    let (without_tag, _) = last.rsplit_once('-').unwrap();
    for place in [last.as_str(), without_tag] {
        let mut live = eve.live(Some(place)).await;
        assert_eq!(live.next().await.unwrap().kind, "reset", "{place}");
        let mut shown = Vec::new();
        for _ in there {
            seen.push(live.next().await.unwrap());
            shown.push(words(&seen.last().unwrap().data));
        }
        assert_eq!(shown, there, "{place}");
    }
    // From then on it resumes as ever.
    let four = &seen[seen.len() - 2].id;
    assert_eq!(eve.history(four).await, ["new five"]);
    let mut live = eve.live(Some(four)).await;
    assert_eq!(live.text().await, "new five");
    let tag = epoch(&answer);
    let page = eve.page().await;
    assert!(page.contains(&format!("data-epoch=\"{}\"", tag.to_str().unwrap())));
}
