//! The language of the page. It is fixed for the life of a page: choosing another one loads the page again.

use i18n::Language;
use shared::error::{AppError, Problem};
use shared::notice::Notice;

/// The language of the page that is rendered; English outside of a request.
#[cfg(feature = "ssr")]
pub fn language() -> Language {
    leptos::prelude::use_context().unwrap_or_default()
}

/// The language of the document.
#[cfg(not(feature = "ssr"))]
pub fn language() -> Language {
    use std::sync::OnceLock;

    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    *LANGUAGE.get_or_init(|| {
        let html = leptos::prelude::document().document_element();
        let tag = html.and_then(|html| html.get_attribute("lang"));
        tag.and_then(|tag| Language::from_tag(&tag))
            .unwrap_or_default()
    })
}

/// What went wrong, in words.
pub fn error_text(error: &AppError) -> String {
    i18n::error_text(language(), error)
}

/// What is wrong with an input, in words that stand beside it.
pub fn problem_text(problem: &Problem) -> String {
    i18n::problem_text(language(), problem)
}

/// What the program notes in a conversation, in words.
pub fn notice_text(notice: &Notice) -> String {
    i18n::notice_text(language(), notice)
}
