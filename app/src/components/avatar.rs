//! The round sign of a person: initials, beside a name that stands there in words.

use leptos::prelude::*;

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
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
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
    }
}
