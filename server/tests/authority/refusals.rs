//! What is refused to every actor: input that is wrong, requests that come from another site.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;
use server::http::HttpConfig;

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

/// A form of another site can send these types without asking its browser whether it may.
#[tokio::test]
async fn s28_a_server_function_takes_json_alone() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    let sent = async |kind: Option<&str>| {
        let mut request = Request::post("/api/app/api/directory/people_list")
            .header(header::COOKIE, amy.cookies());
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let request = request.body(Body::from("{}")).expect("a request");
        host.request(request).await.status().as_u16()
    };
    for kind in ["application/json", "application/json; charset=utf-8"] {
        assert_eq!(sent(Some(kind)).await, 200, "{kind}");
    }
    for kind in [
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        assert_eq!(sent(Some(kind)).await, 415, "{kind}");
    }
    assert_eq!(sent(None).await, 415);
}

#[tokio::test]
async fn s28_behind_tls_a_page_over_plain_http_is_another_site() {
    let demo = Host::start().await;
    let config = HttpConfig {
        secure: true,
        ..HttpConfig::default()
    };
    let host = Host::over(demo.desk.clone(), config).await;
    for (origin, status) in [
        ("https://desk.example", 303),
        ("http://desk.example", 403),
        ("ftp://desk.example", 403),
    ] {
        let request = Request::post("/login")
            .header(header::HOST, "desk.example")
            .header(header::ORIGIN, origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("username=amy&password=sideline-demo"))
            .expect("a request");
        assert_eq!(host.request(request).await.status(), status, "{origin}");
    }
}
