//! What the tables of tokens and of walls have in common: both list secrets, which somebody made and can revoke.

use i18n::{Language, number, t};
use maud::{Markup, html};
use shared::people::PersonRef;
use shared::time::Timestamp;

use super::ask_once::ask_once;
use super::plain_page::time;

/// A time, or that there is none.
pub(super) fn time_or_never(language: Language, at: Option<Timestamp>) -> Markup {
    at.map_or_else(|| html! { (t!(language, tokens.never)) }, time)
}

/// The cells that say when it was made and by whom, and when it was last used.
pub(super) fn made_and_used(
    language: Language,
    (at, by): (Timestamp, &PersonRef),
    used: Option<Timestamp>,
) -> Markup {
    html! {
        td class="admin__text" data-label=(t!(language, tokens.created)) { (time(at)) br; span dir="auto" { (by.name) } }
        td data-label=(t!(language, tokens.used)) { (time_or_never(language, used)) }
    }
}

/// Asks before the one of this name is revoked. `field` and `id` say which one it is.
pub(super) fn revoke_form(
    language: Language,
    (path, key): (&str, &str),
    (field, id): (&str, &str),
    name: &str,
) -> Markup {
    let label = t!(language, tokens.revoke_name, name = name);
    let form = html! {
        form method="post" action=(path) {
            input type="hidden" name="act" value="revoke";
            input type="hidden" name=(field) value=(id);
            input type="hidden" name="key" value=(key);
            button class="button button--danger" type="submit"
                aria-label=(t!(language, tokens.revoke_now_name, name = name)) {
                (t!(language, tokens.revoke_now))
            }
        }
    };
    ask_once(t!(language, tokens.revoke), Some(&label), &form)
}

/// The table of those that were revoked, folded and with a name of its own below that of all; nothing where there are none.
pub(super) fn revoked_rows(
    language: Language,
    all: &str,
    count: usize,
    table: impl FnOnce(&str) -> Markup,
) -> Markup {
    let name = [all, ": ", t!(language, tokens.revoked)].concat();
    html! {
        @if count > 0 {
            details class="tokens__revoked" {
                summary { (t!(language, tokens.revoked_number, number = number(language, &count))) }
                (table(&name))
            }
        }
    }
}
