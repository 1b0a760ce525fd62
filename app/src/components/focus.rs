//! The focus of the keyboard: where it goes when something opens, and where it goes when that closes.

use leptos::html::ElementType;
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// What had the focus when something opened. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct FocusReturn(StoredValue<Option<HtmlElement>, LocalStorage>);

/// Notes what has the focus now. Only in the browser.
pub fn use_focus_return() -> FocusReturn {
    let focused = document().active_element();
    FocusReturn(StoredValue::new_local(
        focused.and_then(|element| element.dyn_into().ok()),
    ))
}

impl FocusReturn {
    /// Gives the focus back to it while it is in the page.
    pub fn give_back(self) {
        give_back(self.0.try_get_value().flatten());
    }

    /// Gives the focus back once the page shows what has just changed: what covered it may have hidden it.
    pub fn give_back_next(self) {
        let before = self.0.try_get_value().flatten();
        spawn_local(async move {
            tick().await;
            give_back(before);
        });
    }
}

fn give_back(before: Option<HtmlElement>) {
    if let Some(before) = before.filter(|before| before.is_connected()) {
        // It may have become unfocusable; then the focus is the page's.
        let _ = before.focus();
    }
}

/// Whether nothing has the focus, because what had it is gone.
pub fn is_lost() -> bool {
    (document().active_element()).is_none_or(|active| active.tag_name() == "BODY")
}

/// Puts the focus on the first element that the selector finds inside `parent`. Answers whether that worked.
pub fn focus_in(parent: &Element, selector: &str) -> bool {
    parent
        .query_selector(selector)
        .ok()
        .flatten()
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
        .is_some_and(|element| element.focus().is_ok())
}

/// Puts the focus on the first element that the selector finds, if what had it is gone from the page that comes next.
pub fn focus_if_lost(selector: &'static str) {
    request_animation_frame(move || {
        if let Some(body) = document().body().filter(|_| is_lost()) {
            focus_in(&body, selector);
        }
    });
}

/// Puts the focus there once the page shows what has just changed. It does not wait for a frame: on a busy machine the first
/// letters that somebody types after a click would go nowhere.
pub fn focus_next(selector: String) {
    spawn_local(async move {
        tick().await;
        if let Some(page) = document().document_element() {
            focus_in(&page, &selector);
        }
    });
}

/// Puts the focus on the first element that the selector finds inside `root`, once that is in the page.
pub fn use_focus_inside<E>(root: NodeRef<E>, selector: &'static str)
where
    E: ElementType + 'static,
    E::Output: JsCast + Clone + AsRef<Element> + 'static,
{
    Effect::new(move || {
        spawn_local(async move {
            tick().await;
            if let Some(root) = root.try_get_untracked().flatten() {
                focus_in(root.as_ref(), selector);
            }
        });
    });
}
