//! A native list of choices above what it chooses from, named for those who do not see where it stands.

use leptos::prelude::*;

/// The list. `options`: each as value and words.
pub fn select_view(
    class: &'static str,
    name: &'static str,
    options: Signal<Vec<(String, String)>>,
    chosen: Signal<String>,
    choose: impl Fn(String) + 'static,
) -> AnyView {
    let option = move |(value, text): (String, String)| {
        let code = value.clone();
        let selected = Memo::new(move |_| chosen.with(|chosen| *chosen == code));
        view! { <option value=value dir="auto" selected=selected prop:selected=selected>{text}</option> }
            .into_any()
    };
    view! {
        <select
            class=class
            aria-label=name
            on:change=move |event| choose(event_target_value(&event))
        >
            {move || options.get().into_iter().map(option).collect_view()}
        </select>
    }
    .into_any()
}
