//! A labelled input whose hint and error a screen reader finds: the form's one way to ask for a line of text.

use leptos::prelude::*;

/// A label, an input (a textarea when `lines` is given) and, where there is one, an error below it.
#[component]
pub fn Field(
    /// Label and accessible name.
    #[prop(into)]
    label: String,
    /// Name, and id in the page unless it has another; unique there.
    name: &'static str,
    /// Its id, where several forms of a page have a field of this name.
    #[prop(optional)]
    id: Option<String>,
    /// What is typed.
    value: RwSignal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// A line that helps.
    #[prop(optional, into)]
    hint: String,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// Which keyboard a phone shows.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// Rows of a textarea.
    #[prop(optional)]
    lines: Option<u32>,
    /// For the browser's password store: `username`, `new-password`, …
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Whether an empty one is refused.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.to_owned());
    let described = described_by(error, id.clone(), !hint.is_empty());
    let invalid = move || error.with(Option::is_some).then_some("true");
    let input = match lines {
        Some(lines) => view! {
            <textarea
                class="textarea"
                dir="auto"
                id=id.clone()
                name=name
                rows=lines
                required=required
                autocomplete=autocomplete
                aria-describedby=described
                aria-invalid=invalid
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
        }
        .into_any(),
        None => view! {
            <input
                class="input"
                // The text of a password has no direction that anybody sees.
                dir=(kind == "text").then_some("auto")
                id=id.clone()
                name=name
                type=kind
                inputmode=inputmode
                required=required
                autocomplete=autocomplete
                aria-describedby=described
                aria-invalid=invalid
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{label}</label>
            {input}
            {below(error, id, hint)}
        </div>
    }
}

/// What helps, and what is wrong as soon as something is.
fn below(error: Signal<Option<String>>, id: String, hint: String) -> impl IntoView {
    let (error_id, hint_id) = (error_id(&id), hint_id(&id));
    let hinted = !hint.is_empty();
    view! {
        {hinted.then(|| view! { <p class="field__hint" id=hint_id>{hint}</p> }.into_any())}
        {move || error.get().map(|error| {
            view! { <p class="field__error" id=error_id.clone() role="alert">{error}</p> }.into_any()
        })}
    }
}

fn error_id(id: &str) -> String {
    format!("{id}-error")
}

fn hint_id(id: &str) -> String {
    format!("{id}-hint")
}

/// The ids of what a screen reader reads with the input.
fn described_by(
    error: Signal<Option<String>>,
    id: String,
    hinted: bool,
) -> impl Fn() -> Option<String> + Clone {
    move || match (error.with(Option::is_some), hinted) {
        (true, false) => Some(error_id(&id)),
        (true, true) => Some(format!("{} {}", error_id(&id), hint_id(&id))),
        (false, true) => Some(hint_id(&id)),
        (false, false) => None,
    }
}
