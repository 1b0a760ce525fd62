//! Acts of plain pages that cannot be taken back. They ask once and need no script for it: the button that acts is behind one
//! that opens it.

use i18n::{Language, t};
use maud::{Markup, html};

/// A button of these words, behind which the form stands. `label` names what it is about, where the words alone do not.
pub(super) fn ask_once(words: &str, label: Option<&str>, form: &Markup) -> Markup {
    html! {
        details class="texts__delete" {
            summary class="button button--quiet" aria-label=[label] { (words) }
            (form)
        }
    }
}

/// Asks before the one of this name is deleted. `fields` say which one it is.
pub(super) fn ask_to_delete(language: Language, path: &str, name: &str, fields: &Markup) -> Markup {
    let label = t!(language, views.delete_name, name = name);
    let now = t!(language, views.delete_now_name, name = name);
    let form = html! {
        form method="post" action=(path) {
            input type="hidden" name="act" value="delete";
            (fields)
            button class="button button--danger" type="submit" aria-label=(now) { (t!(language, views.delete_now)) }
        }
    };
    ask_once(t!(language, common.delete), Some(&label), &form)
}
