//! What is refused: without a token that lasts, without its scope, in another form, too often.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};
use server::clock_and_ids::{Clock, SystemClock};
use server::http::HttpConfig;
use shared::time::Timestamp;

use crate::integrator::{Answered, EVERYTHING, Integrator, of, send};
use crate::log;
use crate::support::bearer::after;
use crate::support::{Host, key};

const WORKITEMS: &str = "/api/v1/workitems";

/// Every operation that needs a token, with a body where it takes one, and its scope.
fn operations(workitem: &str) -> Vec<(Method, String, Value, &'static str)> {
    let get = |path: String, scope| (Method::GET, path, Value::Null, scope);
    let at = |what: &str| format!("{WORKITEMS}/{workitem}{what}");
    let post = |path: String, body| (Method::POST, path, body, "workitems:write");
    vec![
        get(WORKITEMS.to_owned(), "workitems:read"),
        get(at(""), "workitems:read"),
        get(at("/transcript"), "transcripts:customer"),
        get(at("/transcript/staff"), "transcripts:staff"),
        get("/api/v1/users".to_owned(), "users:read"),
        get("/api/v1/teams".to_owned(), "teams:read"),
        get("/api/v1/templates".to_owned(), "templates:read"),
        get("/api/v1/requests".to_owned(), "requests:read"),
        get("/api/v1/ratings".to_owned(), "workitems:read"),
        get("/api/v1/reviews".to_owned(), "reviews:read"),
        post(
            WORKITEMS.to_owned(),
            json!({ "channel": "phone", "customer": "030 901820", "team": "care" }),
        ),
        post(
            at("/messages"),
            json!({ "author": "customer", "text": "a" }),
        ),
        post(at("/notes"), json!({ "text": "a" })),
        post(at("/state"), json!({ "state": "wrap_up" })),
        post(at("/end"), Value::Null),
    ]
}

async fn ask(
    host: &Host,
    authorization: &str,
    method: Method,
    path: &str,
    body: &Value,
) -> Answered {
    let mut request = Request::builder().method(method).uri(path);
    if !authorization.is_empty() {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let request = request
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", key())
        .body(Body::from(body.to_string()));
    send(host, request.expect("a request")).await
}

#[tokio::test]
async fn every_operation_needs_a_token_and_its_scope() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let call = system.call_of_amy().await;
    let all = operations(call.as_str());
    for (method, path, body, scope) in &all {
        for (authorization, code) in [
            ("", "token_missing"),
            ("Bearer", "token_missing"),
            ("Basic YW15OnNpZGVsaW5lLWRlbW8=", "token_missing"),
            ("Bearer slt_0000", "token_not_accepted"),
        ] {
            let refused = ask(&host, authorization, method.clone(), path, body).await;
            assert_eq!(refused.problem(), (401, code, ""), "{method} {path}");
            assert!(refused.header("www-authenticate").starts_with("Bearer"));
        }
        let others: Vec<&str> = EVERYTHING
            .into_iter()
            .filter(|other| other != scope)
            .collect();
        let without = Integrator::with(&host, &others, "").await;
        let authorization = format!("Bearer {}", without.secret);
        let refused = ask(&host, &authorization, method.clone(), path, body).await;
        assert_eq!(
            refused.problem(),
            (403, "scope_missing", ""),
            "{method} {path}"
        );
        assert!(refused.text.contains(scope), "{}", refused.text);
    }
    for (method, path, body, scope) in &all {
        let only = Integrator::with(&host, &[scope], "").await;
        // The scheme's case does not matter.
        let authorization = format!("bearer {}", only.secret);
        let answered = ask(&host, &authorization, method.clone(), path, body).await;
        // The last one finds the conversation ended by the one before.
        let good = (200..300).contains(&answered.status);
        assert!(
            good || answered.status == 409,
            "{method} {path}: {}",
            answered.text
        );
    }
}

/// The only line since the last one about a token that opens nothing: which token, and why. No secret stands in the log.
fn refused_token(secret: &str) -> (Value, Value) {
    let line = log::line_that_says("a call of the HTTP API was refused");
    assert!(!log::written().contains(secret));
    log::begin();
    (line["token"].clone(), line["why"].clone())
}

/// A clock that can be put forward.
#[derive(Default)]
struct Watch(AtomicI64);

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(Ordering::Relaxed))
    }
}

