//! Plain pages: complete HTML of the host without the app, in its look. They need no script, and the app loads nothing for
//! them.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse, Response};
use i18n::Language;
use maud::{DOCTYPE, Markup, html};
use shared::time::Timestamp;

use super::assets;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page around its `main`.
pub(crate) fn plain_page(language: Language, title: &str, main: &Markup) -> Response {
    let document = html! {
        (DOCTYPE)
        html lang=(language.code()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) " · Sideline" }
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                // Applies the theme that was chosen.
                script src=(assets::url("early.js")) {}
                link rel="stylesheet" href=(assets::url("sideline.css"));
            }
            body { (main) }
        }
    };
    let mut response = Html(document.into_string()).into_response();
    let policy = HeaderValue::from_static(POLICY);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// A time in UTC, to the minute: a plain page has no script that knows the reader's own.
pub(crate) fn time(at: Timestamp) -> Markup {
    let exact = at.rfc3339();
    let minute = exact.get(..16).unwrap_or_default().replace('T', " ");
    html! { time datetime=(exact) { (minute) " UTC" } }
}
