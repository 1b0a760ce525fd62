//! Files that customers send: what is taken by its content, who gets it back, and how much of it there may be.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use serde_json::{Value, json};
use server::queries;
use shared::files::{FILE_MAX, FileRef};
use shared::ids::{UserId, WorkitemId};
use shared::transcript::EntryBody;

use crate::actors::Host;
use crate::customer::{Answer, Customer};
use crate::identity::proof;
use crate::visitors::token_in;

/// As much of a picture as tells what it is.
pub const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

impl Customer<'_> {
    /// Sends a file, as the page's script does.
    pub async fn send_file(&mut self, name: &str, content: &[u8], key: &str) -> Answer {
        let request = Request::post("/chat/care/files")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("x-sideline-file", encoded(name))
            .header("x-sideline-name", encoded("Eve Ito"))
            .header("x-sideline-key", key);
        self.ask(request, Body::from(content.to_vec())).await
    }

    /// A file that is taken: its line.
    pub async fn sends(&mut self, name: &str, content: &[u8], key: &str) -> Value {
        let answer = self.send_file(name, content, key).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// What is answered at the address of a file, with its bytes.
    pub async fn opens(&mut self, path: &str) -> (u16, HeaderMap, Vec<u8>) {
        let (status, headers, body) = self.send(Request::get(path), Body::empty()).await;
        let body = to_bytes(body, 2 * FILE_MAX).await.unwrap();
        (status, headers, body.to_vec())
    }
}

fn id_of(line: &Value) -> &str {
    line["body"]["files"][0]["id"].as_str().unwrap()
}

fn address(line: &Value) -> String {
    format!("/chat/care/files/{}", id_of(line))
}

/// The texts and files of the customer's messages as amy reads them.
async fn read_by_amy(host: &Host, workitem: &WorkitemId) -> Vec<(String, Vec<FileRef>)> {
    let amy = UserId::parse("amy").unwrap();
    let mut rows = host.desk.store().snapshot().await.unwrap();
    let page = queries::conversation_page(&mut *rows, workitem, &amy, None).await;
    let entries = page.unwrap().entries.into_iter();
    let messages = entries.filter_map(|entry| match entry.body {
        EntryBody::Message { text, files, .. } => Some((text, files)),
        _ => None,
    });
    messages.collect()
}

#[tokio::test]
async fn a_picture_reaches_the_agent_and_comes_back_to_its_customer_as_it_was() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("My lamp is broken", "k1").await;
    let workitem = host.given_to_amy().await;
    let mut live = eve.live(None).await;
    live.next().await.unwrap();

    let line = eve.sends("broken lamp.png", PICTURE, "k2").await;
    assert_eq!(
        line["body"],
        json!({
            "kind": "mine",
            "text": "",
            "files": [{
                "id": id_of(&line),
                "name": "broken lamp.png",
                "media_type": "image/png",
                "size": PICTURE.len(),
            }],
            "key": "k2",
        })
    );
    assert_eq!(live.next().await.unwrap().data, line, "live as well");
    let history = eve.get("/chat/care/history?after=1").await.json();
    assert_eq!(history, json!([line]));

    let read = read_by_amy(&host, &workitem).await;
    let (text, files) = read.last().unwrap();
    assert_eq!((text.as_str(), files.len()), ("", 1));
    assert_eq!(json!(files[0]), line["body"]["files"][0]);
    let record = host.desk.reads().workitem_find(&workitem).await.unwrap();
    let listed = record.unwrap().workitem;
    assert_eq!(listed.preview, "broken lamp.png");
    assert_eq!(listed.unread, 2);

    let (status, headers, content) = eve.opens(&address(&line)).await;
    assert_eq!((status, &content[..]), (200, PICTURE));
    for (name, value) in [
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        (
            "content-disposition",
            "inline; filename*=UTF-8''broken%20lamp.png",
        ),
        ("cache-control", "no-store"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; sandbox;"),
        "{policy}"
    );
    let page = eve.page().await;
    let picture = format!("<img src=\"{}\" alt=\"broken lamp.png\"", address(&line));
    assert!(page.contains(&picture), "{page}");
}

