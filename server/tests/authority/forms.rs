//! The host's own pages: what cannot be read is answered with a page, in the reader's language.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE};
use serde_json::json;

use crate::browser::Browser;
use crate::support::{Host, Staff};

/// Every page with a form.
const FORMS: [&str; 18] = [
    "/login",
    "/login/step",
    "/login/passkey",
    "/setup",
    "/settings/second-factor",
    "/admin/tokens",
    "/admin/chat/care",
    "/admin/webhooks",
    "/admin/escalation",
    "/admin/alerts",
    "/admin/labels",
    "/admin/roles",
    "/admin/single-sign-on",
    "/admin/single-sign-on/links",
    "/texts",
    "/dashboard/views",
    "/dashboard/walls",
    "/admin/users/import",
];

async fn posted(host: &Host, caller: &Staff<'_>, path: &str, language: &str) -> (u16, String) {
    let request = Request::post(path)
        .header(CONTENT_TYPE, "application/json")
        .header(COOKIE, caller.cookies())
        .header(ACCEPT_LANGUAGE, language)
        .body(Body::from(json!({ "act": "create" }).to_string()));
    let (head, body) = host.request(request.expect("a request")).await.into_parts();
    let kind = head.headers.get(CONTENT_TYPE);
    let kind = kind.map(|kind| kind.to_str().expect("text"));
    assert_eq!(kind, Some("text/html; charset=utf-8"), "{path}");
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    (
        head.status.as_u16(),
        String::from_utf8(body.into()).expect("text"),
    )
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused_with_a_page_in_the_readers_language() {
    let host = Host::start().await;
    let (nobody, ada) = (host.nobody(), host.sign_in("ada").await);
    for path in FORMS {
        for caller in [&nobody, &ada] {
            let (status, page) = posted(&host, caller, path, "en").await;
            assert_eq!(status, 415, "{path}");
            assert!(
                page.contains("This request could not be read"),
                "{path}: {page}"
            );
            let back = format!("href=\"{path}\"");
            assert!(page.contains(&back), "{path}: {page}");
        }
        let (_, page) = posted(&host, &nobody, path, "de").await;
        assert!(page.contains("<html lang=\"de\""), "{path}: {page}");
        assert!(
            page.contains("Diese Anfrage konnte nicht gelesen werden"),
            "{path}: {page}"
        );
    }
    // The user's own choice counts before the browser's.
    let input = json!({ "language": "de" });
    let set = ada.call("account/language_set", input).await;
    assert_eq!(set.status, 200, "{}", set.body);
    let (_, page) = posted(&host, &ada, "/admin/tokens", "en").await;
    assert!(page.contains("Diese Anfrage"), "{page}");
}

/// What a browser shows that is sent elsewhere by a form.
async fn shown(host: &Host, request: axum::http::request::Builder, body: String) -> (u16, String) {
    let request = request
        .header(ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
        .header(ACCEPT_LANGUAGE, "de");
    let request = request.body(Body::from(body)).expect("a request");
    let (head, body) = host.request(request).await.into_parts();
    let kind = head.headers.get(CONTENT_TYPE);
    let kind = kind.map(|kind| kind.to_str().expect("text"));
    assert_eq!(kind, Some("text/html; charset=utf-8"));
    let body = to_bytes(body, 1 << 20).await.expect("a body");
    let page = String::from_utf8(body.into()).expect("text");
    assert!(page.contains("<html lang=\"de\""), "{page}");
    (head.status.as_u16(), page)
}

#[tokio::test]
async fn what_never_reaches_a_page_is_answered_with_one_in_the_browsers_language() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let host = Host::start().await;
    let large = || format!("act=create&name={}", "x".repeat(70_000));
    // A file of users may be larger.
    for path in FORMS.iter().filter(|path| !path.ends_with("/import")) {
        let request = Request::post(*path).header(CONTENT_TYPE, FORM);
        let (status, page) = shown(&host, request, large()).await;
        assert_eq!(status, 413, "{path}");
        assert!(page.contains("64 KiB"), "{path}: {page}");
        assert!(page.contains(&format!("href=\"{path}\"")), "{path}: {page}");
    }
    let from_elsewhere = Request::post("/texts")
        .header(CONTENT_TYPE, FORM)
        .header("sec-fetch-site", "cross-site");
    let (status, page) = shown(&host, from_elsewhere, String::new()).await;
    assert_eq!(status, 403);
    assert!(page.contains("von einer anderen Website"), "{page}");
    let (status, page) = shown(&host, Request::put("/texts"), String::new()).await;
    assert_eq!(status, 405);
    assert!(page.contains("konnte nicht gelesen werden"), "{page}");
    let (status, page) = shown(&host, Request::get("/admin/chat/%FF"), String::new()).await;
    assert_eq!(status, 400);
    assert!(page.contains("konnte nicht gelesen werden"), "{page}");

    // The scripts of pages get data.
    let request = Request::post("/texts").header(CONTENT_TYPE, FORM);
    let request = request.body(Body::from(large())).expect("a request");
    let response = host.request(request).await;
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
}

#[tokio::test]
async fn what_was_typed_as_a_username_stands_in_no_address_and_comes_back_once() {
    let host = Host::start().await;
    for typed in ["amy", "my-secret-pass1"] {
        let mut amy = Browser::new(&host);
        let refused = amy.sign_in(typed, "a wrong one").await;
        assert_eq!(refused.to, "/login?error=credentials&username=");
        let filled = format!("value=\"{typed}\"");
        let page = amy.get(&refused.to).await.body;
        assert!(page.contains(&filled), "{page}");
        let page = amy.get(&refused.to).await.body;
        assert!(!page.contains(&filled), "{page}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_answered_with_a_page_where_a_person_asks() {
    let host = Host::start().await;
    let (ada, sam) = (host.sign_in("ada").await, host.sign_in("sam").await);
    for (caller, path, query) in [
        (&ada, "/admin/audit", "format=csv&from=2026-02-30"),
        (&ada, "/admin/audit", "format=pdf"),
        (&ada, "/admin/users", "active=yes"),
        (&sam, "/history", "from=2026-02-30"),
        (&sam, "/history", "words=%CC%81"),
        (&sam, "/analytics", "figure=requests&from=2026-02-30"),
        (&sam, "/dashboard", "colour=red"),
    ] {
        let request = Request::get(format!("{path}/export?{query}"));
        let request = request.header(COOKIE, caller.cookies());
        let (status, page) = shown(&host, request, String::new()).await;
        assert_eq!(status, 422, "{path} {query}");
        let back = format!("href=\"{path}\"");
        assert!(page.contains(&back), "{path}: {page}");
    }
}

#[tokio::test]
async fn a_form_with_a_field_too_many_or_one_too_few_is_refused_with_a_page() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let host = Host::start().await;
    for (path, body) in [
        ("/login", "username=amy&username=ben&password=x"),
        ("/login/step", "code=1&code=2"),
        ("/setup", "token=a&token=b"),
    ] {
        let request = Request::post(path).header(CONTENT_TYPE, FORM);
        let (status, page) = shown(&host, request, body.to_owned()).await;
        assert!((400..500).contains(&status), "{path}: {status}");
        assert!(
            page.contains("konnte nicht gelesen werden"),
            "{path}: {page}"
        );
    }
    let mut ada = Browser::new(&host);
    ada.sign_in("ada", "sideline-demo").await;
    let nothing: [(&str, &str); 0] = [];
    for path in FORMS.iter().filter(|path| path.starts_with("/admin")) {
        if path.ends_with("/import") {
            continue;
        }
        for fields in [&nothing[..], &[("act", "update"), ("act", "delete")][..]] {
            let refused = ada.form(path, fields).await;
            assert!((400..500).contains(&refused.status), "{path} {fields:?}");
            let page = "<html lang=";
            assert!(refused.body.contains(page), "{path}: {}", refused.body);
        }
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_answered_with_a_page() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    for (caller, path) in [
        (&host.nobody(), "/login/step?next=a&next=b"),
        (&host.nobody(), "/login/passkey?next=a&next=b"),
        (&host.nobody(), "/setup?token=a&token=b"),
        (&ada, "/settings/second-factor?act=unknown"),
    ] {
        let (status, page) = caller.page(path).await;
        assert_eq!(status, 400, "{path}: {page}");
        assert!(
            page.contains("This request could not be read"),
            "{path}: {page}"
        );
    }
}
