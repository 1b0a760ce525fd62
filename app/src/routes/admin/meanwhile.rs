//! Two people who edit the same thing: the second to save learns what changed and decides what is kept.

use leptos::prelude::*;
use shared::error::AppError;

use crate::api::ApiError;

/// The thing as it is stored now, when that is why an edit was refused. `load` asks the host for it.
pub(super) async fn rival<T, F>(
    refused: &ApiError,
    seen: i64,
    version: impl Fn(&T) -> i64,
    load: F,
) -> Option<T>
where
    F: Future<Output = Result<Option<T>, ApiError>>,
{
    if !matches!(refused, ApiError(AppError::Conflict { .. })) {
        return None;
    }
    // Without an answer the refusal stands as it is, and saving again tells.
    load.await.ok().flatten().filter(|now| version(now) != seen)
}

/// The choice, under the refusal that says what is different.
#[component]
pub(super) fn Meanwhile(
    /// Whether there is something to choose.
    shown: Signal<bool>,
    /// Goes on with what is stored.
    on_theirs: Callback<()>,
    /// Stores the user's version over it.
    on_mine: Callback<()>,
) -> impl IntoView {
    move || {
        shown.get().then(|| {
            view! {
                <div class="editor__question" role="group" aria-label=t!(admin.changed_meanwhile)>
                    <button class="button editor__theirs" type="button" on:click=move |_| on_theirs.run(())>
                        {t!(admin.use_theirs)}
                    </button>
                    <button class="button" type="button" on:click=move |_| on_mine.run(())>
                        {t!(admin.keep_mine)}
                    </button>
                </div>
            }.into_any()
        })
    }
}
