//! The end of a session, as a tab notices it: it goes to the sign-in page, which leads back unless the user signed
//! out. Only ever run in the browser.

use std::cell::Cell;

use crate::answer::{answer_redirect, login_url};
use crate::prelude::*;

thread_local! {
    /// Whether this tab is on its way out already.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// Answers whether this tab is to leave: it is not on its way yet, and not on the sign-in page.
fn leaves() -> bool {
    let path = window().location().pathname().unwrap_or_default();
    path != "/login" && !LEAVING.replace(true)
}

/// The session is over. What was typed stays for the same user, who comes back to it.
pub fn ended() {
    if cfg!(feature = "ssr") || !leaves() {
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
    if leaves() {
        answer_redirect("/login?error=signed_out");
    }
}
