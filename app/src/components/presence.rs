//! Presence as a dot and a word: never by colour alone.

use leptos::prelude::*;
use shared::people::Presence;

use crate::language::label;

/// Whether somebody can be reached.
#[component]
pub fn PresenceDot(#[prop(into)] presence: Signal<Presence>) -> impl IntoView {
    view! {
        <span class="presence">
            <span class=move || format!("dot dot--{}", presence.get().code()) aria-hidden="true"></span>
            <span class="presence__word">{move || label(presence.get())}</span>
        </span>
    }
}
