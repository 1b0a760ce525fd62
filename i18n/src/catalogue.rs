//! The texts as the build script wrote them, and how a text is filled in.

use std::fmt::{Display, Write};

use crate::Language;
use crate::number::{Count, category};

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// The text at a place of the table. A text with plural forms has all of them.
pub(crate) fn text(language: Language, place: usize) -> &'static str {
    match language {
        Language::En => EN[place],
        Language::De => DE[place],
    }
}

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
    let category = category(language, count.value());
    let forms = match language {
        Language::En => EN_FORMS,
        Language::De => DE_FORMS,
    };
    let text = text(language, place);
    let form = forms.iter().position(|form| *form == category);
    let form = form.and_then(|form| text.split('|').nth(form));
    // A category that the catalogue does not have is the general one, which stands last.
    fill(
        form.or_else(|| text.split('|').next_back()).unwrap_or(text),
        parameters,
    )
}

fn fill(text: &str, parameters: &[&dyn Display]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        // The build script has checked the braces: there is one digit between them.
        let place = after
            .bytes()
            .next()
            .map_or(0, |digit| usize::from(digit.wrapping_sub(b'0')));
        if let Some(parameter) = parameters.get(place) {
            // Writing to a String cannot fail.
            let _ = write!(filled, "{parameter}");
        }
        rest = after.get(2..).unwrap_or_default();
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::{DE, DE_FORMS, EN, EN_FORMS, fill};

    #[test]
    fn parameters_stand_where_the_text_wants_them() {
        assert_eq!(fill("{1} of {0}: {1}", &[&"all", &3]), "3 of all: 3");
        assert_eq!(fill("nothing", &[]), "nothing");
        // What is filled in is not filled in again.
        assert_eq!(fill("{0}", &[&"{1} {0}"]), "{1} {0}");
    }

    #[test]
    fn every_language_has_every_text_in_words_of_its_own() {
        for (english, german) in EN.iter().zip(&DE) {
            assert!(!english.is_empty() && !german.is_empty());
        }
        let same = EN.iter().zip(&DE).filter(|(english, german)| {
            english == german
                && english
                    .split(' ')
                    .filter(|word| !word.contains('{'))
                    .count()
                    > 2
        });
        let same: Vec<_> = same.collect();
        assert!(same.is_empty(), "not translated: {same:?}");
    }

    #[test]
    fn every_counted_text_has_the_forms_of_its_language() {
        for (texts, forms) in [(&EN, EN_FORMS), (&DE, DE_FORMS)] {
            for text in texts.iter().filter(|text| text.contains('|')) {
                assert_eq!(text.split('|').count(), forms.len(), "{text}");
            }
        }
    }
}
