//! The document, and the app in it: what every page finds around itself, and the router.

use leptos::prelude::*;
use leptos_router::components::{Router, Routes};

use crate::clock::Clock;
#[cfg(feature = "ssr")]
use crate::clock::rendered_at;
#[cfg(feature = "ssr")]
use crate::first_data::ELEMENT;
use crate::first_data::FirstData;
use crate::frame::Nowhere;
#[cfg(feature = "ssr")]
use crate::head;
#[cfg(feature = "ssr")]
use crate::language::language;
use crate::navigation::Navigation;
use crate::overlay;
use crate::routes::Pages;
#[cfg(feature = "ssr")]
use crate::routes::login::PasskeyOffered;
#[cfg(feature = "ssr")]
use crate::sign_on::sign_on_offered;
use crate::site_assets::SiteAssets;

/// The whole document, which the host alone writes. Everything that it loads carries the release in its address, so it may be cached for ever.
#[cfg(feature = "ssr")]
pub fn shell(site: SiteAssets) -> impl IntoView {
    use leptos::config::LeptosOptions;
    use leptos::hydration::AutoReload;
    use leptos::nonce::use_nonce;

    let language = language();
    let title = head::title_slot();
    provide_context(site.clone());
    let first = use_context::<FirstData>().unwrap_or_default().json();
    let passkeys = use_context::<PasskeyOffered>().map(|_| "");
    let provider = sign_on_offered();
    let provider_first = provider
        .as_ref()
        .filter(|offered| !offered.passwords)
        .map(|_| "");
    let provider = provider.map(|offered| offered.name);
    let wasm = site.url("sideline_bg.wasm");
    let script = site.url("sideline.js");
    let texts = site.url(&i18n::browser_file_name(language));
    // `.then(…)` rather than a top-level await: a module that waits delays DOMContentLoaded.
    let start = format!(
        "import init,{{hydrate}} from '{script}';Promise.all([fetch('{texts}').then(r=>r.text()),\
         init({{module_or_path:'{wasm}'}})]).then(([texts])=>hydrate(texts));"
    );
    view! {
        <!DOCTYPE html>
        <html
            lang=language.code()
            dir=language.direction()
            data-pkg=site.base.clone()
            data-now=rendered_at().map(|at| at.0.to_string())
            data-passkeys=passkeys
            data-provider=provider
            data-provider-first=provider_first
        >
            <head>
                <meta charset="utf-8" />
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, interactive-widget=resizes-content"
                />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content=t!(frame.description) />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <script src=site.url("early.js") nonce=use_nonce()></script>
                <script src=site.url("alerts.js") nonce=use_nonce() defer></script>
                <link rel="stylesheet" href=site.url("sideline.css") />
                <link rel="modulepreload" href=script />
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                <link rel="preload" href=texts r#as="fetch" crossorigin="anonymous" />
                {head::data_element(ELEMENT, &first)}
                {title}
                // Only under `cargo leptos watch`.
                <AutoReload options=LeptosOptions::builder().output_name("sideline").build() />
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
        provide_context(SiteAssets::of_document());
    }
    let first = use_context::<FirstData>().unwrap_or_else(FirstData::of_document);
    provide_context(first.clone());
    // What is opened later is asked for again.
    Effect::new(move || first.clear());
    Clock::provide();
    // Before the router, whose listener comes after this one.
    overlay::watch_back();
    view! {
        <Router>
            {Navigation::provide()}
            <Routes fallback=Nowhere>
                <Pages />
            </Routes>
        </Router>
    }
}
