//! Numbers in the words of a language. In the browser `Intl` writes them and knows the plurals. The host writes whole numbers
//! as `Intl` does in these languages, so that a page reads the same whichever of the two rendered it.

use crate::Language;

/// A number that a text counts.
pub trait Count {
    /// For the plural rules.
    fn value(&self) -> f64;
}

macro_rules! counts {
    ($($kind:ty)*) => {
        $(impl Count for $kind {
            fn value(&self) -> f64 {
                *self as f64
            }
        })*
    };
}

// What is counted on a screen is far below 2^53.
counts!(i32 i64 u32 u64 usize);

/// The number with the separators of the language.
#[cfg(target_arch = "wasm32")]
pub fn number(language: Language, number: &dyn Count) -> String {
    let value = js_sys::Number::from(number.value());
    value.to_locale_string(language.intl()).into()
}

/// The number with the separators of the language.
#[cfg(not(target_arch = "wasm32"))]
pub fn number(language: Language, number: &dyn Count) -> String {
    let separator = match language {
        Language::En => ',',
        Language::De => '.',
    };
    let digits = number.value().abs().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number.value() < 0.0 {
        grouped.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

/// The plural category of CLDR.
#[cfg(target_arch = "wasm32")]
pub(crate) fn category(language: Language, count: f64) -> String {
    use js_sys::{Array, Intl::PluralRules, Object};

    let locales = Array::of1(&language.intl().into());
    PluralRules::new(&locales, &Object::new())
        .select(count)
        .into()
}

/// The plural category of CLDR, of a whole number.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn category(language: Language, count: f64) -> &'static str {
    match language {
        Language::En | Language::De if count == 1.0 => "one",
        Language::En | Language::De => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u17_thousands_are_separated_as_the_browser_separates_them() {
        for (value, english, german) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (4_000, "4,000", "4.000"),
            (-1_234_567, "-1,234,567", "-1.234.567"),
        ] {
            assert_eq!(number(Language::En, &value), english);
            assert_eq!(number(Language::De, &value), german);
        }
    }
}