#[tokio::test]
async fn what_is_no_picture_is_downloaded_and_stands_in_the_texts_by_its_name() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Here are my papers", "k0").await;
    let workitem = host.given_to_amy().await;
    for (name, content, kind, disposition) in [
        (
            "Rechnung \"5\" für Zoë.pdf",
            &b"%PDF-1.7\n"[..],
            "application/pdf",
            "attachment; filename*=UTF-8''Rechnung%20%225%22%20f%C3%BCr%20Zo%C3%AB.pdf",
        ),
        (
            "notes.txt",
            "Grüße".as_bytes(),
            "text/plain; charset=utf-8",
            "attachment; filename*=UTF-8''notes.txt",
        ),
        (
            "parts.csv",
            b"a;b\r\n",
            "text/csv; charset=utf-8",
            "attachment; filename*=UTF-8''parts.csv",
        ),
    ] {
        let line = eve
            .sends(name, content, &format!("k-{}", content.len()))
            .await;
        let (status, headers, found) = eve.opens(&address(&line)).await;
        assert_eq!((status, &found[..]), (200, content), "{name}");
        assert_eq!(headers["content-type"], kind);
        assert_eq!(headers["content-disposition"], disposition);
    }
    let kept = eve.get("/chat/care/transcript").await.body;
    for said in [
        "You: [Rechnung \"5\" für Zoë.pdf, PDF, 1 KB]\n",
        "You: [notes.txt, TXT, 1 KB]\n",
    ] {
        assert!(kept.contains(said), "{kept}");
    }
    let archived = host.archived(&workitem).await;
    assert!(
        archived.contains(r#""text":null,"files":[{"id":""#),
        "{archived}"
    );
    assert!(
        archived
            .contains(r#""name":"parts.csv","media_type":"text/csv","size":5,"state":"ready"}]"#)
    );
    let page = eve.page().await;
    assert!(
        page.contains("<bdi>notes.txt</bdi> <span>TXT, 1 KB</span>"),
        "{page}"
    );
}

/// The beginning of a picture of one bit a pixel.
fn picture_of(width: u32, height: u32) -> Vec<u8> {
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    let sides = [width.to_be_bytes(), height.to_be_bytes()];
    [&head[..], sides.as_flattened(), b"\x01\0\0\0\0"].concat()
}

#[tokio::test]
async fn a_picture_that_is_too_large_for_a_page_is_a_row_and_is_downloaded() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let large = picture_of(8_000, 5_000);
    let line = eve.sends("large.png", &large, "k1").await;
    assert_eq!(line["body"]["files"][0]["media_type"], "image/png");
    let workitem = host.given_to_amy().await;
    let bomb = picture_of(16_000, 16_000);
    let line = eve.sends("bomb.png", &bomb, "k2").await;

    let read = read_by_amy(&host, &workitem).await;
    let pictures = read.iter().map(|(_, files)| files[0].is_picture());
    assert_eq!(Vec::from_iter(pictures), [true, false]);
    assert_eq!(json!(read[1].1[0]), line["body"]["files"][0]);

    let (status, headers, content) = eve.opens(&address(&line)).await;
    assert_eq!((status, content), (200, bomb));
    assert_eq!(headers["content-type"], "application/octet-stream");
    assert_eq!(
        headers["content-disposition"],
        "attachment; filename*=UTF-8''bomb.png"
    );
    let page = eve.page().await;
    assert!(
        page.contains("<bdi>bomb.png</bdi> <span>PNG, 1 KB</span>"),
        "{page}"
    );
    assert!(page.contains("alt=\"large.png\""), "{page}");
    assert!(!page.contains("alt=\"bomb.png\""), "{page}");
}

#[tokio::test]
async fn a_file_that_lies_about_what_it_is_is_refused_with_words_and_changes_nothing() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    for (name, content) in [
        ("lamp.png", SVG),
        ("lamp.svg", SVG),
        ("lamp.png", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("lamp.pdf", b"PK\x03\x04 an archive"),
        ("lamp.txt", b"a\0b"),
        ("lamp.csv", b"\xff\xfe in another encoding"),
    ] {
        let refused = eve.send_file(name, content, "k2").await;
        assert_eq!(refused.status, 415, "{name}");
        let error = &refused.json()["Invalid"];
        assert_eq!(
            (&error["field"], &error["problem"]["code"]),
            (&json!("file"), &json!("file_kind"))
        );
        let reason = error["reason"].as_str().unwrap();
        assert!(reason.contains("PNG, JPEG, GIF and WebP"), "{reason}");
    }
    let empty = eve.send_file("lamp.png", b"", "k2").await;
    assert_eq!(
        (empty.status, &empty.json()["Invalid"]["problem"]["code"]),
        (422, &json!("file_empty"))
    );
    assert_eq!(eve.history("").await, ["Hello"]);
    // What it is called counts for nothing, and its name agrees with what it is.
    let line = eve.sends("../../lamp.html", PICTURE, "k2").await;
    assert_eq!(line["body"]["files"][0]["name"], "lamp.html.png");
}

