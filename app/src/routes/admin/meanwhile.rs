//! Two people who edit the same thing: the second to save learns what changed and decides what is kept. Fields that they left alone
//! have what is stored by now, so that saving once more takes nothing back that somebody else has changed there.

use leptos::prelude::*;
use shared::error::{AppError, ConflictCause, Difference};

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

/// Leaves in a refusal what somebody else has changed. The host does not know what the form was shown with, so it names also what its
/// sender alone has changed.
pub(super) fn only_theirs(refused: &mut ApiError, shown: &[Difference]) {
    if let AppError::Conflict {
        cause: ConflictCause::EditedMeanwhile { now, .. },
    } = &mut refused.0
    {
        now.retain(|now| !shown.contains(now));
    }
}

/// Puts what is stored by now into a field that was left alone.
pub(super) fn follow<T>(field: RwSignal<T>, shown: &T, now: &T)
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    if shown != now && field.with_untracked(|field| field == shown) {
        field.set(now.clone());
    }
}

/// The choice, under the refusal that says what is different.
#[component]
pub(super) fn Meanwhile(
    /// Whether there is something to choose.
    shown: Signal<bool>,
    /// Goes on with what is stored.
    on_theirs: Callback<()>,
    /// Stores what the user has changed over it.
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
