//! The texts, and how a text is filled in. The host has all of each language. The browser gets those of its page's
//! language as one file, so that no page pays for the others.

use std::borrow::Cow;
use std::fmt::{Display, Write};

use shared::text::isolated;

use crate::Language;
use crate::number::{Count, category};

include!(concat!(env!("OUT_DIR"), "/keys.rs"));

#[cfg(not(target_arch = "wasm32"))]
mod host {
    use super::IN_BROWSER;
    use crate::Language;

    include!(concat!(env!("OUT_DIR"), "/tables.rs"));

    pub(super) fn table(language: Language) -> &'static [&'static str] {
        match language {
            Language::En => &EN,
            Language::De => &DE,
        }
    }

    /// The file with the texts of one language for `load`: a line for each, none of which has a line break.
    pub fn browser_file(language: Language) -> String {
        table(language)[..IN_BROWSER].join("\n")
    }

    /// The name of that file.
    pub fn browser_file_name(language: Language) -> String {
        format!("texts-{}.txt", language.code())
    }

    pub(super) fn text(language: Language, place: usize) -> &'static str {
        table(language)[place]
    }
}

#[cfg(not(target_arch = "wasm32"))]
use host::text;
#[cfg(not(target_arch = "wasm32"))]
pub use host::{browser_file, browser_file_name};

#[cfg(target_arch = "wasm32")]
mod browser {
    use std::sync::OnceLock;

    use super::IN_BROWSER;
    use crate::Language;

    static TEXTS: OnceLock<Vec<&'static str>> = OnceLock::new();

    /// Takes the texts of the page's language. Answers whether they are those of this release.
    pub fn load(file: String) -> bool {
        // They live as long as the page.
        let file: &'static str = file.leak();
        let texts: Vec<&str> = file.split('\n').collect();
        texts.len() == IN_BROWSER && TEXTS.set(texts).is_ok()
    }

    /// There is one language in a browser. More than a thousand functions call this, and the compiler would copy it into
    /// each of them.
    #[inline(never)]
    pub(super) fn text(_: Language, place: usize) -> &'static str {
        let text = TEXTS.get().and_then(|texts| texts.get(place));
        text.copied().unwrap_or_default()
    }
}

#[cfg(target_arch = "wasm32")]
pub use browser::load;
#[cfg(target_arch = "wasm32")]
use browser::text;

/// The text with its parameters, which stand in the order of their names.
pub(crate) fn filled(language: Language, place: usize, parameters: &[&dyn Display]) -> String {
    fill(text(language, place), parameters)
}

/// The form of the text that goes with `count`, with its parameters.
pub(crate) fn counted(
    language: Language,
    place: usize,
    count: &dyn Count,
    parameters: &[&dyn Display],
) -> String {
    let forms = text(language, place);
    let category = category(language, count.value());
    let form = categories(language).iter().position(|one| *one == category);
    let form = form.and_then(|form| forms.split('|').nth(form));
    // The general form stands last.
    let form = form.or_else(|| forms.split('|').next_back());
    fill(form.unwrap_or_default(), parameters)
}

fn fill(text: &str, parameters: &[&dyn Display]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        // The build script has checked the braces: there is one digit between them.
        let place = after.bytes().next().unwrap_or_default().wrapping_sub(b'0');
        if let Some(parameter) = parameters.get(usize::from(place)) {
            // Writing to a String cannot fail.
            let start = filled.len();
            let _ = write!(filled, "{parameter}");
            if let Cow::Owned(isolated) = isolated(&filled[start..]) {
                filled.replace_range(start.., &isolated);
            }
        }
        rest = after.get(2..).unwrap_or_default();
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use shared::language::Language;

    use super::host::{browser_file, table};
    use super::{IN_BROWSER, categories, fill};

    #[test]
    fn parameters_stand_where_the_text_wants_them() {
        assert_eq!(fill("{1} of {0}: {1}", &[&"all", &3]), "3 of all: 3");
        assert_eq!(fill("nothing", &[]), "nothing");
        // What is filled in is not filled in again.
        assert_eq!(fill("{0}", &[&"{1} {0}"]), "{1} {0}");
    }

    #[test]
    fn e30_a_name_from_right_to_left_moves_no_word_beside_it() {
        assert_eq!(
            fill("{0} – {1}", &[&"דנה (a)", &"Care"]),
            "\u{2068}דנה (a)\u{2069} – Care"
        );
        assert_eq!(
            fill("{0}: {1}", &[&"Order 4711 - שלום!", &2]),
            "\u{2068}Order 4711 - שלום!\u{2069}: 2"
        );
        assert_eq!(fill("{0}", &[&"Zoë (a) 1"]), "Zoë (a) 1");
    }

    #[test]
    fn every_sentence_is_translated() {
        let english = table(Language::En);
        for language in Language::ALL.into_iter().filter(|one| *one != Language::En) {
            let pairs = english.iter().zip(table(language));
            let is_sentence = |text: &str| {
                let words = text.split(' ').filter(|word| !word.contains('{'));
                words.count() > 2
            };
            let same: Vec<_> = pairs
                .filter(|(text, other)| text == other && is_sentence(text))
                .collect();
            assert!(same.is_empty(), "{}: {same:?}", language.code());
        }
    }

    #[test]
    fn every_counted_text_has_the_forms_of_its_language() {
        for language in Language::ALL {
            for text in table(language).iter().filter(|text| text.contains('|')) {
                assert_eq!(
                    text.split('|').count(),
                    categories(language).len(),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn the_browser_gets_one_line_for_each_text() {
        for language in Language::ALL {
            let file = browser_file(language);
            let lines: Vec<&str> = file.split('\n').collect();
            assert_eq!(lines, table(language)[..IN_BROWSER]);
        }
    }
}