#[tokio::test]
async fn a_token_that_was_revoked_or_has_expired_opens_nothing() {
    let clock = Arc::new(Watch::default());
    let host = Host::start_with_clock(clock.clone()).await;
    let ada = host.sign_in("ada").await;
    let form = |fields: &[(&str, &str)]| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).finish();
        Request::post("/admin/tokens")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, ada.cookies())
            .body(Body::from(body))
            .expect("a request")
    };
    let secret_of = |page: &str| {
        let begin = page.find("slt_").expect("a secret");
        page[begin..]
            .split('"')
            .next()
            .expect("an attribute")
            .to_owned()
    };
    let (one, other) = (key(), key());
    let monthly = form(&[
        ("act", "create"),
        ("key", &one),
        ("name", "Monthly"),
        ("scope", "users:read"),
        ("days", "30"),
    ]);
    let shown = async |form| {
        let sent = send(&host, form).await;
        after(&host, ada.cookies(), "/admin/tokens", &sent).await
    };
    let monthly = secret_of(&shown(monthly).await);
    let made = form(&[
        ("act", "create"),
        ("key", &other),
        ("name", "Lasting"),
        ("scope", "users:read"),
    ]);
    let made = shown(made).await;
    let lasting = secret_of(&made);
    let users = "/api/v1/users";
    let status = async |secret: &str| {
        let authorization = format!("Bearer {secret}");
        ask(&host, &authorization, Method::GET, users, &Value::Null)
            .await
            .status
    };
    log::begin();
    assert_eq!((status(&monthly).await, status(&lasting).await), (200, 200));
    assert_eq!(status("slt_0000").await, 401);
    let unknown = (Value::Null, json!("unknown"));
    assert_eq!(refused_token("slt_0000"), unknown);
    // The one that was made last stands first.
    let begin = made.find("name=\"token\" value=\"").expect("a form");
    let token = made[begin..].split('"').nth(3).expect("an id");
    let revoke = form(&[("act", "revoke"), ("token", token), ("key", "revoke")]);
    assert_eq!(send(&host, revoke).await.status, 303);
    assert_eq!((status(&monthly).await, status(&lasting).await), (200, 401));
    let revoked = (json!(token), json!("revoked"));
    assert_eq!(refused_token(&lasting), revoked);
    clock.0.fetch_add(30 * 86_400_000_000, Ordering::Relaxed);
    assert_eq!(status(&monthly).await, 401);
    let (expired, why) = refused_token(&monthly);
    assert_eq!(why, "expired");
    assert!(expired.is_string() && expired != token, "{expired}");
    // Who tries and tries fills no log: sixty lines a minute, and this is over in two.
    for _ in 0..130 {
        assert_eq!(status("slt_0000").await, 401);
    }
    assert!(log::lines_that_say("a call of the HTTP API was refused").len() <= 120);
}

#[tokio::test]
async fn a_cookie_opens_nothing_of_the_api_and_a_token_nothing_else() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    for path in [WORKITEMS, "/api/v1/users"] {
        assert_eq!(ada.status("GET", path).await, 401, "{path}");
    }
    let system = Integrator::with_everything(&host).await;
    let authorization = format!("Bearer {}", system.secret);
    for (method, path, status) in [
        (Method::POST, "/api/app/api/administration/user_list", 401),
        (Method::GET, "/admin/tokens", 303),
        (Method::GET, "/admin/audit/export?format=csv", 401),
        (Method::GET, "/workspace", 303),
    ] {
        let answered = ask(&host, &authorization, method, path, &json!({})).await;
        assert_eq!(answered.status, status, "{path}");
    }
    let cookie = Request::get("/workspace")
        .header(
            header::COOKIE,
            format!("sideline_session={}", system.secret),
        )
        .body(Body::empty());
    assert_eq!(send(&host, cookie.expect("a request")).await.status, 303);
}