#[tokio::test]
async fn the_largest_file_is_taken_and_a_larger_one_is_not() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    let mut content = vec![b'a'; FILE_MAX];
    content.splice(..PICTURE.len(), PICTURE.iter().copied());
    let line = eve.sends("large.png", &content, "k2").await;
    let (_, _, found) = eve.opens(&address(&line)).await;
    assert_eq!(found.len(), FILE_MAX);
    assert!(found == content, "byte by byte");

    content.push(b'a');
    let refused = eve.send_file("larger.png", &content, "k3").await;
    assert_eq!(refused.status, 413);
    let error = &refused.json()["Invalid"];
    assert_eq!(
        error["problem"],
        json!({ "code": "file_too_large", "max_mib": 5 })
    );
    assert_eq!(
        error["reason"],
        "This file is too large. A file may have up to 5 MB."
    );
    // Out of all proportion, it is not read to its end.
    content.resize(FILE_MAX + 100_000, b'a');
    let refused = eve.send_file("larger.png", &content, "k3").await;
    assert_eq!(
        (refused.status, &refused.json()["Invalid"]["field"]),
        (413, &json!("body"))
    );
    // Nothing else may be that large.
    let request =
        Request::post("/chat/care/messages").header(header::CONTENT_TYPE, "application/json");
    assert_eq!(
        eve.ask(request, Body::from(vec![b' '; 70_000]))
            .await
            .status,
        413
    );
    assert_eq!(eve.history("").await, ["Hello", ""]);
}

#[tokio::test]
async fn the_files_of_one_conversation_have_a_limit_together() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k").await;
    let content = vec![b'a'; FILE_MAX];
    for number in 0..10 {
        eve.sends("a.txt", &content, &format!("k{number}")).await;
        host.clock.advance(30);
    }
    let refused = eve.send_file("b.txt", b"b", "k-more").await;
    assert_eq!(refused.status, 413, "{}", refused.body);
    let error = &refused.json()["Invalid"];
    assert_eq!(
        error["problem"],
        json!({ "code": "files_full", "max_mib": 50 })
    );
    assert!(error["reason"].as_str().unwrap().contains("50 MB together"));
    eve.write("Texts go on", "k-text").await;
    assert_eq!(eve.history("").await.len(), 12);
    // Another conversation has room of its own.
    eve.ends("k-end").await;
    eve.sends("b.txt", b"b", "k-more").await;
}

#[tokio::test]
async fn a_visitor_who_sends_files_too_quickly_waits_and_others_do_not() {
    let host = Host::start().await;
    let (mut eve, mut dana) = (host.customer(), host.customer());
    eve.write("Hello", "k").await;
    dana.write("Hello", "k").await;
    for number in 0..10 {
        eve.sends("a.txt", b"a", &format!("k{number}")).await;
        host.clock.advance(1);
    }
    let refused = eve.send_file("a.txt", b"a", "k10").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.headers[header::RETRY_AFTER], "50");
    let error = &refused.json()["RateLimited"];
    assert_eq!(
        (&error["limit"], &error["retry_after_s"]),
        (&json!("files"), &json!(50))
    );
    assert_eq!(
        error["reason"],
        "You send files too quickly. Try again in 50 seconds."
    );
    eve.write("Texts go on", "k-text").await;
    dana.sends("a.txt", b"a", "k10").await;
    host.clock.advance(50);
    eve.sends("a.txt", b"a", "k10").await;
    // Few large ones count like many small ones.
    host.clock.advance(60);
    let large = vec![b'a'; FILE_MAX];
    for number in 0..4 {
        eve.sends("a.txt", &large, &format!("k-large-{number}"))
            .await;
    }
    assert_eq!(eve.send_file("a.txt", b"a", "k-next").await.status, 429);
}

#[tokio::test]
async fn a_file_that_is_sent_again_is_stored_once() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let first = eve.sends("a.txt", b"one", "k1").await;
    assert_eq!(eve.sends("a.txt", b"one", "k1").await, first);
    assert_eq!(
        eve.history("").await,
        [""],
        "it began the conversation, once"
    );
    let [waiting] = &host.queue().await[..] else {
        panic!("one workitem waits")
    };
    let record = host.desk.reads().workitem_find(&waiting.workitem).await;
    let workitem = record.unwrap().unwrap().workitem;
    assert_eq!(
        (&workitem.subject[..], &workitem.customer[..]),
        ("a.txt", "Eve Ito")
    );
    // The same key means the same file.
    for (name, content) in [("a.txt", &b"two"[..]), ("b.txt", b"one")] {
        let refused = eve.send_file(name, content, "k1").await;
        assert_eq!(refused.status, 409);
        assert_eq!(refused.json()["Conflict"]["cause"]["code"], "key_reused");
    }
    let text = json!({ "name": "Eve Ito", "text": "one", "key": "k1" });
    assert_eq!(eve.post(text.to_string()).await.status, 409);
    let (_, _, content) = eve.opens(&address(&first)).await;
    assert_eq!(content, b"one");
}

