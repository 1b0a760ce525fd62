//! Files that agents send to customers: in chats alone, within the limits of customers' own files, once, and seen by all who read
//! the conversation.

mod support;

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::{Request, header};
use futures_util::stream;
use serde_json::{Value, json};
use shared::files::FILE_MAX;
use shared::ids::WorkitemId;
use shared::live::{ServerFrame, Topic};
use shared::transcript::{EntryBody, WorkitemChange};
use support::staff::Answered;
use support::{Host, Staff, key};

/// As much of a picture as tells what it is.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06";
const PDF: &[u8] = b"%PDF-1.7\n";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";

/// A customer who writes on the chat page, and their workitem, which amy has.
async fn at_amy(host: &Host) -> (Staff<'_>, WorkitemId) {
    let dana = host.customer_saying("Dana Quill", "How do I mount the lamp?");
    let dana = dana.await;
    let ada = host.sign_in("ada").await;
    let found = ada.call("customers/customer_find", json!({ "name": "Dana Quill" }));
    let found = found.await.ok();
    let id = found[0]["id"].as_str().expect("an id");
    let workitem = WorkitemId::parse(id).expect("an id");
    hand_to(host, &workitem, "amy").await;
    (dana, workitem)
}

async fn hand_to(host: &Host, workitem: &WorkitemId, agent: &str) {
    let input = json!({
        "workitem": workitem, "key": key(), "to": { "Agent": agent }, "confirmed": true,
    });
    let sam = host.sign_in("sam").await;
    sam.call("workitems/workitem_reassign", input).await.ok();
}

/// The lines of the customer's conversation.
async fn lines(customer: &Staff<'_>) -> Vec<Value> {
    let (status, body) = customer.page("/chat/care/history?after=").await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).expect("lines")
}

/// The field and the problem of a refusal.
fn problem(refused: &Answered) -> (u16, &str, &Value) {
    let error = &refused.body["Invalid"];
    let field = error["field"].as_str().unwrap_or_default();
    (refused.status, field, &error["problem"])
}

/// The text and the names of the files of a message.
fn with_files(frame: &ServerFrame) -> Option<(String, Vec<String>)> {
    let ServerFrame::Workitem {
        change: WorkitemChange::Entry(entry),
        ..
    } = frame
    else {
        return None;
    };
    match &entry.body {
        EntryBody::Message { text, files, .. } if !files.is_empty() => {
            let names = files.iter().map(|file| file.name.clone());
            Some((text.clone(), names.collect()))
        }
        _ => None,
    }
}

#[tokio::test]
async fn a_picture_and_its_words_reach_the_customer_and_the_supervisor_who_watches() {
    let host = Host::start().await;
    let (dana, workitem) = at_amy(&host).await;
    let (amy, sam) = (host.sign_in("amy").await, host.sign_in("sam").await);
    let mut watching = sam.live().await;
    let topic = Topic::Workitem(workitem.clone());
    watching.subscribe(topic, None, true).await;
    watching.followed().await;

    let picture = ("the \"upper\" hook.png", PICTURE);
    let sent = amy.attach(&workitem, key(), "Like this", picture).await;
    let sent = sent.ok();
    let file = &sent["entry"]["body"]["Message"]["files"][0];
    assert_eq!(file["name"], "the \"upper\" hook.png");
    let seen = watching.until(with_files).await;
    let names = vec!["the \"upper\" hook.png".to_owned()];
    assert_eq!(seen, ("Like this".to_owned(), names));

    let shown = lines(&dana).await;
    assert_eq!(
        shown.last().expect("a line")["body"],
        json!({ "kind": "theirs", "name": "Amy Adler", "text": "Like this", "files": [file] })
    );
    let id = file["id"].as_str().expect("an id");
    let content = String::from_utf8_lossy(PICTURE).into_owned();
    for (who, path) in [
        (&dana, format!("/chat/care/files/{id}")),
        (&amy, format!("/files/{id}")),
        (&sam, format!("/files/{id}")),
    ] {
        assert_eq!(who.page(&path).await, (200, content.clone()), "{path}");
    }
    let (_, page) = dana.page("/chat/care").await;
    let picture =
        format!("<img src=\"/chat/care/files/{id}\" alt=\"the &quot;upper&quot; hook.png\"");
    assert!(page.contains(&picture), "{page}");
    let stranger = host.customer_saying("Mallory", "Hello").await;
    let guessed = stranger.page(&format!("/chat/care/files/{id}")).await;
    assert_eq!(guessed.0, 404, "it is the customer's own");
}

