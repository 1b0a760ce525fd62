//! The focus of the keyboard: where it goes when something opens, and where it goes when that closes.

use leptos::prelude::*;
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
        let before = self.0.try_get_value().flatten();
        if let Some(before) = before.filter(|before| before.is_connected()) {
            // It may have become unfocusable; then the focus is the page's.
            let _ = before.focus();
        }
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
