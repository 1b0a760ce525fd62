//! The entry to which the address of the page points (`?entry=12`): a search led there. It is loaded, marked, and scrolled to.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_url;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::stick_to_end::StickToEnd;
use crate::components::transcript_entry::FOUND;
use crate::live::ConversationView;
use crate::query;

/// How often it is scrolled to: entries in front of it get their height when they come near the screen.
const TIMES: u32 = 3;

/// Its number, if the address has one.
pub(super) fn use_found(view: ConversationView, log: StickToEnd) -> Option<i64> {
    let url = use_url();
    let seq = url.with_untracked(|url| query::value(url.search(), "entry")?.parse().ok())?;
    Effect::new(move || {
        log.leave_end();
        spawn_local(async move {
            view.load_back_to(seq).await;
            for _ in 0..TIMES {
                // The entries are in the page by the next frame, not yet now.
                TimeoutFuture::new(50).await;
                let entry = document().get_element_by_id(FOUND);
                let Some(entry) = entry.and_then(|entry| entry.dyn_into::<HtmlElement>().ok())
                else {
                    break;
                };
                entry.scroll_into_view();
                // Fails only for what has left the page.
                let _ = entry.focus();
            }
            log.forget_news();
        });
    });
    Some(seq)
}
