//! A link that knows whether it leads to where one is.

use leptos::prelude::*;

use crate::address::use_address;

/// `aria-current` says that the page, or one below it, is shown.
#[component]
pub fn NavLink(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// The style.
    class: &'static str,
    /// What it says.
    children: Children,
) -> impl IntoView {
    let address = use_address();
    let current = {
        let href = href.clone();
        move || {
            let path = address.path();
            let rest = path.strip_prefix(&href)?;
            (rest.is_empty() || rest.starts_with('/')).then_some("page")
        }
    };
    view! {
        <a href=href class=class aria-current=current>
            {children()}
        </a>
    }
}