#[tokio::test]
async fn a_file_needs_what_a_message_needs() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let send = |file: &str, name: &str, key: &str| {
        Request::post("/chat/care/files")
            .header("x-sideline-file", file)
            .header("x-sideline-name", name)
            .header("x-sideline-key", key)
    };
    for (request, field) in [
        (send("a.png", "", "k"), "name"),
        (send("a.png", "E%0Ave", "k"), "name"),
        (send("a.png", "%FF", "k"), "name"),
        (send("a.png", "Eve", ""), "key"),
        (send("a.png", "Eve", "a%20b"), "key"),
    ] {
        let refused = eve.ask(request, Body::from(PICTURE)).await;
        assert_eq!(
            (refused.status, &refused.json()["Invalid"]["field"]),
            (422, &json!(field))
        );
        host.clock.advance(60);
    }
    // Without a name of its own it has one.
    let nameless = eve.ask(send("", "Eve", "k"), Body::from(PICTURE)).await;
    assert_eq!(nameless.json()["body"]["files"][0]["name"], "file.png");
    let elsewhere = Request::post("/chat/nothing/files");
    assert_eq!(eve.ask(elsewhere, Body::from(PICTURE)).await.status, 404);
    host.switch_care(false).await;
    let mut late = host.customer();
    let refused = late.send_file("a.png", PICTURE, "k").await;
    assert_eq!(
        (refused.status, &refused.json()["Conflict"]["cause"]["code"]),
        (409, &json!("channel_closed"))
    );
    eve.sends("what is under way goes on.png", PICTURE, "k2")
        .await;
}

#[tokio::test]
async fn a_file_is_there_for_its_customer_and_for_no_other() {
    let host = Host::start().await;
    let (mut eve, mut mallory) = (host.customer(), host.customer());
    let line = eve.sends("a.png", PICTURE, "k1").await;
    mallory.write("I am somebody else", "k").await;
    let mut nobody = host.customer();
    let theirs = mallory.get(&address(&line)).await;
    assert_eq!((theirs.status, theirs.json()), (404, json!("NotFound")));
    let elsewhere = format!("/chat/sales/files/{}", id_of(&line));
    for answer in [
        mallory.get("/chat/care/files/none").await,
        mallory.get("/chat/care/files/a%2Fb").await,
        nobody.get(&address(&line)).await,
        eve.get("/chat/care/files/none").await,
        eve.get(&elsewhere).await,
    ] {
        assert_eq!(answer.bytes(), theirs.bytes(), "as what is not there");
    }
    // Nor on the way of staff.
    let path = format!("/files/{}", id_of(&line));
    assert_eq!(eve.get(&path).await.status, 401);
    assert_eq!(eve.is_forgotten().await.status, 204);
    assert_eq!(
        eve.get(&address(&line)).await.status,
        404,
        "after it was forgotten"
    );
}

#[tokio::test]
async fn in_a_frame_a_file_comes_and_goes_with_the_token_or_the_proof_and_never_by_an_address() {
    let host = Host::start().await;
    host.set_up_care(&[("origins", "https://www.example.com")])
        .await;
    let secret = host.secret_of("care").await;
    let page = host.customer().get("/chat/care/embed").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("img-src 'self' blob:;"), "{policy}");
    let mut by_token = host.customer_without_cookies();
    by_token.token = Some(token_in(&page.body));
    let mut by_proof = host.customer_without_cookies();
    by_proof.identity = Some(format!("{}.eve", proof(&secret, "eve")));
    let mut lines = Vec::new();
    for customer in [&mut by_token, &mut by_proof] {
        let line = customer.sends("a.png", PICTURE, "k1").await;
        assert_eq!(customer.opens(&address(&line)).await.2, PICTURE);
        let visit = customer.get("/chat/care/visit").await.json();
        assert_eq!(visit["frames"], json!([line]));
        lines.push(address(&line));
    }
    // Each has their own.
    assert_eq!(by_token.opens(&lines[1]).await.0, 404);
    assert_eq!(by_proof.opens(&lines[0]).await.0, 404);
    let token = by_token.token.take().unwrap();
    let named = format!("{}?visitor={token}&x-sideline-visitor={token}", lines[0]);
    assert_eq!(by_token.opens(&named).await.0, 404);
    assert_eq!(by_token.opens(&lines[0]).await.0, 404);
}
