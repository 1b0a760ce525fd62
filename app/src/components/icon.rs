//! Icons from the one sprite. An icon is never the only name of a thing: words stand beside it.

use leptos::prelude::*;

use crate::site_assets::use_assets;

/// A picture of the sprite, hidden from screen readers.
#[component]
pub fn Icon(
    /// The symbol's id in `icons.svg`.
    name: &'static str,
) -> impl IntoView {
    let href = use_assets().url_with("icons.svg#", name);
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=href></use>
        </svg>
    }
}
