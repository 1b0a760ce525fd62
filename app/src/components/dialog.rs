//! A modal window on the browser's own `<dialog>`: it keeps the focus inside, closes on Escape and on the
//! backdrop, and gives the focus back. It never closes itself: the owner takes it out of the page.

use std::time::Duration;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Icon;
use super::focus::use_focus_return;
use crate::overlay::use_overlay;

/// A modal window, open as long as it is in the page.
#[component]
pub fn Dialog(
    /// Heading and accessible name.
    #[prop(into)]
    title: Signal<String>,
    /// Called for Escape, the backdrop and the Close button.
    on_close: Callback<()>,
    /// Further classes.
    #[prop(optional)]
    class: &'static str,
    /// Whether it is a page with an address of its own: then Back leaves it as it leaves any page.
    #[prop(optional)]
    is_page: bool,
    /// What stands in it: `dialog__body` and `dialog__foot`.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    if !is_page {
        use_overlay(on_close);
    }
    use_modal(node);
    let cancel = move |event: web_sys::Event| {
        // Escape in a `<select>`'s list bubbles a cancel that is not ours.
        if is_target(&event, &node) {
            event.prevent_default();
            on_close.run(());
        }
    };
    let backdrop = move |event: ev::MouseEvent| {
        // The second half of the double click that opened it closes nothing.
        if is_target(&event, &node) && event.detail() < 2 {
            on_close.run(());
        }
    };

    view! {
        <dialog
            node_ref=node
            open
            class=format!("dialog {class}")
            aria-label=move || title.get()
            on:cancel=cancel
            on:mousedown=backdrop
        >
            <div class="dialog__head">
                <h2 class="dialog__title">{move || title.get()}</h2>
                <button
                    type="button"
                    class="button button--icon button--quiet"
                    aria-label=t!(common.close)
                    on:click=move |_| on_close.run(())
                >
                    <Icon name="close" />
                </button>
            </div>
            {children()}
        </dialog>
    }
}

/// The foot of a dialog that asks for one thing: Cancel, and the button that does it.
#[component]
pub fn DialogFoot(
    /// What the button does, in a word.
    label: &'static str,
    /// Whether that cannot be taken back.
    #[prop(optional)]
    danger: bool,
    /// Whether it is being done.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Closes the dialog.
    on_cancel: Callback<()>,
    /// Does it. Without one the button submits the form around it.
    #[prop(optional)]
    on_confirm: Option<Callback<()>>,
) -> impl IntoView {
    let class = match danger {
        true => "button button--danger",
        false => "button button--primary",
    };
    let confirm = move |_| {
        if let Some(on_confirm) = on_confirm {
            on_confirm.run(());
        }
    };
    view! {
        <div class="dialog__foot">
            <button class="button" type="button" on:click=move |_| on_cancel.run(())>
                {t!(common.cancel)}
            </button>
            <button
                class=class
                type=if on_confirm.is_some() { "button" } else { "submit" }
                aria-disabled=move || busy.get().then_some("true")
                on:click=confirm
            >
                {label}
            </button>
        </div>
    }
}

/// Makes the dialog modal once it is in the page, and gives the focus back when it goes.
fn use_modal(node: NodeRef<html::Dialog>) {
    Effect::new(move || {
        let Some(dialog) = node.get() else { return };
        let opener = use_focus_return();
        let kept = StoredValue::new_local(dialog.clone());
        // The host renders it open, so that it is seen before the wasm has arrived; modal it becomes here.
        if dialog.is_connected() {
            become_modal(&dialog);
        } else {
            // Data that came late is built outside the page and put into it at the end of this task.
            set_timeout(move || become_modal(&dialog), Duration::ZERO);
        }
        on_cleanup(move || {
            let Some(dialog) = kept.try_get_value() else {
                return;
            };
            move_pop_ups(document().query_selector(".frame"));
            // Who goes on typing must press nothing: `early.js` finds a place where letters do nothing.
            if is_written_in(&dialog) {
                return;
            }
            // While it is modal nothing behind it takes the focus.
            dialog.close();
            opener.give_back();
        });
    });
}

/// Whether its user is in the middle of writing, so that something else takes the dialog away.
fn is_written_in(dialog: &web_sys::HtmlDialogElement) -> bool {
    let root = document().document_element();
    let done = root.is_some_and(|root| root.has_attribute("data-done"));
    let focused = document().active_element();
    let focused = focused.filter(|focused| dialog.contains(Some(focused)));
    let is_text = |focused: web_sys::Element| {
        let text = "textarea, input:not([type=checkbox], [type=radio])";
        focused.matches(text).unwrap_or(false)
    };
    !done && focused.is_some_and(is_text)
}

/// Does nothing for a dialog that has gone again meanwhile.
fn become_modal(dialog: &web_sys::HtmlDialogElement) {
    if dialog.is_connected() && dialog.remove_attribute("open").is_ok() {
        // Fails only for a dialog that is open or not in the page; neither is the case.
        let _ = dialog.show_modal();
        move_pop_ups(Ok(Some(dialog.clone().into())));
    }
}

/// Pop-ups can be answered on every page without leaving it (M10), and a modal dialog makes everything outside
/// itself inert: so they stand in the dialog as long as it is open. Only their box moves; what is in it stays.
fn move_pop_ups(to: Result<Option<web_sys::Element>, wasm_bindgen::JsValue>) {
    let pop_ups = document().query_selector(".pop-ups");
    if let (Ok(Some(pop_ups)), Ok(Some(to))) = (pop_ups, to) {
        // Fails only for a box that would contain itself.
        let _ = to.append_child(&pop_ups);
    }
}

/// Whether the event happened on the dialog itself: with its padding at zero, that is the backdrop.
fn is_target(event: &web_sys::Event, node: &NodeRef<html::Dialog>) -> bool {
    match (event.target(), node.get_untracked()) {
        (Some(target), Some(dialog)) => {
            target.dyn_ref::<web_sys::Node>() == Some(dialog.unchecked_ref())
        }
        _ => false,
    }
}
