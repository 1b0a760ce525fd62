//! The document and the map of addresses. Knows every route and no page's content.

use leptos::prelude::*;

use crate::address::{Address, Page};
use crate::clock::Clock;
#[cfg(feature = "ssr")]
use crate::first_data::ELEMENT;
use crate::first_data::FirstData;
use crate::frame::{Frame, SignedOutOnly};
#[cfg(feature = "ssr")]
use crate::head;
use crate::routes::login::LoginPage;
use crate::routes::not_found::NotFoundPage;

/// Where the files of this release lie. The host provides it; in the browser it comes from the document.
#[derive(Clone, Debug)]
pub struct SiteAssets {
    /// `/pkg/<hash>`, without a slash at the end.
    pub base: String,
}

impl SiteAssets {
    /// The address of a file of this release.
    pub fn url(&self, file: &str) -> String {
        self.url_with(file, "")
    }

    /// The address of a file with something appended, such as the part behind `#`.
    pub fn url_with(&self, file: &str, rest: &str) -> String {
        [&self.base, "/", file, rest].concat()
    }
}

/// The files of this release.
pub fn use_assets() -> SiteAssets {
    expect_context()
}

/// The whole document, which the host alone writes. Everything that it loads carries the release in its address, so it may be cached for ever.
#[cfg(feature = "ssr")]
pub fn shell(site: SiteAssets) -> impl IntoView {
    use leptos::nonce::use_nonce;

    let title = head::title_slot();
    provide_context(site.clone());
    let first = use_context::<FirstData>().unwrap_or_default().json();
    let wasm = site.url("sideline_bg.wasm");
    let script = site.url("sideline.js");
    // `.then(hydrate)` rather than a top-level await: a module that waits delays DOMContentLoaded.
    let start = format!(
        "import init,{{hydrate}} from '{script}';init({{module_or_path:'{wasm}'}}).then(()=>hydrate());"
    );
    view! {
        <!DOCTYPE html>
        <html lang="en" data-pkg=site.base.clone()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <script src=site.url("early.js") nonce=use_nonce()></script>
                <link rel="stylesheet" href=site.url("sideline.css") />
                <link rel="modulepreload" href=script />
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                {head::data_element(ELEMENT, &first)}
                {title}
                <script type="module" nonce=use_nonce()>
                    {start}
                </script>
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The app: the same tree on host and browser.
#[component]
pub fn App() -> impl IntoView {
    if use_context::<SiteAssets>().is_none() {
        provide_context(SiteAssets {
            base: assets_base(),
        });
    }
    let first = use_context::<FirstData>().unwrap_or_else(FirstData::of_document);
    provide_context(first.clone());
    // What is opened later is asked for anew.
    Effect::new(move || first.clear());
    Clock::provide();
    let address = Address::provide();
    let outside = Memo::new(move |_| match address.page() {
        page @ (Page::Login | Page::NotFound) => Some(page),
        _ => None,
    });
    move || match outside.get() {
        None => view! { <Frame /> }.into_any(),
        Some(Page::Login) => view! { <SignedOutOnly><LoginPage /></SignedOutOnly> }.into_any(),
        Some(_) => view! { <main id="main"><NotFoundPage /></main> }.into_any(),
    }
}

/// What the document says about its release; nothing on a host that forgot to provide it.
fn assets_base() -> String {
    if cfg!(feature = "ssr") {
        return String::new();
    }
    document()
        .document_element()
        .and_then(|html| html.get_attribute("data-pkg"))
        .unwrap_or_default()
}
