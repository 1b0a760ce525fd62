//! The title of the document.

use crate::prelude::*;

/// The title as long as a page is shown. The host writes it into the head, the browser changes it there.
#[component]
pub fn PageTitle(
    /// What it says, before the product's name.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    {
        use leptos_meta::{Title, TitleProps};
        // Once the page is done its signals may be out of reach, so this is a text.
        let _ = Title(
            TitleProps::builder()
                .text(title(&text.get_untracked()))
                .build(),
        );
    }
    Effect::new(move || {
        // The title outlives the page by a moment.
        if let Some(text) = text.try_get() {
            document().set_title(&title(&text));
        }
    });
}

fn title(text: &str) -> String {
    [text, " · Sideline"].concat()
}
