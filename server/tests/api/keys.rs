//! Each command once: under a repeated key the first answer comes again.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::json;

use crate::integrator::{Integrator, of, send};
use crate::support::{Host, key};

const WORKITEMS: &str = "/api/v1/workitems";

#[tokio::test]
async fn e03_a_report_that_is_repeated_changes_nothing_and_gives_the_first_answer() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    let begin = json!({ "channel": "phone", "customer": "030 901820", "team": "sales" });
    let message = json!({ "author": "customer", "text": "Hello" });
    for (path, body) in [
        (WORKITEMS.to_owned(), begin),
        (of(&call, "/messages"), message),
        (of(&call, "/notes"), json!({ "text": "Hello" })),
        (of(&call, "/state"), json!({ "state": "wrap_up" })),
    ] {
        let key = key();
        let first = system.post_under(&path, &key, body.clone()).await;
        let status = first.status;
        let first = first.ok();
        let listed = system.get(WORKITEMS).await.ok();
        let staff = system.get(&of(&call, "/transcript/staff")).await.ok();
        // As it is and in quotation marks it is the same key.
        for key in [key.clone(), format!("\"{key}\"")] {
            let again = system.post_under(&path, &key, body.clone()).await;
            assert_eq!(again.status, status, "{path}");
            assert_eq!(again.ok(), first, "{path}");
        }
        assert_eq!(system.get(WORKITEMS).await.ok(), listed, "{path}");
        let now = system.get(&of(&call, "/transcript/staff")).await.ok();
        assert_eq!(now, staff, "{path}");
        // Another command under it, at the same place and elsewhere.
        let mut other = body;
        for (field, value) in [("text", "Bye"), ("customer", "030 1")] {
            if !other[field].is_null() {
                other[field] = json!(value);
            }
        }
        if other["state"] == "wrap_up" {
            other["state"] = json!("closed");
        }
        let refused = system.post_under(&path, &key, other).await;
        assert_eq!(refused.problem(), (409, "key_reused", ""), "{path}");
        let refused = system.post_under(&of(&call, "/end"), &key, json!({})).await;
        assert_eq!(refused.problem(), (409, "key_reused", ""), "{path}");
        let now = system.get(&of(&call, "/transcript/staff")).await.ok();
        assert_eq!(now, staff, "{path}");
    }
}

#[tokio::test]
async fn e02_a_key_gives_the_first_answer_although_the_workitem_is_long_closed() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    let (key, note) = (key(), json!({ "text": "Calls back" }));
    let noted = system
        .post_under(&of(&call, "/notes"), &key, note.clone())
        .await
        .ok();
    system.post(&of(&call, "/end"), json!({})).await.ok();
    let closed = json!({ "state": "closed" });
    system.post(&of(&call, "/state"), closed).await.ok();
    let again = system
        .post_under(&of(&call, "/notes"), &key, note)
        .await
        .ok();
    assert_eq!(again, noted);
}

#[tokio::test]
async fn a_key_belongs_to_its_token() {
    let host = Host::start().await;
    let one = Integrator::with_everything(&host).await;
    let other = Integrator::with_everything(&host).await;
    let (key, call) = (key(), one.call_of_amy().await);
    let path = of(&call, "/notes");
    let first = one
        .post_under(&path, &key, json!({ "text": "One" }))
        .await
        .ok();
    let second = other
        .post_under(&path, &key, json!({ "text": "Two" }))
        .await
        .ok();
    assert_ne!(first, second);
    let staff = one
        .get(&of(&call, "/transcript/staff"))
        .await
        .ok()
        .to_string();
    assert!(staff.contains("One") && staff.contains("Two"), "{staff}");
}

#[tokio::test]
async fn e03_whatever_changes_something_needs_a_key() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    let paths = ["/messages", "/notes", "/state", "/end"].map(|what| of(&call, what));
    for path in paths.iter().map(String::as_str).chain([WORKITEMS]) {
        for (key, code) in [
            (None, "key_missing"),
            (Some(""), "key_form"),
            (Some("no key!"), "key_form"),
            (Some("\"half"), "key_form"),
            (Some(&*"x".repeat(65)), "key_form"),
        ] {
            let mut request = Request::post(path)
                .header(header::AUTHORIZATION, format!("Bearer {}", system.secret))
                .header(header::CONTENT_TYPE, "application/json");
            if let Some(key) = key {
                request = request.header("idempotency-key", key);
            }
            let request = request.body(Body::from("{}")).expect("a request");
            let refused = send(&host, request).await;
            let expected = (400, code, "Idempotency-Key");
            assert_eq!(refused.problem(), expected, "{path} {key:?}");
        }
    }
}
