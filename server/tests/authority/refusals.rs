//! What is refused to every actor: input that is wrong, requests that come from another site.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

use crate::support::{Host, key};

#[tokio::test]
async fn bad_input_names_its_field_and_is_never_a_500() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let chat = amy.own_workitem("chat").await;
    let before = amy.conversation(&chat).await["entries"]
        .as_array()
        .expect("entries")
        .len();
    for text in [
        String::new(),
        " \n ".to_owned(),
        "x".repeat(4_001),
        "bell\u{7}".to_owned(),
    ] {
        let input = json!({ "workitem": chat, "key": key(), "text": text });
        let answered = amy.call("workitems/message_send", input).await;
        assert_eq!(answered.status, 422);
        assert_eq!(answered.body["Invalid"]["field"], "text");
    }
    for (body, field) in [
        ("", "body"),
        ("{", "body"),
        ("[]", "body"),
        ("null", "body"),
        ("{\"workitem\":5}", "workitem"),
        ("{\"workitem\":\"wi-amy-1\",\"text\":\"t\"}", "key"),
        (
            "{\"workitem\":\"a/b\",\"key\":\"k\",\"text\":\"t\"}",
            "workitem",
        ),
    ] {
        let answered = amy
            .post("/api/app/api/workitems/message_send", body.to_owned())
            .await;
        assert_eq!(answered.status, 422, "{body:?}: {}", answered.body);
        assert_eq!(answered.body["Invalid"]["field"], field, "{body:?}");
    }
    let large = json!({ "workitem": chat, "key": key(), "text": "x".repeat(100_000) }).to_string();
    let answered = amy.post("/api/app/api/workitems/message_send", large).await;
    assert_eq!(answered.status, 413);
    assert_eq!(answered.body["Invalid"]["field"], "body");
    assert_eq!(
        amy.post("/api/app/api/workitems/no_such_thing", "{}".to_owned())
            .await
            .status,
        404
    );
    assert_eq!(
        amy.conversation(&chat).await["entries"]
            .as_array()
            .expect("entries")
            .len(),
        before
    );
}

#[tokio::test]
async fn requests_from_another_site_are_turned_away() {
    let host = Host::start().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://elsewhere.example"),
    ] {
        let request = Request::post("/login")
            .header(header::HOST, "127.0.0.1")
            .header(name, value)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("username=amy&password=sideline-demo"))
            .expect("a request");
        let response = host.request(request).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(!response.headers().contains_key(header::SET_COOKIE));
    }
}
