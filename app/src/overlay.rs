//! What covers the page closes on the browser's Back, before the page is left: the Company Directory, dialogs, menus,
//! pop-ups. While something is open, one entry more than there are pages lies on top of the history; Back takes that
//! one, and the topmost thing closes. Only ever run in the browser.

use std::cell::RefCell;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::{History, ScrollRestoration};

use crate::state::SessionState;

/// The state of the entry on top.
const COVER: &str = "cover";

#[derive(Default)]
struct Covers {
    /// What is open, the topmost last, each with its way to close.
    open: Vec<(u64, Callback<()>)>,
    next: u64,
    /// When the entry on top is ours: where the page was when it was made, and where it is now.
    entry: Option<(String, String)>,
    /// Our entry is being taken away.
    leaving: bool,
    /// Where to go once it is.
    queued: Option<Box<dyn FnOnce()>>,
    settling: Option<Timeout>,
}

thread_local! {
    static COVERS: RefCell<Covers> = RefCell::default();
}

fn with<T>(run: impl FnOnce(&mut Covers) -> T) -> T {
    COVERS.with_borrow_mut(run)
}

fn history() -> Option<History> {
    window().history().ok()
}

fn here() -> String {
    window().location().href().unwrap_or_default()
}

/// Takes the browser's Back when it closes something, before the router takes it. Belongs before the router, because
/// listeners of the window run in the order in which they were added.
pub fn watch_back() {
    if cfg!(feature = "ssr") {
        return;
    }
    // What was open when the page was loaded again is not, but its entry still lies on top.
    if history().and_then(|history| history.state().ok()) == Some(COVER.into()) {
        with(|covers| covers.entry = Some((here(), here())));
        settle_soon();
    }
    // It listens as long as there is a document.
    let _ = window_event_listener_untyped("popstate", |event| {
        if popped() {
            event.stop_immediate_propagation();
        }
    });
}

/// What covers the page as long as the current owner lives. Back calls `close`.
pub fn use_overlay(close: Callback<()>) {
    let session = use_context::<SessionState>();
    let tell = move || {
        if let Some(session) = session {
            session.covers.try_update(|count| *count += 1);
        }
    };
    Effect::new(move || {
        let id = with(|covers| {
            covers.next += 1;
            covers.open.push((covers.next, close));
            covers.next
        });
        settle_soon();
        tell();
        on_cleanup(move || {
            with(|covers| covers.open.retain(|(open, _)| *open != id));
            settle_soon();
            tell();
        });
    });
}

/// Closes everything that is open.
pub fn close_all() {
    let open: Vec<_> = with(|covers| covers.open.iter().rev().map(|(_, close)| *close).collect());
    for close in open {
        close.try_run(());
    }
}

/// Once what happens now is over: something may close and another thing open, or a link lead on.
fn settle_soon() {
    let timer = Timeout::new(0, settle);
    with(|covers| covers.settling = Some(timer));
}

fn settle() {
    let Some(history) = history() else { return };
    let (open, entry, leaving) = with(|covers| {
        covers.settling = None;
        (
            !covers.open.is_empty(),
            covers.entry.is_some(),
            covers.leaving,
        )
    });
    if leaving || crate::exit::is_leaving() {
        return;
    }
    if open && !entry {
        // The page scrolls while something lies over it, and must not jump when that closes.
        let _ = history.set_scroll_restoration(ScrollRestoration::Manual);
        // Refused only after hundreds within a second; then Back leaves the page, as it does elsewhere.
        if history.push_state(&COVER.into(), "").is_ok() {
            with(|covers| covers.entry = Some((here(), here())));
        }
    } else if !open && entry {
        with(|covers| covers.leaving = true);
        let _ = history.back();
    }
}

/// Runs a change of the address: now, or when our entry is gone. Its argument says whether to replace that entry.
pub fn change(run: impl FnOnce(bool) + 'static) {
    if with(|covers| covers.leaving) {
        with(|covers| covers.queued = Some(Box::new(move || run(false))));
        return;
    }
    let covered = with(|covers| covers.entry.take().is_some());
    run(covered);
    if with(|covers| !covers.open.is_empty()) {
        settle_soon();
    }
}

/// The address of the page changed in place; our entry on top of it goes on.
pub fn corrected() {
    with(|covers| {
        if let Some((_, now)) = &mut covers.entry {
            *now = here();
        }
    });
}

/// Whether the browser went from our entry to the one below it, which then takes the address that the page has by now.
fn is_below(history: &History, (before, now): &(String, String)) -> bool {
    let below = *before == here();
    if below && now != before {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(now));
    }
    below
}

/// The browser went to another entry of the history. Answers whether that is all: the page stays.
fn popped() -> bool {
    let Some(history) = history() else {
        return false;
    };
    let (entry, leaving, queued) = with(|covers| {
        (
            covers.entry.take(),
            std::mem::take(&mut covers.leaving),
            covers.queued.take(),
        )
    });
    if leaving {
        let _ = history.set_scroll_restoration(ScrollRestoration::Auto);
        // After a reload the page below may have had another address, which the router takes then.
        let stays = entry.is_none_or(|entry| is_below(&history, &entry));
        if let Some(queued) = queued {
            queued();
        }
        settle_soon();
        return stays;
    }
    let Some(entry) = entry else {
        // Forward, to an entry of something that is closed by now.
        if history.state().ok().as_ref() == Some(&JsValue::from_str(COVER)) {
            with(|covers| covers.entry = Some((here(), here())));
        }
        return false;
    };
    let _ = history.set_scroll_restoration(ScrollRestoration::Auto);
    if !is_below(&history, &entry) {
        // More than one step at once.
        return false;
    }
    match with(|covers| covers.open.last().map(|(_, close)| *close)) {
        Some(close) => {
            close.try_run(());
            settle_soon();
        }
        // Nothing is open any more: this step was none.
        None => {
            let _ = history.back();
        }
    }
    true
}
