//! Requests that the OpenAPI document does not allow: refused, each at its field.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::integrator::{Answered, Integrator, of, send};
use crate::support::{Host, key};

const WORKITEMS: &str = "/api/v1/workitems";

/// Each operation that takes a body, with a right one.
fn bodies(call: &shared::ids::WorkitemId) -> [(String, Value); 4] {
    [
        (
            WORKITEMS.to_owned(),
            json!({ "channel": "phone", "customer": "030 901820", "team": "care" }),
        ),
        (
            of(call, "/messages"),
            json!({ "author": "customer", "text": "a" }),
        ),
        (of(call, "/notes"), json!({ "text": "a" })),
        (of(call, "/state"), json!({ "state": "wrap_up" })),
    ]
}

#[tokio::test]
async fn a_body_is_an_object() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    // In the order of the fields, as serde would take them.
    let lists = [
        json!(["phone", "030 901820", null, null, "care", null, null]),
        json!(["customer", "a"]),
        json!(["a"]),
        json!(["wrap_up", null]),
    ];
    for ((path, _), list) in bodies(&call).into_iter().zip(lists) {
        for other in [list, json!([]), json!(null), json!("a"), json!(1)] {
            let refused = system.post(&path, other.clone()).await;
            let expected = (422, "unreadable", "body");
            assert_eq!(refused.problem(), expected, "{path} {other}");
        }
    }
}

#[tokio::test]
async fn a_word_is_a_text_and_nothing_else() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    for (path, body) in bodies(&call) {
        let Some(field) = ["channel", "author", "state"]
            .into_iter()
            .find(|field| body[*field].is_string())
        else {
            continue;
        };
        let word = body[field].as_str().expect("a word");
        for other in [
            json!(null),
            json!({ word: null }),
            json!([word]),
            json!(1),
            json!("other"),
        ] {
            let mut wrong = body.clone();
            wrong[field] = other.clone();
            let refused = system.post(&path, wrong).await;
            assert_eq!(
                refused.problem(),
                (422, "unreadable", field),
                "{path} {other}"
            );
        }
    }
}

async fn sent(
    system: &Integrator<'_>,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answered {
    let mut request =
        Request::post(path).header(header::AUTHORIZATION, format!("Bearer {}", system.secret));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into());
    send(system.host, request.expect("a request")).await
}

