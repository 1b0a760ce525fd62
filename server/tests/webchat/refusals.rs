//! What the chat page refuses and what it keeps apart: bad input, wrong addresses, other people's conversations.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;
use server::http::HttpConfig;

use crate::actors::Host;
use crate::customer::shows;

#[tokio::test]
async fn bad_input_names_its_field_and_changes_nothing() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.page().await;
    let long = "x".repeat(4_001);
    let long_name = "x".repeat(81);
    for (field, body) in [
        (
            "text",
            json!({ "name": "Eve", "text": " \n ", "key": "k" }).to_string(),
        ),
        ("text", json!({ "name": "Eve", "key": "k" }).to_string()),
        (
            "text",
            json!({ "name": "Eve", "text": "\u{2800}\u{200B}\u{301}", "key": "k" }).to_string(),
        ),
        (
            "name",
            json!({ "name": "\u{3164}", "text": "Hello", "key": "k" }).to_string(),
        ),
        (
            "text",
            json!({ "name": "Eve", "text": long, "key": "k" }).to_string(),
        ),
        (
            "text",
            json!({ "name": "Eve", "text": "a\u{0}b", "key": "k" }).to_string(),
        ),
        (
            "text",
            json!({ "name": "Eve", "text": "a\u{202E}b", "key": "k" }).to_string(),
        ),
        ("name", json!({ "text": "Hello", "key": "k" }).to_string()),
        (
            "name",
            json!({ "name": "  ", "text": "Hello", "key": "k" }).to_string(),
        ),
        (
            "name",
            json!({ "name": long_name, "text": "Hello", "key": "k" }).to_string(),
        ),
        (
            "name",
            json!({ "name": "E\nve", "text": "Hello", "key": "k" }).to_string(),
        ),
        ("key", json!({ "name": "Eve", "text": "Hello" }).to_string()),
        (
            "key",
            json!({ "name": "Eve", "text": "Hello", "key": "k k" }).to_string(),
        ),
        ("body", "{\"name\":".to_owned()),
        ("body", "null".to_owned()),
        ("body", String::new()),
    ] {
        host.clock.advance(1);
        let answer = eve.post(body.clone()).await;
        assert_eq!(answer.status, 422, "{body} {}", answer.body);
        assert_eq!(answer.json()["Invalid"]["field"], field, "{body}");
    }
    assert!(host.queue().await.is_empty());
    let limit = eve
        .post(json!({ "name": "Eve", "text": "ä".repeat(4_000), "key": "k" }).to_string())
        .await;
    assert_eq!(
        limit.status, 200,
        "the limit itself is allowed, and counts characters"
    );
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let body = json!({ "name": "Eve", "text": "x".repeat(70_000), "key": "k" }).to_string();
    for told in [true, false] {
        let mut request =
            Request::post("/chat/care/messages").header(header::CONTENT_TYPE, "application/json");
        if told {
            request = request.header(header::CONTENT_LENGTH, body.len());
        }
        let answer = eve.ask(request, Body::from(body.clone())).await;
        assert_eq!(answer.status, 413);
        assert_eq!(answer.json()["Invalid"]["field"], "body");
    }
    assert!(host.queue().await.is_empty());
}

