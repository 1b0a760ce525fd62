//! What stands where nothing is, or nothing that this person may know of: both look the same.

use leptos::prelude::*;

use crate::answer::answer_not_found;
use crate::components::{Icon, PageTitle};

/// The page for an address that leads nowhere. On the host it sets the status 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    answer_not_found();
    view! {
        <PageTitle text="Not found" />
        <div class="page">
            <div class="empty">
                <Icon name="search" />
                <h1 class="empty__title">"This page was not found"</h1>
                <p class="empty__line">"The address may be wrong, or what it named is gone."</p>
                <a class="button" href="/">"Go to your start page"</a>
            </div>
        </div>
    }
}
