//! Signing out, here or in another tab of this browser: afterwards nothing that was typed remains in it. Only ever run in the
//! browser.

use std::time::Duration;

use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::StorageEvent;

use crate::state::use_session;
use crate::{exit, live, outbox, storage};

/// Written when a user signs out, so that every other tab of this browser hears it, even without a network.
const SIGNED_OUT: &str = "sideline-signed-out";

/// How long a tab waits for the host, when another one said that the user signs out.
const HOST_ANSWER: Duration = Duration::from_secs(3);

/// Watches for the end of the session that the frame shows, and clears away what others left in this browser.
pub fn watch_session_end() {
    let user = use_session().me.with_untracked(|me| me.id.to_string());
    Effect::new(move || {
        storage::wipe(|other| other != user);
        let out = window_event_listener_untyped("storage", |event| {
            let key = event.dyn_ref::<StorageEvent>().and_then(StorageEvent::key);
            if key.as_deref() == Some(SIGNED_OUT) {
                exit::set_signed_out();
                outbox::stop();
                // The host says so as soon as it has ended the session; without a network nobody does.
                set_timeout(exit::signed_out_elsewhere, HOST_ANSWER);
            }
        });
        on_cleanup(move || out.remove());
    });
}

/// What signing out would discard.
#[derive(Clone)]
pub struct Unsaved {
    /// Whether there are drafts, or messages that were not sent.
    pub texts: bool,
    /// The titles of the host's pages of which a form was not saved, one for each form, in every tab of this browser.
    pub forms: Vec<String>,
}

/// What signing out would discard of this user, if anything.
pub async fn unsaved(user: &str) -> Option<Unsaved> {
    let unsaved = Unsaved {
        forms: unsaved_forms(user).await.unwrap_or_default(),
        texts: storage::holds_texts_of(user),
    };
    (unsaved.texts || !unsaved.forms.is_empty()).then_some(unsaved)
}

/// Asks all tabs (`early.js`).
async fn unsaved_forms(user: &str) -> Option<Vec<String>> {
    let window = window();
    let ask = Reflect::get(&window, &"sidelineForms".into()).ok()?;
    let ask: Function = ask.dyn_into().ok()?;
    let answer = ask.call1(&window, &user.into()).ok()?;
    let answer: Promise = answer.dyn_into().ok()?;
    let pages = JsFuture::from(answer).await.ok()?;
    let pages = Array::from(&pages);
    Some(pages.iter().filter_map(|page| page.as_string()).collect())
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
