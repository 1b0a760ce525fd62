//! Numbers in the words of a language. In the browser `Intl` writes them and knows the plurals. The host writes digits
//! alone: its data may differ from the browser's, and both must render the same.

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

/// The digits.
#[cfg(not(target_arch = "wasm32"))]
pub fn number(_: Language, number: &dyn Count) -> String {
    number.value().to_string()
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
