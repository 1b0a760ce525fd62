//! The Dialpad of an agent's header: a number, twelve keys, Call. The host records the call as a phone workitem
//! and answers the address that places it; the device's telephony does the rest. No voice passes through here.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::ids::CommandKey;
use shared::text::PhoneNumber;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::api::workitems::call_place;
use crate::clock::new_key;
use crate::components::{Dialog, Icon};
use crate::navigation::use_navigation;
use crate::state::use_desk;

/// The keys with the letters printed on them.
const KEYS: [(char, &str); 12] = [
    ('1', ""),
    ('2', "abc"),
    ('3', "def"),
    ('4', "ghi"),
    ('5', "jkl"),
    ('6', "mno"),
    ('7', "pqrs"),
    ('8', "tuv"),
    ('9', "wxyz"),
    ('*', ""),
    ('0', "+"),
    ('#', ""),
];

/// The button in the header, and the number pad while it is open.
#[component]
pub fn DialpadButton() -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <button
            type="button"
            class="button button--quiet"
            aria-haspopup="dialog"
            aria-expanded=move || open.get().to_string()
            on:click=move |_| open.set(true)
        >
            <Icon name="dialpad"/>
            <span class="button__label">"Dialpad"</span>
        </button>
        {move || open.get().then(|| view! { <Dialpad close=Callback::new(move |()| open.set(false))/> }.into_any())}
    }
}

/// The number pad.
#[component]
fn Dialpad(close: Callback<()>) -> impl IntoView {
    let desk = use_desk();
    let navigation = use_navigation();
    let number = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let calling = RwSignal::new(false);
    let field = NodeRef::<html::Input>::new();
    // One key per number, so that Call after a lost answer does not record a second call.
    let attempt = StoredValue::new(None::<(String, CommandKey)>);

    let edit = move |change: &dyn Fn(&mut String)| {
        number.update(|text| change(text));
        error.set(None);
    };
    let call = move |event: SubmitEvent| {
        event.prevent_default();
        if calling.get_untracked() {
            return;
        }
        let dialled = match PhoneNumber::parse(&number.get_untracked()) {
            Ok(checked) => String::from(checked.as_str()),
            Err(refused) => {
                error.set(Some(sentence(&refused)));
                focus(field);
                return;
            }
        };
        let key = match attempt.get_value() {
            Some((tried, key)) if tried == dialled => key,
            _ => new_key(),
        };
        attempt.set_value(Some((dialled.clone(), key.clone())));
        calling.set(true);
        spawn_local(async move {
            let answer = call_place(key, dialled.clone()).await;
            // The pad may have been closed while the call was on its way; the call is placed all the same.
            let _ = calling.try_set(false);
            match answer {
                Ok(placed) => {
                    close.try_run(());
                    desk.toast(format!("Calling {dialled} …"));
                    open_address(&placed.url);
                    navigation.go(&format!("/workspace/{}", placed.workitem));
                }
                Err(refused) => {
                    let _ = error.try_set(Some(sentence(&refused.0)));
                    focus(field);
                }
            }
        });
    };

    view! {
        <Dialog title="Dialpad".to_owned() on_close=close class="dialog--narrow dialpad">
            <form class="dialog__body dialpad__form" on:submit=call novalidate>
                <div class="field">
                    <label class="field__label" for="dialpad-number">"Number"</label>
                    <div class="dialpad__line">
                        <input
                            id="dialpad-number"
                            class="input dialpad__number"
                            type="tel"
                            autocomplete="off"
                            autofocus
                            maxlength="40"
                            node_ref=field
                            aria-invalid=move || error.with(Option::is_some).to_string()
                            aria-describedby="dialpad-error"
                            prop:value=move || number.get()
                            on:input=move |event| {
                                let typed = event_target_value(&event);
                                edit(&|text| text.clone_from(&typed));
                            }
                        />
                        <button
                            type="button"
                            class="button button--quiet button--icon"
                            aria-label="Backspace"
                            prop:disabled=move || number.with(String::is_empty)
                            on:click=move |_| edit(&|text| { text.pop(); })
                        >
                            <Icon name="backspace"/>
                        </button>
                    </div>
                    <p id="dialpad-error" class="field__error" role="alert">{move || error.get()}</p>
                </div>
                <div class="dialpad__keys" role="group" aria-label="Keys">
                    {KEYS
                        .into_iter()
                        .map(|(key, letters)| view! {
                            <button
                                type="button"
                                class="button dialpad__key"
                                aria-label=key.to_string()
                                on:click=move |_| edit(&|text| text.push(key))
                            >
                                <span class="dialpad__digit" aria-hidden="true">{key.to_string()}</span>
                                // Drawn by the style: the key is named by its digit alone.
                                <span class="dialpad__letters" aria-hidden="true" data-letters=letters></span>
                            </button>
                        }.into_any())
                        .collect_view()}
                </div>
                <button
                    type="submit"
                    class="button button--primary dialpad__call"
                    aria-disabled=move || calling.get().to_string()
                >
                    <Icon name="phone"/>
                    "Call"
                </button>
            </form>
        </Dialog>
    }
}

/// The error as a sentence about the number.
fn sentence(error: &AppError) -> String {
    match error {
        AppError::Invalid { reason, .. } => format!("The number {reason}."),
        other => other.to_string(),
    }
}

fn focus(field: NodeRef<html::Input>) {
    if let Some(field) = field.try_get_untracked().flatten() {
        // It fails only for a field that left the page meanwhile.
        let _ = field.focus();
    }
}

/// Hands the address to the device. A link that is clicked leaves the page where it is when nothing handles
/// `tel:`, and opens a pattern of the operator in a window of its own.
fn open_address(url: &str) {
    let Some(link) = document()
        .create_element("a")
        .ok()
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let web = url.starts_with("https://") || url.starts_with("http://");
    let attributes: &[(&str, &str)] = if web {
        &[
            ("href", url),
            ("target", "_blank"),
            ("rel", "noopener noreferrer"),
        ]
    } else {
        &[("href", url)]
    };
    for (name, value) in attributes {
        if link.set_attribute(name, value).is_err() {
            return;
        }
    }
    link.click();
}
