//! Whether this tab is on its way to the sign-in page. Only ever run in the browser.

use std::cell::Cell;

use leptos::prelude::window;

thread_local! {
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// Begins to leave. Answers whether this tab is to go: it is not on its way yet, and not on the sign-in page.
pub fn begin() -> bool {
    let path = window().location().pathname().unwrap_or_default();
    path != "/login" && !LEAVING.replace(true)
}

/// The tab leaves by a form that is being sent.
pub fn set_leaving() {
    LEAVING.set(true);
}

/// Whether it is on its way. Going through the history would call that off.
pub fn is_leaving() -> bool {
    LEAVING.get()
}
