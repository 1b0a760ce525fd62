//! The Dialpad of an agent's header: a number, twelve keys, Call. The host records the call as a phone workitem
//! and answers the address that places it; the device's telephony does the rest. No voice passes through here.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::ids::CommandKey;
use shared::phone::PhoneNumber;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::api::workitems::call_place;
use crate::components::keyboard::announced;
use crate::components::{Dialog, Icon};
use crate::language::error_text;
use crate::navigation::{Navigation, use_navigation};
use crate::random::new_key;
use crate::state::{SessionState, use_session};

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
    let session = use_session();
    let open = RwSignal::new(false);
    view! {
        <button
            type="button"
            class="button button--quiet"
            aria-haspopup="dialog"
            data-letter="p"
            aria-keyshortcuts=move || announced(session, "p")
            aria-expanded=move || open.get().to_string()
            on:click=move |_| open.set(true)
        >
            <Icon name="dialpad"/>
            <span class="button__label">{t!(dialpad.title)}</span>
        </button>
        {move || open.get().then(|| view! { <Dialpad close=Callback::new(move |()| open.set(false))/> }.into_any())}
    }
}

/// The number, and how far the call has come. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Dialling {
    number: RwSignal<String>,
    error: RwSignal<Option<String>>,
    calling: RwSignal<bool>,
    /// The number's input.
    field: NodeRef<html::Input>,
    /// One key per number, so that Call after a lost answer does not record a second call.
    attempt: StoredValue<Option<(String, CommandKey)>>,
}

impl Dialling {
    fn new() -> Self {
        Self {
            number: RwSignal::new(String::new()),
            error: RwSignal::new(None),
            calling: RwSignal::new(false),
            field: NodeRef::new(),
            attempt: StoredValue::new(None),
        }
    }

    fn edit(self, change: impl FnOnce(&mut String)) {
        self.number.update(change);
        self.error.set(None);
    }

    fn refuse(self, error: &AppError) {
        self.error.try_set(Some(error_text(error)));
        focus(self.field);
    }

    fn key(self, number: &str) -> CommandKey {
        let key = match self.attempt.get_value() {
            Some((tried, key)) if tried == number => key,
            _ => new_key(),
        };
        self.attempt
            .set_value(Some((number.to_owned(), key.clone())));
        key
    }

    fn call(self, session: SessionState, navigation: Navigation, close: Callback<()>) {
        if self.calling.get_untracked() {
            return;
        }
        let number = match PhoneNumber::parse(&self.number.get_untracked()) {
            Ok(checked) => String::from(checked.as_str()),
            Err(refused) => return self.refuse(&refused),
        };
        let key = self.key(&number);
        self.calling.set(true);
        spawn_local(async move {
            let answer = call_place(key, number.clone()).await;
            // The pad may have been closed while the call was on its way; the call is placed all the same.
            self.calling.try_set(false);
            match answer {
                Ok(placed) => {
                    close.try_run(());
                    session.toast(t!(dialpad.calling, number = number));
                    open_address(&placed.url);
                    navigation.go(&format!("/workspace/{}", placed.workitem));
                }
                Err(refused) => self.refuse(&refused.0),
            }
        });
    }
}

/// The number pad.
#[component]
fn Dialpad(close: Callback<()>) -> impl IntoView {
    let session = use_session();
    let navigation = use_navigation();
    let dialling = Dialling::new();
    let call = move |event: SubmitEvent| {
        event.prevent_default();
        dialling.call(session, navigation, close);
    };
    view! {
        <Dialog title=t!(dialpad.title).to_owned() on_close=close class="dialog--narrow dialpad">
            <form class="dialog__body dialpad__form" on:submit=call novalidate>
                <NumberField dialling />
                <div class="dialpad__keys" role="group" aria-label=t!(dialpad.keys)>
                    {KEYS
                        .into_iter()
                        .map(|(key, letters)| view! {
                            <button
                                type="button"
                                class="button dialpad__key"
                                aria-label=key.to_string()
                                on:click=move |_| dialling.edit(|text| text.push(key))
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
                    aria-disabled=move || dialling.calling.get().to_string()
                >
                    <Icon name="phone"/>
                    {t!(dialpad.call)}
                </button>
            </form>
        </Dialog>
    }
}

/// The number as it is typed, with Backspace.
#[component]
fn NumberField(dialling: Dialling) -> impl IntoView {
    let Dialling { number, error, .. } = dialling;
    view! {
        <div class="field">
            <label class="field__label" for="dialpad-number">{t!(dialpad.number)}</label>
            <div class="dialpad__line">
                <input
                    id="dialpad-number"
                    class="input dialpad__number"
                    type="tel"
                    autocomplete="off"
                    autofocus
                    // Room for what people write between the digits.
                    maxlength="80"
                    node_ref=dialling.field
                    aria-invalid=move || error.with(Option::is_some).to_string()
                    aria-describedby="dialpad-error"
                    prop:value=move || number.get()
                    on:input=move |event| dialling.edit(|text| *text = event_target_value(&event))
                />
                <button
                    type="button"
                    class="button button--quiet button--icon"
                    aria-label=t!(dialpad.backspace)
                    prop:disabled=move || number.with(String::is_empty)
                    on:click=move |_| dialling.edit(|text| { text.pop(); })
                >
                    <Icon name="backspace"/>
                </button>
            </div>
            <p id="dialpad-error" class="field__error" role="alert">{move || error.get()}</p>
        </div>
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
