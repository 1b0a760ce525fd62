//! Going from one page to another without loading the document again: by code, and by the links of the app.
//!
//! The router matches addresses and renders pages. This file writes the browser's history, because that has to agree
//! with [`overlay`], whose entry may lie on top. `BrowserUrl` of leptos_router 0.8 keeps a list of its own instead, which
//! differs from the history after Back and Forward: a link to the page before then shows it under the wrong address.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_url};
use leptos_router::location::State;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAnchorElement, HtmlElement, MouseEvent};

use crate::components::focus::is_lost;
use crate::overlay;

/// Goes to pages. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Navigation(Callback<(String, NavigateOptions)>, StoredValue<String>);

/// The way to other pages.
pub fn use_navigation() -> Navigation {
    expect_context()
}

impl Navigation {
    /// Provides it, and in the browser follows the links of the app. Belongs inside the router.
    pub fn provide() {
        let navigate = use_navigate();
        let go = Callback::new(move |(path, options): (String, _)| navigate(&path, options));
        let navigation = Self(go, StoredValue::new(String::new()));
        provide_context(navigation);
        if cfg!(feature = "ssr") {
            return;
        }
        // On the document, which hears a click before the window does, where the router listens.
        let clicked = Closure::<dyn Fn(MouseEvent)>::new(move |event| navigation.clicked(&event));
        // Fails only for a listener that is none.
        let _ =
            document().add_event_listener_with_callback("click", clicked.as_ref().unchecked_ref());
        // It listens as long as there is a document.
        clicked.forget();
    }

    /// The path from which the page that is shown was reached by a link or by code; empty when it was loaded.
    pub fn came_from(self) -> String {
        self.1.get_value()
    }

    /// Goes to a page of the app.
    pub fn go(self, path: &str) {
        let path = path.to_owned();
        self.1
            .set_value(window().location().pathname().unwrap_or_default());
        overlay::change(move |covered| {
            if !covered && let Ok(history) = window().history() {
                // Refused only for another origin's address, or after hundreds within a second.
                let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&path));
            }
            // The entry on top is the new page's: the one just made, or the overlay's.
            let options = NavigateOptions {
                replace: true,
                ..NavigateOptions::default()
            };
            self.0.run((path, options));
        });
        request_animation_frame(focus_page);
    }

    /// Leaves the app for a page of the host.
    pub fn leave(self, path: &'static str) {
        overlay::change(move |covered| {
            let location = window().location();
            // Fails only while the page is already being left.
            let _ = match covered {
                true => location.replace(path),
                false => location.assign(path),
            };
        });
    }

    /// Gives the page that is shown another address, in place of the one in the history.
    pub fn correct(self, path: &str) {
        let state = window().history().and_then(|history| history.state());
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            state: State::new(state.ok()),
            ..NavigateOptions::default()
        };
        self.0.run((path.to_owned(), options));
        overlay::corrected();
    }

    /// Follows a link within this host. Everything else is the browser's: other buttons and keys, other windows, other
    /// hosts, and what is marked as `rel="external"` because no page of the app is there.
    fn clicked(self, event: &MouseEvent) {
        let modified = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || event.button() != 0 || modified {
            return;
        }
        let Some(link) = link_of(event) else { return };
        let own = ["", "_self"].contains(&&link.target()[..])
            && !link.has_attribute("download")
            && !link.rel().split(' ').any(|rel| rel == "external")
            && (window().location().origin()).is_ok_and(|origin| origin == link.origin());
        if own && link.hash().is_empty() {
            event.prevent_default();
            self.go(&[link.pathname(), link.search()].concat());
        }
    }
}

/// The query of the address of a page, for as long as the page is shown: the next page's address comes before this page goes.
pub fn use_search(path: &'static str) -> Memo<String> {
    let url = use_url();
    Memo::new(move |before: Option<&String>| {
        url.with(|url| match before {
            Some(before) if url.path() != path => before.clone(),
            _ => url.search().to_owned(),
        })
    })
}

/// The link in which something was clicked.
fn link_of(event: &MouseEvent) -> Option<HtmlAnchorElement> {
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    target.closest("a[href]").ok()??.dyn_into().ok()
}

/// Keyboard users go on in the new page when what had the focus has gone with the old one.
fn focus_page() {
    let main = document().get_element_by_id("main");
    if let Some(main) = main
        .filter(|_| is_lost())
        .and_then(|main| main.dyn_into::<HtmlElement>().ok())
    {
        // Fails only for what has left the page.
        let _ = main.focus();
    }
}
