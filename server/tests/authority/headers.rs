//! The headers that protect a browser: on every answer of every route, refusals and what no route takes included.

use std::collections::BTreeSet;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, header};
use server::http::HttpConfig;

use crate::support::{Host, Staff};

/// What was asked, and the answer's headers and body.
struct Seen {
    what: String,
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }
}

async fn ask(host: &Host, request: Request<Body>) -> Seen {
    let what = format!("{} {}", request.method(), request.uri());
    let (head, body) = host.request(request).await.into_parts();
    let endless = head.headers.get(header::CONTENT_TYPE);
    let endless = endless.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let body = match endless {
        true => Vec::new(),
        false => to_bytes(body, 4 << 20).await.expect("a body").to_vec(),
    };
    Seen {
        what,
        status: head.status.as_u16(),
        headers: head.headers,
        body,
    }
}

/// One answer of each route, and refusals that no route answers.
async fn everything(host: &Host, who: &Staff<'_>) -> Vec<Seen> {
    let mut asked = vec![
        Request::get("/no/such/page"),
        Request::get("/pkg/none/none.js"),
        Request::post("/api/app/api/nothing"),
        Request::post("/login").header("sec-fetch-site", "cross-site"),
        Request::post("/login").header(header::CONTENT_LENGTH, "100000"),
        Request::delete("/healthz"),
    ];
    for route in host.routes().await {
        let (method, pattern) = route.split_once(' ').expect("a method and a path");
        let segments = pattern.split('/').map(|segment| match segment {
            "{key}" => "care",
            parameter if parameter.starts_with('{') => "x",
            literal => literal,
        });
        let path = segments.collect::<Vec<_>>().join("/");
        let method = if method == "ANY" { "POST" } else { method };
        asked.push(Request::builder().method(method).uri(path));
    }
    let mut seen = Vec::new();
    for request in asked {
        let request = request.header(header::COOKIE, who.cookies());
        let request = request.body(Body::empty()).expect("a request");
        seen.push(ask(host, request).await);
    }
    seen
}

#[tokio::test]
async fn s28_every_answer_protects_the_browser_that_reads_it() {
    let demo = Host::start().await;
    let plain = Host::over(demo.desk.clone(), HttpConfig::default()).await;
    let (nobody, amy, customer) = (
        plain.nobody(),
        plain.sign_in("amy").await,
        plain.customer().await,
    );
    let mut statuses = BTreeSet::new();
    for who in [&nobody, &amy, &customer] {
        for seen in everything(&plain, who).await {
            let what = &seen.what;
            statuses.insert(seen.status);
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("cross-origin-resource-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("referrer-policy", "same-origin"),
                // Browsers would remember it for a host that has no TLS.
                ("strict-transport-security", ""),
                ("access-control-allow-origin", ""),
            ] {
                assert_eq!(seen.header(name), value, "{name} of {what}");
            }
            let policy = seen.header("content-security-policy");
            for needed in [
                "default-src 'none'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ] {
                assert!(policy.contains(needed), "{what}: {policy}");
            }
            assert!(!policy.contains("unsafe-inline"), "{what}: {policy}");
            let cache = seen.header("cache-control");
            let asset = what.contains(" /pkg/") || what.contains(" /favicon.");
            assert!(asset || cache == "no-store", "{what}: {cache}");
            let kind = seen.header("content-type");
            if !seen.body.is_empty() {
                assert_ne!(kind, "", "{what} has a body of no kind");
            }
            if kind.starts_with("text/") || kind.contains("xml") {
                let kind = kind.to_ascii_lowercase();
                let event_stream = kind == "text/event-stream"; // always UTF-8, by its definition
                assert!(
                    event_stream || kind.contains("charset=utf-8"),
                    "{what}: {kind}"
                );
            }
        }
    }
    for status in [200, 303, 401, 403, 404, 405, 413, 415, 422] {
        assert!(statuses.contains(&status), "{status} is among {statuses:?}");
    }
}

#[tokio::test]
async fn s28_behind_tls_every_answer_keeps_browsers_on_it_and_the_operator_says_for_which_hosts() {
    let demo = Host::start().await;
    for (hsts_subdomains, expected) in [
        (false, "max-age=31536000"),
        (true, "max-age=31536000; includeSubDomains"),
    ] {
        let config = HttpConfig {
            secure: true,
            hsts_subdomains,
            ..HttpConfig::default()
        };
        let host = Host::over(demo.desk.clone(), config).await;
        for seen in everything(&host, &host.nobody()).await {
            let policy = seen.header("strict-transport-security");
            assert_eq!(policy, expected, "{}", seen.what);
        }
    }
}

#[tokio::test]
async fn asvs_13_4_4_no_route_echoes_a_request() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    for path in [
        "/",
        "/login",
        "/healthz",
        "/workspace",
        "/api/app/api/directory/people_list",
    ] {
        let request = Request::builder()
            .method(Method::TRACE)
            .uri(path)
            .header(header::COOKIE, amy.cookies())
            .header("x-secret", "an echo")
            .body(Body::empty());
        let seen = ask(&host, request.expect("a request")).await;
        assert!((400..500).contains(&seen.status), "{path}: {}", seen.status);
        let body = String::from_utf8_lossy(&seen.body);
        assert!(!body.contains("an echo"), "{body}");
    }
}

#[tokio::test]
async fn asvs_3_3_behind_tls_every_cookie_is_bound_to_the_host_and_out_of_reach_of_scripts() {
    let demo = Host::start().await;
    let config = HttpConfig {
        secure: true,
        ..HttpConfig::default()
    };
    let host = Host::over(demo.desk.clone(), config).await;
    let form = |body: &str| {
        (
            String::from("application/x-www-form-urlencoded"),
            body.to_owned(),
        )
    };
    let first = r#"{"name":"Dana","key":"first-words","text":"Good morning"}"#;
    let mut names = BTreeSet::new();
    for (path, (kind, body)) in [
        ("/login", form("username=amy&password=sideline-demo")),
        ("/logout", form("")),
        (
            "/chat/care/messages",
            ("application/json".to_owned(), first.to_owned()),
        ),
    ] {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body));
        let seen = ask(&host, request.expect("a request")).await;
        for cookie in seen.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            assert!(cookie.starts_with("__Host-"), "{path}: {cookie}");
            for needed in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
                assert!(cookie.contains(needed), "{path}: {cookie}");
            }
            assert!(!cookie.contains("Domain"), "{path}: {cookie}");
            let name = cookie.split('=').next();
            names.extend(name.map(str::to_owned));
        }
    }
    assert_eq!(names.len(), 3, "session, browser, customer: {names:?}");
}

#[tokio::test]
async fn asvs_4_4_2_a_page_of_another_site_opens_no_live_connection() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    for (name, value) in [
        ("origin", "https://elsewhere.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let request = Request::get("/live")
            .header(header::HOST, "127.0.0.1")
            .header(header::COOKIE, amy.cookies())
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header(name, value)
            .body(Body::empty());
        let seen = ask(&host, request.expect("a request")).await;
        assert_eq!(seen.status, 403, "{name}");
    }
}

#[tokio::test]
async fn asvs_3_5_3_what_is_only_looked_at_changes_nothing() {
    let host = Host::start().await;
    let amy = host.sign_in("amy").await;
    for path in [
        "/api/app/api/account/presence_set?presence=away&key=a-key",
        "/api/app/api/directory/directory_send?to=sam&key=a-key&text=hello",
        "/logout",
    ] {
        let status = amy.status("GET", path).await;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    let (status, _) = amy.page("/workspace").await;
    assert_eq!(status, 200, "she is still signed in");
}
