//! The end of a session, as a tab notices it: it goes to the sign-in page, once, which leads back unless the user signed out.
//! Only ever run in the browser.

use std::cell::Cell;

use leptos::prelude::window;

use crate::answer::{answer_redirect, login_url};
use crate::storage;

thread_local! {
    static LEAVING: Cell<bool> = const { Cell::new(false) };
    /// Whether another tab said that the user signs out.
    static OUT: Cell<bool> = const { Cell::new(false) };
}

/// Begins to leave. Answers whether this tab is to go: it is not on its way yet, and not on the sign-in page.
fn begin() -> bool {
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

/// Another tab says that the user signs out.
pub fn set_signed_out() {
    OUT.set(true);
}

/// The session is over. What was typed stays for the same user, who comes back to it.
pub fn session_ended() {
    if cfg!(feature = "ssr") {
        return;
    }
    if OUT.get() {
        signed_out_elsewhere();
        return;
    }
    if !begin() {
        return;
    }
    let location = window().location();
    let here = [
        location.pathname().unwrap_or_default(),
        location.search().unwrap_or_default(),
    ]
    .concat();
    answer_redirect(&[&login_url(&here), "&error=ended"].concat());
}

/// The user signed out in another window. Nothing of theirs stays, not even where they were.
pub fn signed_out_elsewhere() {
    if begin() {
        if OUT.get() {
            // What was typed here since the other tab cleared everything away.
            storage::wipe(|_| true);
        }
        answer_redirect("/login?error=signed_out");
    }
}
