//! Closing what floats over the page and is neither menu nor dialog: on Escape, on the browser's Back, and when somebody presses
//! elsewhere.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::focus::focus_in;
use crate::overlay::use_overlay;

/// While it is `open`, calls `close` for Escape, for Back and for a press outside of what `root` selects: the element around what floats and
/// around what opens it, which gets the focus back.
pub fn use_dismissal(root: &'static str, open: Signal<bool>, close: Callback<()>) {
    Effect::new(move || {
        if !open.get() {
            return;
        }
        use_overlay(close);
        let pressed = window_event_listener(ev::pointerdown, move |event| {
            let target = event.target();
            let target = target.and_then(|target| target.dyn_into::<Element>().ok());
            if within(target, root).is_none() {
                close.run(());
            }
        });
        let key = window_event_listener(ev::keydown, move |event| {
            if event.key() != "Escape" || event.default_prevented() {
                return;
            }
            if let Some(root) = within(document().active_element(), root) {
                focus_in(&root, "[aria-expanded], summary");
            }
            close.run(());
        });
        on_cleanup(move || {
            pressed.remove();
            key.remove();
        });
    });
}

/// The nearest element around `element` that `root` selects.
fn within(element: Option<Element>, root: &str) -> Option<Element> {
    element?.closest(root).ok().flatten()
}
