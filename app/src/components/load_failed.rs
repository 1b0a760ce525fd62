//! What stands in place of a page, or of a part of it, whose data could not be loaded.

use leptos::prelude::*;
use shared::error::AppError;

use crate::components::Icon;
use crate::language::error_text;
use crate::live::{ConnectionState, Live};
use crate::routes::not_found::NotFoundPage;

/// "Not found" for what is not there or not for this person; for everything else the reason, and a way to try again unless the
/// answer would be the same.
#[component]
pub fn LoadFailed(
    /// Why.
    error: AppError,
    /// Loads again.
    retry: Callback<()>,
) -> impl IntoView {
    if error == AppError::NotFound {
        return view! { <NotFoundPage/> }.into_any();
    }
    if matches!(error, AppError::Invalid { .. }) {
        return view! {
            <div class="page">
                <p class="notice notice--error" role="alert">{error_text(&error)}</p>
            </div>
        }
        .into_any();
    }
    // What failed for want of a connection is loaded when there is one again.
    if error == AppError::Unavailable
        && let Some(live) = use_context::<Live>()
    {
        Effect::new(move |was_live: Option<bool>| {
            let is_live = live.state.get() == ConnectionState::Live;
            if was_live == Some(false) && is_live {
                retry.run(());
            }
            is_live
        });
    }
    view! {
        <div class="page">
            <div class="empty" role="alert">
                <Icon name="offline"/>
                <h1 class="empty__title">{t!(load_failed.title)}</h1>
                <p>{error_text(&error)}</p>
                <button type="button" class="button" on:click=move |_| retry.run(())>{t!(common.try_again)}</button>
            </div>
        </div>
    }
    .into_any()
}
