//! What people see. `ssr` renders it on the host, `hydrate` brings it to life in the browser.
//!
//! Nothing here knows the host's types; data comes from server functions and from the live connection.

// Server functions of leptos' macro carry generated items without documentation.
#![allow(missing_docs)]

#[cfg(not(erase_components))]
compile_error!(
    "build with `--cfg erase_components`, as .cargo/config.toml says: without it the pages are twice as large"
);

#[macro_use]
pub mod language;

pub mod answer;
pub mod api;
pub mod app;
pub mod attempt;
#[cfg(feature = "ssr")]
pub mod backend;
pub mod clock;
pub mod components;
pub mod drafts;
pub mod exit;
pub mod first_data;
pub mod frame;
mod head;
pub mod json;
pub mod known_unread;
pub mod live;
pub mod locks;
pub mod navigation;
pub mod news;
pub mod order;
pub mod outbox;
pub mod overlay;
pub mod page_links;
pub mod paths;
pub mod query;
pub mod random;
pub mod routes;
pub mod session;
pub mod sign_on;
pub mod site_assets;
pub mod state;
pub mod storage;
pub mod theme;

#[cfg(feature = "ssr")]
pub use app::shell;
pub use site_assets::SiteAssets;

/// Takes over the page that the host rendered, with the texts of its language, then lets `early.js` replay what was
/// clicked meanwhile.
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate(texts: String) {
    console_error_panic_hook::set_once();
    assert!(i18n::load(texts), "the texts are of another release");
    leptos::mount::hydrate_body(app::App);
    // Effects run in a microtask; a timer of no time comes after them.
    gloo_timers::callback::Timeout::new(0, || {
        let window = leptos::prelude::window();
        let ready = js_sys::Reflect::get(&window, &"sidelineReady".into());
        if let Ok(Ok(ready)) = ready.map(wasm_bindgen::JsCast::dyn_into::<js_sys::Function>) {
            // What a replayed click throws is reported by the browser itself.
            let _ = ready.call0(&window);
        }
    })
    .forget();
}
