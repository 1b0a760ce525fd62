//! A document title that follows a signal.

use crate::prelude::*;
use leptos_meta::Title;

/// The title of the page as long as it is shown.
#[component]
pub fn PageTitle(
    /// What it says.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    // The host writes the title once the page is done, when its signals may be out of reach; in the browser the
    // title outlives the page by a moment.
    #[cfg(feature = "ssr")]
    let text = text.get_untracked();
    #[cfg(not(feature = "ssr"))]
    let text = move || text.try_get().unwrap_or_default();
    view! { <Title text=text /> }
}