#[tokio::test]
async fn a_field_stands_once_and_a_body_is_in_utf_8() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let path = of(&system.call_of_amy().await, "/notes");
    let (key, json) = (key(), "application/json");
    let with = |kind| [("idempotency-key", &*key), ("content-type", kind)];
    let twice = sent(&system, &path, &with(json), r#"{"text":"a","text":"b"}"#).await;
    assert_eq!(twice.problem(), (422, "too_many", "text"));
    for kind in [
        "application/json; charset=utf-16",
        "application/json;charset=ISO-8859-1",
    ] {
        let refused = sent(&system, &path, &with(kind), r#"{"text":"a"}"#).await;
        assert_eq!(refused.problem(), (415, "not_json", ""), "{kind}");
    }
    let headers = [&with(json)[..], &[("content-type", json)]].concat();
    let refused = sent(&system, &path, &headers, r#"{"text":"a"}"#).await;
    assert_eq!(refused.problem(), (415, "not_json", ""), "two kinds");
    let kind = "application/json; charset=\"UTF-8\"";
    sent(&system, &path, &with(kind), r#"{"text":"a"}"#)
        .await
        .ok();
}

#[tokio::test]
async fn a_body_that_is_no_utf_8_is_refused_and_changes_nothing() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    let json = ("content-type", "application/json");
    let staff = of(&call, "/transcript/staff");
    let all = async || {
        let listed = system.get(WORKITEMS).await.ok();
        (listed, system.get(&staff).await.ok())
    };
    let before = all().await;
    for (path, body) in bodies(&call) {
        let (key, right) = (key(), body.to_string());
        let headers = [("idempotency-key", key.as_str()), json];
        // Before the end of the last text.
        let (begin, end) = right.split_at(right.len() - 2);
        assert_eq!(end, "\"}");
        for wrong in [
            // Latin-1, and what stands alone, is cut off, longer than it need be, or half of a pair.
            &b"\xe4"[..],
            b"\x80",
            b"\xe2\x82",
            b"\xc0\xaf",
            b"\xed\xa0\x80",
            b"\xf5\x80\x80\x80",
        ] {
            let sent_body = [begin.as_bytes(), wrong, end.as_bytes()].concat();
            let refused = sent(&system, &path, &headers, sent_body).await;
            assert_eq!(
                refused.problem(),
                (400, "not_json", ""),
                "{path} {wrong:x?}"
            );
        }
        // Every sign, with the mark that UTF-16 begins with.
        let signs = std::iter::once(0xfeff).chain(right.encode_utf16());
        let wide: Vec<u8> = signs.flat_map(u16::to_le_bytes).collect();
        let refused = sent(&system, &path, &headers, wide).await;
        assert_eq!(refused.problem(), (400, "not_json", ""), "{path}");
    }
    assert_eq!(all().await, before);
    // What was refused has not used its key up.
    let (key, notes) = (key(), of(&call, "/notes"));
    let headers = [("idempotency-key", key.as_str()), json];
    let refused = sent(&system, &notes, &headers, b"{\"text\":\"\xe4\"}".to_vec()).await;
    assert_eq!(refused.problem(), (400, "not_json", ""));
    sent(&system, &notes, &headers, "{\"text\":\"ä\"}")
        .await
        .ok();
}

#[tokio::test]
async fn e03_a_command_has_one_key() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    let end = (of(&call, "/end"), Value::Null);
    for (path, body) in bodies(&call).into_iter().chain([end]) {
        for other in ["two", "one"] {
            let headers = [
                ("content-type", "application/json"),
                ("idempotency-key", "one"),
                ("idempotency-key", other),
            ];
            let refused = sent(&system, &path, &headers, body.to_string()).await;
            assert_eq!(
                refused.problem(),
                (400, "too_many", "Idempotency-Key"),
                "{path}"
            );
        }
    }
}

/// What is answered, without the request's own id.
fn said(mut answered: Answered) -> (u16, Value) {
    answered.body["request_id"] = json!("");
    (answered.status, answered.body)
}

#[tokio::test]
async fn m04_a_team_is_answered_about_others_as_about_nobody() {
    let host = Host::start().await;
    let sales = Integrator::with(&host, &["workitems:write"], "sales").await;
    let begin = |change: Value| {
        let mut body = json!({ "channel": "phone", "customer": "030 901820" });
        for (name, value) in change.as_object().expect("fields") {
            body[name] = value.clone();
        }
        body
    };
    let alike = async |path: &str, bodies: Vec<Value>| {
        let mut answers = Vec::new();
        for body in bodies {
            answers.push(said(sales.post(path, body).await));
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        answers.remove(0)
    };
    let people = ["amy", "sam", "sid", "ada", "nobody"];
    let of_nobody = people.map(|agent| begin(json!({ "agent": agent })));
    let (status, body) = alike(WORKITEMS, of_nobody.into()).await;
    assert_eq!((status, &body["code"]), (422, &json!("not_in_team")));
    for agent in [json!(null), json!("cleo"), json!("amy"), json!("nobody")] {
        let elsewhere = ["care", "nowhere"];
        let elsewhere = elsewhere.map(|team| begin(json!({ "team": team, "agent": agent })));
        let (status, _) = alike(WORKITEMS, elsewhere.into()).await;
        assert_eq!(status, 404, "{agent}");
    }
    let listed = Integrator::with(&host, &["workitems:read"], "sales").await;
    let care = said(listed.get("/api/v1/workitems?team=care").await);
    assert_eq!(
        care,
        said(listed.get("/api/v1/workitems?team=nowhere").await)
    );

    let queued = sales.post(WORKITEMS, begin(json!({}))).await.ok();
    let with_cleo = sales
        .post(WORKITEMS, begin(json!({ "agent": "cleo" })))
        .await
        .ok();
    let closed = sales.post(WORKITEMS, begin(json!({}))).await.ok();
    let of = |workitem: &Value, what: &str| {
        format!(
            "{WORKITEMS}/{}{what}",
            workitem["id"].as_str().expect("an id")
        )
    };
    sales.post(&of(&closed, "/end"), json!({})).await.ok();
    for call in [queued, with_cleo, closed] {
        let taken = people.map(|agent| json!({ "state": "active", "agent": agent }));
        let (status, body) = alike(&of(&call, "/state"), taken.into()).await;
        assert_eq!((status, &body["code"]), (422, &json!("not_in_team")));
    }
}
