//! The language of the page. It is fixed for the life of a page: choosing another one loads the page again.

use i18n::{Count, Label, Language};
use shared::assistance::{Returned, Settled};
use shared::delivery::Delivery;
use shared::error::{AppError, Problem};
use shared::files::FileState;
use shared::notice::Notice;
use shared::organisation::Setting;
use shared::workitem::Workitem;

/// A text of the catalogue in the language of the page: `t!(group.key)`, `t!(group.key, name = value)`. See [`i18n::t!`].
macro_rules! t {
    ($($text:tt)+) => {
        ::i18n::t!($crate::language::language(), $($text)+)
    };
}

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

/// The name of something that the data knows by a code.
pub fn label(of: impl Label) -> &'static str {
    of.label(language())
}

/// How a workitem's customer came, as its heading says it: the channel, and where a provider carries it the service and the
/// customer's number there.
pub fn channel_text(workitem: &Workitem) -> String {
    let mut text = label(workitem.channel).to_owned();
    let service = workitem.service().map(label);
    for more in [service, workitem.number()].into_iter().flatten() {
        text.push_str(" · ");
        text.push_str(more);
    }
    text
}

/// The number as the language writes it.
pub fn number(number: impl Count) -> String {
    i18n::number(language(), &number)
}

/// What a setting of the organisation does, in a sentence.
pub fn setting_hint(setting: &Setting) -> &'static str {
    i18n::setting_hint(language(), setting)
}

/// One of the choices of a setting.
pub fn setting_choice(setting: &Setting, value: i64) -> &'static str {
    i18n::setting_choice(language(), setting, value)
}

/// The limits and the default of a setting, in a sentence.
pub fn setting_limits(setting: &Setting) -> String {
    i18n::setting_limits(language(), setting)
}

/// In which zone a search takes its days: that of those it has, or the reader's, which comes with the form (`early.js`).
pub fn days_hint(zone: Option<&str>) -> String {
    match zone {
        Some(zone) => t!(audit.days_of, zone = zone),
        None => t!(audit.days_yours).to_owned(),
    }
}

/// What an act of the audit log is called; one that is not known, by its code.
pub fn audit_act(code: &str) -> String {
    i18n::audit_act(language(), code).to_owned()
}

/// What a detail of a row of the audit log is called; one that is not known, by its code.
pub fn audit_field(code: &str) -> String {
    i18n::audit_field(language(), code).to_owned()
}

/// How a raised hand came to its end, without a full stop.
pub fn settled_text(settled: &Settled) -> String {
    i18n::settled_text(language(), settled)
}

/// Why a request is open again.
pub fn returned_text(why: Returned, name: &str) -> String {
    i18n::returned_text(language(), why, name)
}

/// How far a message has come that a provider carries.
pub fn delivery_text(delivery: &Delivery) -> String {
    i18n::delivery_text(language(), delivery)
}

/// Why the content of a file is not here.
pub fn file_state_text(state: FileState) -> &'static str {
    i18n::file_state_text(language(), state)
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