#[tokio::test]
async fn a_picture_that_is_too_large_for_a_page_reaches_the_customer_as_a_file() {
    let host = Host::start().await;
    let (dana, workitem) = at_amy(&host).await;
    let amy = host.sign_in("amy").await;
    // 16,384 by 16,384 pixels.
    let bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x40\0\0\0\x40\0\x01";
    let sent = amy.attach(&workitem, key(), "", ("plan.png", &bomb[..]));
    sent.await.ok();
    let (_, page) = dana.page("/chat/care").await;
    assert!(
        page.contains("<bdi>plan.png</bdi> <span>PNG, 1 KB</span>"),
        "{page}"
    );
    assert!(!page.contains("<img"), "{page}");
}

#[tokio::test]
async fn a_file_without_words_stands_in_list_and_transcript_by_its_name() {
    let host = Host::start().await;
    let (dana, workitem) = at_amy(&host).await;
    let amy = host.sign_in("amy").await;
    let sent = amy.attach(&workitem, key(), "", ("manual.pdf", PDF)).await;
    assert_eq!(sent.ok()["entry"]["body"]["Message"]["text"], "");
    let list = amy.call("workitems/worklist_load", json!({})).await.ok();
    let mut rows = list["workitems"].as_array().expect("a list").iter();
    let row = rows.find(|row| row["id"] == workitem.as_str());
    let row = row.expect("her workitem");
    assert_eq!(row["preview"], "manual.pdf");
    assert_eq!(row["waiting_since"], Value::Null, "it is an answer");
    let (_, kept) = dana.page("/chat/care/transcript").await;
    assert!(
        kept.contains("Amy Adler: [manual.pdf, PDF, 1 KB]\n"),
        "{kept}"
    );
    let words = amy.attach(&workitem, key(), "Page 5\nor 6", ("manual.pdf", PDF));
    words.await.ok();
    let (_, kept) = dana.page("/chat/care/transcript").await;
    let said = "Amy Adler: Page 5\n    or 6\n    [manual.pdf, PDF, 1 KB]\n";
    assert!(kept.contains(said), "{kept}");
}

