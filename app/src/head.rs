//! What data adds to the document's head: the title, and the data with which the page begins.
//!
//! The head is not written by the view macro, so nothing is escaped there automatically. Everything that comes from a person
//! or the database gets into it through this file, which alone may use `leptos_meta` and `inner_html`.

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
    use std::path::{Path, PathBuf};

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

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn s01_nothing_else_writes_raw_markup() {
        let mut found = Vec::new();
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut found,
        );
        assert!(found.len() > 50, "the sources are there");
        for path in found.iter().filter(|path| !path.ends_with("src/head.rs")) {
            let source = std::fs::read_to_string(path).expect("a text");
            for raw in [
                "leptos_meta",
                "inner_html",
                "set_inner_html",
                "insert_adjacent_html",
            ] {
                assert!(!source.contains(raw), "{} has {raw}", path.display());
            }
        }
    }
}
