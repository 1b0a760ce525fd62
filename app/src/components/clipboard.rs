//! The clipboard.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::state::SessionState;

/// Puts a text on the clipboard and says how that went.
pub fn copy(session: SessionState, text: String) {
    let navigator = window().navigator();
    // Not there on a page from an insecure origin; calling it would throw.
    let missing = js_sys::Reflect::get(&navigator, &"clipboard".into())
        .is_ok_and(|clipboard| clipboard.is_undefined());
    if missing {
        session.toast(t!(transcript.no_clipboard));
        return;
    }
    let promise = navigator.clipboard().write_text(&text);
    spawn_local(async move {
        match wasm_bindgen_futures::JsFuture::from(promise).await {
            Ok(_) => session.toast(t!(transcript.copied)),
            Err(_) => session.toast(t!(transcript.copy_refused)),
        }
    });
}