#[tokio::test]
async fn the_content_decides_and_what_is_missing_is_named() {
    let host = Host::start().await;
    let (dana, workitem) = at_amy(&host).await;
    let amy = host.sign_in("amy").await;
    for (name, content) in [
        ("lamp.png", SVG),
        ("lamp.png", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("lamp.pdf", b"PK\x03\x04 an archive"),
        ("lamp.txt", b"a\0b"),
    ] {
        let refused = amy.attach(&workitem, key(), "", (name, content)).await;
        let expected = (415, "file", &json!({ "code": "file_kind" }));
        assert_eq!(problem(&refused), expected, "{name}");
    }
    let empty = amy.attach(&workitem, key(), "", ("a.txt", b"")).await;
    assert_eq!(
        problem(&empty),
        (422, "file", &json!({ "code": "file_empty" }))
    );
    let path = format!("/workitems/{workitem}/files");
    let (key_part, file) = (key(), ("file", Some("a.txt"), &b"a"[..]));
    let key_part = ("key", None, key_part.as_bytes());
    for (parts, field, code) in [
        (vec![key_part], "file", "missing"),
        (vec![file], "key", "key_form"),
        (vec![("key", None, &b"a b"[..]), file], "key", "key_form"),
        (
            vec![key_part, ("text", None, &b" \n"[..]), file],
            "text",
            "empty",
        ),
        (
            vec![key_part, ("text", None, &[b'a'; 4_001][..]), file],
            "text",
            "too_long",
        ),
    ] {
        let refused = amy.post_form(&path, &parts).await;
        let (status, named, problem) = problem(&refused);
        assert_eq!(
            (status, named, &problem["code"]),
            (422, field, &json!(code))
        );
    }
    for body in ["", "{}", "--edge\r\nbroken"] {
        let refused = amy.post(&path, body.to_owned()).await;
        assert_eq!(
            (refused.status, problem(&refused).1),
            (422, "body"),
            "{body}"
        );
    }
    assert_eq!(lines(&dana).await.len(), 1, "nothing was said");
    // What it is called counts for nothing, and its name agrees with what it is.
    let named = amy.attach(&workitem, key(), "", ("../../lamp.html", PICTURE));
    let named = named.await.ok();
    assert_eq!(
        named["entry"]["body"]["Message"]["files"][0]["name"],
        "lamp.html.png"
    );
}

#[tokio::test]
async fn the_largest_file_is_taken_and_a_larger_one_is_not() {
    let host = Host::start().await;
    let (dana, workitem) = at_amy(&host).await;
    let amy = host.sign_in("amy").await;
    let mut content = vec![b'a'; FILE_MAX];
    let longest = "ä".repeat(4_000);
    let most = amy.attach(&workitem, key(), &longest, ("a.txt", &content));
    most.await.ok();
    content.push(b'a');
    let refused = amy.attach(&workitem, key(), "", ("a.txt", &content)).await;
    let expected = json!({ "code": "file_too_large", "max_mib": 5 });
    assert_eq!(problem(&refused), (413, "file", &expected));
    // Out of all proportion, it is not read to its end.
    content.resize(FILE_MAX + 100_000, b'a');
    let refused = amy.attach(&workitem, key(), "", ("a.txt", &content)).await;
    assert_eq!((refused.status, problem(&refused).1), (413, "body"));
    assert_eq!(lines(&dana).await.len(), 2);
}

#[tokio::test]
async fn the_files_of_both_sides_of_a_conversation_have_a_limit_together() {
    let host = Host::start().await;
    let (dana, workitem) = at_amy(&host).await;
    let amy = host.sign_in("amy").await;
    let content = vec![b'a'; FILE_MAX];
    for _ in 0..3 {
        dana.send_file("a.txt", &content).await.ok();
    }
    for _ in 0..7 {
        let sent = amy.attach(&workitem, key(), "", ("a.txt", &content)).await;
        sent.ok();
    }
    let expected = json!({ "code": "files_full", "max_mib": 50 });
    let refused = amy.attach(&workitem, key(), "One more", ("b.txt", b"b"));
    assert_eq!(problem(&refused.await), (413, "file", &expected));
    let refused = dana.send_file("b.txt", b"b").await;
    assert_eq!(problem(&refused), (413, "file", &expected));
    let words = json!({ "workitem": workitem, "key": key(), "text": "Words go on" });
    amy.call("workitems/message_send", words).await.ok();
    assert_eq!(lines(&dana).await.len(), 12);
}

#[tokio::test]
async fn a_channel_that_carries_text_alone_takes_no_file() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    for channel in ["sms", "social", "phone", "email"] {
        let workitem = amy.own_workitem(channel).await;
        let before = amy.conversation(&workitem).await;
        let refused = amy.attach(&workitem, key(), "Look", ("a.png", PICTURE));
        let refused = refused.await;
        let expected = (422, "file", &json!({ "code": "file_channel" }));
        assert_eq!(problem(&refused), expected, "{channel}");
        let reason = refused.body["Invalid"]["reason"].as_str();
        assert!(reason.expect("words").contains("in chats only"));
        assert_eq!(amy.conversation(&workitem).await, before, "{channel}");
    }
}