#[tokio::test]
async fn what_is_no_form_of_the_page_is_answered_with_a_page_and_changes_nothing() {
    const WITH_FILES: &str = "multipart/form-data; boundary=edge";
    const FORM: &str = "application/x-www-form-urlencoded";
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    let rating =
        "--edge\r\nContent-Disposition: form-data; name=\"rating\"\r\n\r\n4\r\n--edge--\r\n";
    let other_letters = format!("{FORM}; charset=utf-16");
    for (kind, body, status) in [
        (WITH_FILES, rating, 415),
        (&other_letters[..], "after=", 415),
        (FORM, "after=&after=", 422),
    ] {
        for path in ["offline", "end", "rating", "forget"] {
            let request = Request::post(format!("/chat/care/{path}"))
                .header(header::CONTENT_TYPE, kind)
                .header(header::ACCEPT_LANGUAGE, "de");
            let answer = eve.ask(request, Body::from(body)).await;
            assert_eq!(answer.status, status, "{path} {kind}: {}", answer.body);
            assert_eq!(
                answer.headers[header::CONTENT_TYPE],
                "text/html; charset=utf-8"
            );
            assert!(answer.body.contains("<html lang=\"de\""), "{path} {kind}");
            let words = "konnte nicht gelesen werden";
            assert!(answer.body.contains(words), "{path}: {}", answer.body);
        }
    }
    assert_eq!(eve.history("").await, ["Hello"], "it goes on");
    // The form for messages shows the conversation as well.
    let request = Request::post("/chat/care").header(header::CONTENT_TYPE, WITH_FILES);
    let answer = eve.ask(request, Body::from(rating)).await;
    assert_eq!(answer.status, 422);
    for words in ["could not be read", "<p dir=\"auto\">Hello</p>"] {
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_form_that_is_too_large_is_answered_with_a_page() {
    let host = Host::start().await;
    let mut eve = host.customer();
    let request = Request::post("/chat/care")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html,*/*;q=0.8")
        .header(header::ACCEPT_LANGUAGE, "de");
    let text = "x".repeat(70_000);
    let body = Body::from(format!("name=Eve&after=&text={text}"));
    let answer = eve.ask(request, body).await;
    assert_eq!(answer.status, 413);
    for words in ["<html lang=\"de\"", "64 KiB", "href=\"/chat/care\""] {
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
    assert!(host.queue().await.is_empty());
}

#[tokio::test]
async fn an_address_that_leads_nowhere_says_so() {
    let host = Host::start().await;
    let mut eve = host.customer();
    for path in ["/chat/nothing", "/chat/not%20a%20key", "/chat/a%2Fb"] {
        let answer = eve.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            answer.body.contains("<h1>This chat was not found</h1>"),
            "{path}"
        );
    }
    let answer = eve
        .ask(Request::post("/chat/nothing/messages"), Body::from("{}"))
        .await;
    assert_eq!((answer.status, answer.json()), (404, json!("NotFound")));
    eve.page().await;
    for path in ["/chat/care/history", "/chat/care/live"] {
        assert_eq!(
            eve.get(path).await.status,
            404,
            "{path}: there is no conversation yet"
        );
    }
    eve.write("Hello", "k").await;
    for after in ["x", "-1", "1-", "1-2-3"] {
        let answer = eve.get(&format!("/chat/care/history?after={after}")).await;
        assert_eq!(
            (answer.status, &answer.json()["Invalid"]["field"]),
            (422, &json!("after"))
        );
    }
}

#[tokio::test]
async fn visitors_do_not_see_each_other() {
    let host = Host::start().await;
    let (mut eve, mut mallory) = (host.customer(), host.customer());
    eve.write("My order is LF-1", "k").await;
    mallory.write("I am somebody else", "k").await;
    assert_ne!(eve.cookie, mallory.cookie);
    assert_eq!(eve.history("").await, ["My order is LF-1"]);
    assert_eq!(mallory.history("").await, ["I am somebody else"]);
    assert!(!mallory.page().await.contains("LF-1"));
    let mut invented = host.customer();
    invented.cookie = Some("sideline_visitor=guess".to_owned());
    assert_eq!(invented.get("/chat/care/history").await.status, 404);
    let mut sales = host.customer();
    sales.cookie.clone_from(&eve.cookie);
    assert_eq!(
        sales.get("/chat/sales/history").await.status,
        404,
        "each channel has its own conversation"
    );
}

#[tokio::test]
async fn e14_f24_a_channel_that_is_switched_off_goes_on_with_what_is_under_way_and_begins_nothing()
{
    const NOBODY: &str = "Nobody takes messages here at the moment.";
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.write("Hello", "k1").await;
    let workitem = host.given_to_amy().await;
    host.switch_care(false).await;
    let page = eve.page().await;
    assert!(page.contains("<p dir=\"auto\">Hello</p>") && page.contains("id=\"composer\""));
    // The script has the words for when it ends.
    assert!(!page.contains(&format!(">{NOBODY}<")));
    eve.write("Are you there?", "k2").await;
    host.amy_says(&workitem, "I am.").await;
    assert_eq!(eve.history("").await, ["Hello", "Are you there?", "I am."]);

    let mut newcomer = host.customer();
    let page = newcomer.page().await;
    assert!(page.contains(NOBODY) && !page.contains("id=\"composer\""));
    let body = json!({ "name": "Lou", "text": "Hello", "key": "k3" }).to_string();
    let refused = newcomer.post(body.clone()).await;
    assert_eq!(refused.status, 409);
    assert_eq!(refused.json()["Conflict"]["reason"], NOBODY);

    // What ends is not begun again.
    assert_eq!(eve.ends("k4").await.status, 200);
    let again = json!({ "text": "One more thing", "key": "k5" }).to_string();
    assert_eq!(eve.post(again).await.status, 409);
    let page = eve.page().await;
    assert!(page.contains(NOBODY) && !shows(&page, "composer"));
    host.switch_care(true).await;
    assert_eq!(newcomer.post(body).await.status, 200);
}

#[tokio::test]
async fn a_flood_is_slowed_down() {
    let host = Host::start().await;
    let mut eve = host.customer();
    eve.page().await;
    for number in 0..20 {
        eve.write("Hello", &format!("k{number}")).await;
    }
    let flooded = eve
        .post(json!({ "text": "Hello", "key": "last" }).to_string())
        .await;
    assert_eq!(
        (flooded.status, flooded.json()),
        (429, json!({ "RateLimited": { "retry_after_s": 10 } }))
    );
    assert_eq!(flooded.headers[header::RETRY_AFTER], "10");
    host.clock.advance(10);
    eve.write("Hello", "last").await;
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_files() {
    let host = Host::start_with(HttpConfig {
        secure: true,
        ..HttpConfig::default()
    })
    .await;
    let mut eve = host.customer();
    let answer = eve.get("/chat/care").await;
    assert_eq!(answer.status, 200);
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(policy.contains("script-src 'self'") && policy.contains("style-src 'self'"));
    assert!(!policy.contains("unsafe"));
    assert!(
        !answer.body.contains(" style=")
            && !answer.body.contains("<script>")
            && !answer.body.contains(" onclick")
    );
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let body = json!({ "name": "Eve", "text": "Hello", "key": "k" }).to_string();
    let answer = eve.post(body).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-sideline_visitor=") && cookie.contains("; Secure;"));
}

#[tokio::test]
async fn one_visitors_streams_have_a_limit_and_those_of_others_go_on() {
    let host = Host::start().await;
    let (mut eve, mut dana) = (host.customer(), host.customer());
    for customer in [&mut eve, &mut dana] {
        customer.page().await;
        customer.write("Hello", "first").await;
    }
    let live = || Request::get("/chat/care/live");
    let mut streams = Vec::new();
    for _ in 0..20 {
        let (status, _, stream) = eve.send(live(), Body::empty()).await;
        assert_eq!(status, 200);
        streams.push(stream);
    }
    let refused = eve.ask(live(), Body::empty()).await;
    assert_eq!(
        (refused.status, refused.json()),
        (429, json!({ "RateLimited": { "retry_after_s": 1 } }))
    );
    assert_eq!(dana.send(live(), Body::empty()).await.0, 200);
    streams.pop();
    assert_eq!(
        eve.send(live(), Body::empty()).await.0,
        200,
        "a tab was closed"
    );
}

#[tokio::test]
async fn a_body_that_never_ends_is_not_waited_for_without_end() {
    let host = Host::start_with(HttpConfig {
        answer_within: Duration::from_secs(1),
        ..HttpConfig::default()
    })
    .await;
    for path in [
        "/chat/care/messages",
        "/chat/care",
        "/login",
        "/api/app/api/directory/people_list",
    ] {
        let silence = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let answer = host
            .customer()
            .ask(request, Body::from_stream(silence))
            .await;
        assert!(
            (400..500).contains(&answer.status),
            "{path}: {}",
            answer.status
        );
    }
    host.customer().page().await;
}
