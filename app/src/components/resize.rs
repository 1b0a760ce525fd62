//! What happens when an element becomes larger or smaller: what grows below a log, or an on-screen keyboard, takes its room.

use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

/// Calls `resized` whenever the size of the element changes, as long as the current owner lives.
pub fn use_resize(node: NodeRef<html::Div>, resized: Callback<()>) {
    Effect::new(move || {
        let Some(element) = node.get() else {
            return;
        };
        let resized = Closure::<dyn FnMut()>::new(move || {
            resized.try_run(());
        });
        let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) else {
            return;
        };
        observer.observe(&element);
        let kept = SendWrapper::new((observer, resized));
        on_cleanup(move || kept.0.disconnect());
    });
}