#[tokio::test]
async fn a_conversation_that_is_over_takes_no_file() {
    let host = Host::start().await;
    let (dana, workitem) = at_amy(&host).await;
    let amy = host.sign_in("amy").await;
    for act in ["workitem_wrap_up", "workitem_close"] {
        let input = json!({ "workitem": workitem, "key": key() });
        amy.call(&format!("workitems/{act}"), input).await.ok();
        let refused = amy.attach(&workitem, key(), "", ("a.png", PICTURE)).await;
        let cause = &refused.body["Conflict"]["cause"]["code"];
        let expected = (409, &json!("conversation_ended"));
        assert_eq!((refused.status, cause), expected, "after {act}");
    }
    let shown = lines(&dana).await;
    assert_eq!(shown.last().expect("a line")["body"]["kind"], "ended");
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_stored_once_with_its_file() {
    let host = Host::start().await;
    let (dana, workitem) = at_amy(&host).await;
    let amy = host.sign_in("amy").await;
    let (once, manual) = (key(), ("manual.pdf", PDF));
    let first = amy
        .attach(&workitem, once.clone(), "Here", manual)
        .await
        .ok();
    let again = amy
        .attach(&workitem, once.clone(), "Here", manual)
        .await
        .ok();
    assert_eq!(again, first);
    // The same key means the same words and the same file.
    for (text, file) in [
        ("There", manual),
        ("", manual),
        ("Here", ("manual.pdf", &b"%PDF-1.4\n"[..])),
        ("Here", ("other.pdf", PDF)),
    ] {
        let refused = amy.attach(&workitem, once.clone(), text, file).await;
        let cause = &refused.body["Conflict"]["cause"]["code"];
        assert_eq!((refused.status, cause), (409, &json!("key_reused")));
    }
    let words = json!({ "workitem": workitem, "key": once, "text": "Here" });
    let refused = amy.call("workitems/message_send", words).await;
    assert_eq!(refused.status, 409);
    // The first answer comes also to her who has the work no more.
    hand_to(&host, &workitem, "ben").await;
    let late = amy
        .attach(&workitem, once.clone(), "Here", manual)
        .await
        .ok();
    assert_eq!(late, first);
    let shown = lines(&dana).await;
    assert_eq!(shown.len(), 2);
    let id = shown[1]["body"]["files"][0]["id"].as_str().expect("an id");
    let (status, content) = dana.page(&format!("/chat/care/files/{id}")).await;
    assert_eq!((status, content.as_bytes()), (200, PDF));
}

#[tokio::test]
async fn files_count_as_texts_do_for_those_who_send_too_many() {
    let host = Host::start_with_send_rate(1).await;
    let (_, workitem) = at_amy(&host).await;
    let amy = host.sign_in("amy").await;
    let mut sent = 0;
    let refused = loop {
        let answer = amy.attach(&workitem, key(), "", ("a.txt", b"a")).await;
        match answer.status {
            200 if sent < 30 => sent += 1,
            _ => break answer,
        }
    };
    assert_eq!(refused.status, 429, "after {sent}: {}", refused.body);
    let words = json!({ "workitem": workitem, "key": key(), "text": "one more" });
    assert_eq!(amy.call("workitems/message_send", words).await.status, 429);
}

/// A body without an end, of which nothing is announced.
fn endless() -> Body {
    let piece = Bytes::from(vec![b'a'; 64 * 1024]);
    Body::from_stream(stream::repeat(Ok::<_, Infallible>(piece)))
}

#[tokio::test]
async fn a_file_is_not_read_before_it_is_known_who_sends_it() {
    let host = Host::start().await;
    let (_, workitem) = at_amy(&host).await;
    for (who, expected) in [("", 401), ("sam", 404), ("ada", 404), ("amy", 413)] {
        let caller = match who {
            "" => host.nobody(),
            name => host.sign_in(name).await,
        };
        let request = Request::post(format!("/workitems/{workitem}/files"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .header(header::COOKIE, caller.cookies())
            .body(endless());
        let answer = host.request(request.expect("a request")).await;
        assert_eq!(answer.status().as_u16(), expected, "{who}");
    }
    let amy = host.sign_in("amy").await;
    let forged = Request::post(format!("/workitems/{workitem}/files"))
        .header("sec-fetch-site", "cross-site")
        .header(header::COOKIE, amy.cookies())
        .body(Body::empty());
    let answer = host.request(forged.expect("a request")).await;
    assert_eq!(answer.status().as_u16(), 403);
}