#[tokio::test]
async fn what_has_another_form_is_refused_as_http_says_it() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    let authorization = format!("Bearer {}", system.secret);
    let request = |method: &str, path: &str| {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, &authorization)
            .header("idempotency-key", key())
    };
    let json = |request: axum::http::request::Builder, body: &str| {
        let request = request.header(header::CONTENT_TYPE, "application/json");
        request
            .body(Body::from(body.to_owned()))
            .expect("a request")
    };
    let trailing = r#"{"channel":"phone","customer":"030 901820","team":"care"} {}"#;
    for body in ["", "{", "no json", trailing, "\u{0}"] {
        let refused = send(&host, json(request("POST", WORKITEMS), body)).await;
        assert_eq!(refused.problem(), (400, "not_json", ""), "{body:?}");
    }
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let mut asked = request("POST", WORKITEMS);
        if let Some(kind) = kind {
            asked = asked.header(header::CONTENT_TYPE, kind);
        }
        let refused = send(&host, asked.body(Body::from("{}")).expect("a request")).await;
        assert_eq!(refused.problem(), (415, "not_json", ""), "{kind:?}");
    }
    let large = format!("{{\"text\":\"{}\"}}", "x".repeat(70_000));
    let refused = send(&host, json(request("POST", WORKITEMS), &large)).await;
    assert_eq!(refused.problem(), (413, "too_large", "body"));
    assert_eq!(refused.body["parameters"], json!({ "max_kib": 64 }));

    for (method, path, allow) in [
        ("DELETE", WORKITEMS, "GET,HEAD,POST"),
        ("PUT", "/api/v1/users", "GET,HEAD"),
        ("GET", "/api/v1/workitems/x/notes", "POST"),
        ("POST", "/api/v1/openapi.json", "GET,HEAD"),
    ] {
        let refused = send(&host, json(request(method, path), "{}")).await;
        assert_eq!(refused.problem(), (405, "method_not_allowed", ""), "{path}");
        assert_eq!(refused.header("allow"), allow, "{path}");
    }
    for path in [
        "/api/v1/nothing",
        "/api/v1/",
        "/api/v1/workitems/",
        "/api/v1/workitems/x/y/z",
    ] {
        let refused = send(&host, json(request("GET", path), "")).await;
        assert_eq!(refused.problem(), (404, "not_found", ""), "{path}");
    }
    let foreign = request("POST", WORKITEMS).header("sec-fetch-site", "cross-site");
    let refused = send(&host, json(foreign, "{}")).await;
    assert_eq!(refused.problem(), (403, "cross_site", ""));
    let preflight = request("OPTIONS", WORKITEMS)
        .header(header::ORIGIN, "https://elsewhere.example")
        .header("access-control-request-method", "POST")
        .body(Body::empty());
    let refused = send(&host, preflight.expect("a request")).await;
    assert_eq!(refused.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn what_is_asked_in_an_address_is_read_strictly() {
    let host = Host::start().await;
    let system = Integrator::with_everything(&host).await;
    for (query, code, field) in [
        ("limit=0", "out_of_range", "limit"),
        ("limit=101", "out_of_range", "limit"),
        ("limit=many", "not_a_number", "limit"),
        ("limit=1&limit=2", "more_than_allowed", "limit"),
        ("cursor=none", "unreadable", "cursor"),
        ("cursor=", "unreadable", "cursor"),
        ("colour=red", "unknown_field", "colour"),
        ("team=no%20id", "not_a_team", "team"),
    ] {
        let refused = system.get(&format!("{WORKITEMS}?{query}")).await;
        let code = if code == "more_than_allowed" {
            "too_many"
        } else {
            code
        };
        assert_eq!(refused.problem(), (422, code, field), "{query}");
    }
    let call = system.call_of_amy().await;
    for cursor in ["-1", "x", "9223372036854775808"] {
        let path = of(&call, &format!("/transcript?cursor={cursor}"));
        assert_eq!(
            system.get(&path).await.problem(),
            (422, "unreadable", "cursor")
        );
    }
    let far = of(&call, "/transcript/staff?cursor=9223372036854775807");
    assert_eq!(
        system.get(&far).await.ok(),
        json!({ "items": [], "next": null })
    );
}

#[tokio::test]
async fn a_token_that_asks_too_often_waits_and_is_told_how_long() {
    let demo = Host::start().await;
    let config = HttpConfig {
        api_rate: 3,
        ..HttpConfig::default()
    };
    let host = Host::over(demo.desk.clone(), config).await;
    let (one, other) = (
        Integrator::with_everything(&host).await,
        Integrator::with_everything(&host).await,
    );
    for left in [2, 1, 0] {
        let answered = one.get("/api/v1/teams").await;
        assert_eq!(answered.status, 200);
        assert_eq!(answered.header("ratelimit-policy"), "\"token\";q=3;w=60");
        let limit = answered.header("ratelimit");
        assert!(
            limit.starts_with(&format!("\"token\";r={left};t=")),
            "{limit}"
        );
    }
    let refused = one.get("/api/v1/teams").await;
    assert_eq!(refused.problem(), (429, "rate_limited", ""));
    let wait: i64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=20).contains(&wait), "{wait}");
    assert!(refused.header("ratelimit").starts_with("\"token\";r=0;"));
    // What is not asked in its name does not count, and says nothing of the limit.
    for (path, status) in [("/api/v1/openapi.json", 200), ("/api/v1/nowhere", 404)] {
        let answered = one.get(path).await;
        assert_eq!(
            (answered.status, answered.header("ratelimit")),
            (status, "")
        );
    }
    assert_eq!(other.get("/api/v1/teams").await.status, 200);
}

#[tokio::test]
async fn e51_what_a_token_was_refused_is_in_the_audit_log() {
    let host = Host::start().await;
    let system = Integrator::with(&host, &["users:read"], "sales").await;
    assert_eq!(system.get("/api/v1/teams").await.status, 403);
    let chat = host.sign_in("amy").await.own_workitem("chat").await;
    let reader = Integrator::with(&host, &["workitems:read"], "sales").await;
    assert_eq!(reader.get(&of(&chat, "")).await.status, 404);
    let stranger = Integrator {
        host: &host,
        secret: "slt_none".to_owned(),
    };
    assert_eq!(stranger.get("/api/v1/teams").await.status, 401);
    let ada = host.sign_in("ada").await;
    let query = json!({ "query": {
        "from": "", "to": "", "user": "", "act": "refused_token", "object": "", "outcome": "", "before": "" } });
    let rows = ada.call("audit/audit_list", query).await.ok()["rows"].clone();
    let about = rows
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["about"].as_str());
    let about: Vec<bool> = about.map(|about| about != Some("")).collect();
    assert_eq!(about, [false, true, true], "{rows}");
    assert!(!rows.to_string().contains("slt_"));
}
