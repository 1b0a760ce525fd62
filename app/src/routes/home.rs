//! `/`: redirects to the start page of the signed-in user.

use leptos::prelude::*;

use crate::answer::answer_redirect;
use crate::state::use_session;

/// The page, which nobody sees.
#[component]
pub fn HomePage() -> impl IntoView {
    answer_redirect(use_session().me.with_untracked(|me| me.home()));
}
