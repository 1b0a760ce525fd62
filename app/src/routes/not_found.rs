//! The page of an unknown address, and of what the user may not know of, so that the two do not differ.

use leptos::prelude::*;

use crate::answer::answer_not_found;
use crate::components::{Icon, PageTitle};

/// The page for an address that leads nowhere. On the host it sets the status 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    answer_not_found();
    view! {
        <PageTitle text=t!(not_found.page) />
        <div class="page">
            <div class="empty">
                <Icon name="search" />
                <h1 class="empty__title">{t!(not_found.title)}</h1>
                <p class="empty__line">{t!(not_found.line)}</p>
                <a class="button" href="/">{t!(not_found.home)}</a>
            </div>
        </div>
    }
}
