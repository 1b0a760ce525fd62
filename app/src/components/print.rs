//! Printing a conversation whole: printing by the keys loads the rest first. A browser that prints from its
//! menu waits for nothing, so there what stands on the page is printed, with the line that there is more.

use leptos::ev;
use leptos::prelude::*;

use super::keyboard::latin;

/// Loads what is missing and prints, by `all`, when Ctrl+P or ⌘P is pressed while there is `more` than what is loaded.
pub fn use_print_keys(more: Signal<bool>, all: Callback<()>) {
    Effect::new(move || {
        let keys = window_event_listener(ev::keydown, move |event| {
            let prints = latin(&event).eq_ignore_ascii_case("p")
                && (event.ctrl_key() || event.meta_key())
                && !event.shift_key()
                && !event.alt_key();
            if prints && more.try_get_untracked() == Some(true) && !event.default_prevented() {
                event.prevent_default();
                all.run(());
            }
        });
        on_cleanup(move || keys.remove());
    });
}

/// Prints the page once what was loaded stands in it.
pub fn print_page() {
    request_animation_frame(|| {
        // Refused only in a frame that may not open windows.
        let _ = window().print();
    });
}
