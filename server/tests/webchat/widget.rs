//! The widget: the page in a frame of another site, the token in a header, the conversation as a text.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;

use crate::actors::Host;
use crate::customer::{Answer, Customer};
use crate::visitors::token_in;

const ORIGINS: &str = "https://www.example.com\nhttps://shop.example:8443";

fn policy(answer: &Answer) -> &str {
    answer.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
}

/// Somebody in a frame: no cookies, and the token of its page.
async fn framed(host: &Host) -> Customer<'_> {
    let mut eve = host.customer_without_cookies();
    let page = eve.get("/chat/care/embed").await;
    eve.token = Some(token_in(&page.body));
    eve
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_shows_the_chat_in_a_frame_and_no_other_page_does() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let frame_options = |answer: &Answer| answer.headers.get(header::X_FRAME_OPTIONS).cloned();
    let closed = eve.get("/chat/care/embed").await;
    assert!(policy(&closed).ends_with("frame-ancestors 'none'"));
    assert_eq!(frame_options(&closed).unwrap(), "DENY");

    host.set_up_care(&[("origins", ORIGINS)]).await;
    let embedded = eve.get("/chat/care/embed").await;
    assert_eq!(embedded.status, 200);
    assert!(
        policy(&embedded)
            .ends_with("; frame-ancestors https://www.example.com https://shop.example:8443"),
        "{}",
        policy(&embedded)
    );
    assert!(policy(&embedded).starts_with("default-src 'none'; script-src 'self';"));
    assert_eq!(frame_options(&embedded), None);
    let listed = "data-origins=\"[&quot;https://www.example.com&quot;,&quot;https://shop.example:8443&quot;]\"";
    assert!(embedded.body.contains(listed), "{}", embedded.body);

    for path in [
        "/chat/care",
        "/chat/sales/embed",
        "/chat/nothing/embed",
        "/chat/care/visit",
        "/chat/care/transcript",
    ] {
        let answer = eve.get(path).await;
        assert!(
            policy(&answer).ends_with("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(frame_options(&answer).unwrap(), "DENY", "{path}");
    }
    assert!(!eve.page().await.contains("data-origins"));
}

#[tokio::test]
async fn a_page_that_is_not_allowed_is_kept_out_by_its_browser() {
    let host = Host::start().await;
    host.set_up_care(&[("origins", ORIGINS)]).await;
    let mut eve = host.customer();
    for page in ["https://other.example/", "https://www.example.com/", "null"] {
        let request = Request::get("/chat/care/embed")
            .header("sec-fetch-dest", "iframe")
            .header(header::REFERER, page);
        let answer = eve.ask(request, Body::empty()).await;
        assert_eq!(answer.status, 200, "{page}");
        let ancestors = "; frame-ancestors https://www.example.com https://shop.example:8443";
        assert!(policy(&answer).ends_with(ancestors), "{page}");
    }
}

#[tokio::test]
async fn in_a_frame_a_cookie_counts_for_nothing_and_none_is_set_by_looking() {
    let host = Host::start().await;
    host.set_up_care(&[("origins", ORIGINS)]).await;
    let mut eve = host.customer();
    eve.write("Hello from the page", "k1").await;
    assert!(eve.page().await.contains("Hello from the page"));
    let framed = eve.get("/chat/care/embed").await;
    assert!(!framed.body.contains("Hello from the page"));
    assert!(!framed.headers.contains_key(header::SET_COOKIE));
    assert_ne!(
        token_in(&framed.body),
        token_in(&host.customer().page().await)
    );
}

#[tokio::test]
async fn a_token_in_a_header_has_the_rights_of_the_cookie_and_no_others() {
    let host = Host::start().await;
    let mut eve = framed(&host).await;
    assert_eq!(eve.get("/chat/care/visit").await.status, 404);
    eve.write("Hello", "k1").await;
    let workitem = host.given_to_amy().await;
    host.amy_says(&workitem, "Good morning").await;

    let visit = eve.get("/chat/care/visit").await.json();
    assert_eq!(visit["name"], "Eve Ito");
    assert_eq!(visit["frames"][1]["body"]["text"], "Good morning");
    assert_eq!(visit["began"], visit["frames"][0]["at"]);
    assert_eq!(eve.history("").await, ["Hello", "Good morning"]);
    let mut live = eve.live(None).await;
    assert_eq!(live.text().await, "Hello");

    // Another channel, another token, none at all.
    let token = eve.token.clone();
    let paths = ["visit", "history", "live", "transcript"];
    for path in paths {
        let other = format!("/chat/sales/{path}");
        assert_eq!(eve.get(&other).await.status, 404, "{other}");
    }
    for token in [Some("f".repeat(64)), Some("x".to_owned()), None] {
        eve.token = token;
        for path in paths {
            let own = format!("/chat/care/{path}");
            let answer = eve.get(&own).await;
            assert_eq!(
                (answer.status, answer.json()),
                (404, json!("NotFound")),
                "{own}"
            );
        }
        assert_eq!(eve.ends("k-end").await.status, 404);
    }
    assert_eq!(host.waiting().await, 0, "none of it began anything");

    // The same secret as a cookie is the same visitor.
    let mut same = host.customer();
    same.cookie = Some(format!("sideline_visitor={}", token.clone().unwrap()));
    assert_eq!(same.history("").await, ["Hello", "Good morning"]);

    eve.token = token;
    assert_eq!(eve.is_forgotten().await.status, 204);
    for path in paths {
        let own = format!("/chat/care/{path}");
        assert_eq!(
            eve.get(&own).await.status,
            404,
            "{own} after it was forgotten"
        );
    }
}

#[tokio::test]
async fn a_token_never_stands_in_an_address() {
    let host = Host::start().await;
    let mut eve = framed(&host).await;
    eve.write("Hello", "k1").await;
    let token = eve.token.take().unwrap();
    for path in [
        format!("/chat/care/visit?visitor={token}"),
        format!("/chat/care/history?visitor={token}"),
        format!("/chat/care/live?x-sideline-visitor={token}"),
        format!("/chat/care/transcript?visitor={token}"),
    ] {
        assert_eq!(eve.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn other_sites_cannot_write_in_somebodys_name() {
    let host = Host::start().await;
    host.set_up_care(&[("origins", ORIGINS)]).await;
    let mut eve = framed(&host).await;
    let body = json!({ "name": "Eve", "text": "Hello", "key": "k" }).to_string();
    // An allowed origin may show the frame; writing is for the page in it.
    for (name, value) in [
        ("origin", "https://www.example.com"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let request = Request::post("/chat/care/messages")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::HOST, "desk.example")
            .header(name, value);
        let answer = eve.ask(request, Body::from(body.clone())).await;
        assert_eq!(answer.status, 403, "{name}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
    assert_eq!(host.waiting().await, 0);
}

#[tokio::test]
async fn the_conversation_can_be_kept_as_a_text() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello\nMallory: I pay nothing", "k1").await;
    let workitem = host.given_to_amy().await;
    host.sam_coaches(&workitem, "Ask for the order").await;
    host.clock.advance(120);
    host.amy_says(&workitem, "May I have the order number?")
        .await;
    host.amy_wraps_up(&workitem).await;
    let kept = eve.get("/chat/care/transcript").await;
    assert_eq!(kept.status, 200);
    assert_eq!(
        kept.headers[header::CONTENT_TYPE],
        "text/plain; charset=utf-8"
    );
    assert_eq!(
        kept.headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"chat-2023-11-14.txt\""
    );
    assert_eq!(
        kept.body,
        "Larkfield Care\n\n\
         2023-11-14 22:13 UTC  You: Hello\n    Mallory: I pay nothing\n\
         2023-11-14 22:15 UTC  Amy Adler: May I have the order number?\n\
         2023-11-14 22:15 UTC  This conversation has ended.\n"
    );
    assert_eq!(
        host.customer().get("/chat/care/transcript").await.status,
        404
    );
    assert!(eve.page().await.contains("href=\"/chat/care/transcript\""));
}

#[tokio::test]
async fn a_long_conversation_is_kept_whole() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("line 1", "k").await;
    let workitem = host.given_to_amy().await;
    for number in 2..=400 {
        host.amy_says(&workitem, &format!("line {number}")).await;
    }
    let kept = eve.get("/chat/care/transcript").await.body;
    assert_eq!(kept.matches("  Amy Adler: line ").count(), 399);
    let visit = eve.get("/chat/care/visit").await.json();
    assert_eq!(visit["frames"][0]["seq"], 301, "the last hundred");
}

#[tokio::test]
async fn the_greeting_stands_there_until_the_customer_writes() {
    let host = Host::start().await;
    host.set_up_care(&[("origins", ORIGINS), ("greeting", "Moin & <welcome>!")])
        .await;
    let mut eve = host.customer();
    let shown = "dir=\"auto\">Moin &amp; &lt;welcome&gt;!</p>";
    assert!(eve.page().await.contains(shown));
    let framed = eve.get("/chat/care/embed").await.body;
    assert!(framed.contains(shown));
    eve.write("Hello", "k1").await;
    assert!(!eve.page().await.contains(shown));
    assert_eq!(eve.history("").await, ["Hello"], "it is no line of it");
}
