//! What data adds to the document's head: the title, and the data with which the page begins.
//!
//! The head is not written by the view macro, so nothing is escaped there automatically. Everything that comes from a person
//! or the database gets into it through this file, which alone may use `leptos_meta` and `inner_html`
//! (`clippy.toml`).

#![allow(
    clippy::disallowed_methods,
    reason = "this is the file that may write raw markup"
)]

#[cfg(feature = "ssr")]
use leptos::prelude::*;

/// The element that holds the first data.
#[cfg(feature = "ssr")]
pub(crate) fn data_element(id: &'static str, json: &str) -> impl IntoView + use<> {
    let json = inert_json(json);
    view! { <script type="application/json" id=id inner_html=json></script> }
}

/// Where the title goes. It is known once the page has been rendered.
#[cfg(feature = "ssr")]
pub(crate) fn title_slot() -> impl IntoView {
    leptos_meta::provide_meta_context();
    view! { <leptos_meta::MetaTags /> }
}

/// Sets the document's title.
#[cfg(feature = "ssr")]
pub(crate) fn title(text: &str) {
    use leptos_meta::{Title, TitleProps};
    // leptos_meta writes the text as it stands.
    let _ = Title(TitleProps::builder().text(escaped(text)).build());
}

/// The text as HTML, fit for the inside of an element and of a quoted attribute.
#[cfg(any(feature = "ssr", test))]
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
    html
}

/// The same JSON without anything that ends a `<script>` or begins a comment in it.
#[cfg(any(feature = "ssr", test))]
fn inert_json(json: &str) -> String {
    // Outside strings JSON has none of these characters.
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::{escaped, inert_json};

    #[test]
    fn s01_no_title_is_markup() {
        assert_eq!(
            escaped("</title><plaintext>\"it's\" &amp;"),
            "&lt;/title&gt;&lt;plaintext&gt;&quot;it&#39;s&quot; &amp;amp;"
        );
    }

    #[test]
    fn s01_data_cannot_leave_its_element_and_says_the_same() {
        let said = "</script><!--<script>&\u{2028}";
        let json = inert_json(&serde_json::Value::from(said).to_string());
        assert!(!json.contains(['<', '>', '&', '\u{2028}']), "{json}");
        let read: String = serde_json::from_str(&json).expect("JSON");
        assert_eq!(read, said);
    }
}
