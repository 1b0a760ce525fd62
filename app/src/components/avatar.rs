//! The round sign of a person: initials, beside a name that stands there in words.

use leptos::prelude::*;
use shared::clusters::first;
use shared::fold::capitals;

/// The sign. Hidden from screen readers: the name is said beside it.
#[component]
pub fn Avatar(
    /// Display name.
    #[prop(into)]
    name: Signal<String>,
) -> impl IntoView {
    // Drawn by the style, so that the letters are nobody's text: not read out, not part of a button's name.
    view! { <span class="avatar" aria-hidden="true" data-initials=move || name.with(|name| initials(name))></span> }
}

/// The first letters of the first and the last word.
pub fn initials(name: &str) -> String {
    // A username in brackets tells people of one name apart and is no part of the name.
    let is_name = |word: &&str| !word.starts_with('(');
    let mut words = name.split_whitespace().filter(is_name);
    let letters = [words.next(), words.next_back()].map(|word| first(word.unwrap_or_default()));
    capitals(&letters.concat())
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_the_last_name() {
        assert_eq!(initials("Amy Adler"), "AA");
        assert_eq!(initials("Ámy von der Leyen"), "ÁL");
        assert_eq!(initials("öz"), "Ö");
        assert_eq!(initials(" "), "");
        assert_eq!(initials("Alex Kim (akim2)"), "AK");
    }

    #[test]
    fn e34_initials_are_whole_signs() {
        assert_eq!(
            initials("e\u{301}va O\u{301}va\u{301}ri"),
            "E\u{301}O\u{301}"
        );
        assert_eq!(initials("👩\u{200D}🔧 Ann नि"), "👩\u{200D}🔧नि");
    }
}
