//! The end of a session, as a tab notices it: it goes to the sign-in page, which leads back unless the user signed
//! out. After signing out nothing that was typed remains in the browser. Only ever run in the browser.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;
use web_sys::StorageEvent;

use crate::answer::{answer_redirect, login_url};
use crate::state::use_session;
use crate::{exit, live, outbox, storage};

/// Written when a user signs out, so that every other tab of this browser hears it, even without a network.
const SIGNED_OUT: &str = "sideline-signed-out";

/// How long a tab waits for the host, when another one said that the user signs out.
const HOST_ANSWER: Duration = Duration::from_secs(3);

thread_local! {
    /// Whether another tab said that the user signs out.
    static OUT: Cell<bool> = const { Cell::new(false) };
}

/// The session is over. What was typed stays for the same user, who comes back to it.
pub fn ended() {
    if cfg!(feature = "ssr") {
        return;
    }
    if OUT.get() {
        signed_out_elsewhere();
        return;
    }
    if !exit::begin() {
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
    if exit::begin() {
        if OUT.get() {
            // What was typed here since the other tab cleared everything away.
            storage::wipe(|_| true);
        }
        answer_redirect("/login?error=signed_out");
    }
}

/// Watches for the end of the session that the frame shows, and clears away what others left in this browser.
pub fn watch_session_end() {
    let user = use_session().me.with_untracked(|me| me.id.to_string());
    Effect::new(move || {
        storage::wipe(|other| other != user);
        let out = window_event_listener_untyped("storage", |event| {
            use wasm_bindgen::JsCast;
            let key = event.dyn_ref::<StorageEvent>().and_then(StorageEvent::key);
            if key.as_deref() == Some(SIGNED_OUT) {
                OUT.set(true);
                outbox::stop();
                // The host says so as soon as it has ended the session; without a network nobody does.
                set_timeout(signed_out_elsewhere, HOST_ANSWER);
            }
        });
        on_cleanup(move || out.remove());
    });
}

/// The user signs out here: nothing of theirs stays in this browser, and the other tabs go too. The host learns of it by
/// the caller.
pub fn sign_out(user: &str) {
    exit::set_leaving();
    outbox::stop();
    live::disconnect();
    storage::wipe(|of| of == user);
    // A value that was not there before, or no tab would notice.
    storage::set(SIGNED_OUT, &crate::random::random_hex());
    storage::remove(SIGNED_OUT);
}
