//! The host's own pages: what cannot be read is answered with a page, in the reader's language.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE};
use serde_json::json;

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
