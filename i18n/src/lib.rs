//! The words of the interface. `locales/<language>.json` holds one catalogue for each language; [`t!`] takes a text out
//! of it by its key. A key that does not exist, a parameter too many or too few, and a catalogue that lacks something
//! are errors of the build.
//!
//! ```
//! use i18n::{Language, t};
//!
//! assert_eq!(t!(Language::De, settings.title), "Einstellungen");
//! assert_eq!(t!(Language::En, directory.found, count = 2), "2 people found");
//! ```

mod audit;
#[cfg(not(target_arch = "wasm32"))]
mod audit_values;
mod catalogue;
mod errors;
#[cfg(not(target_arch = "wasm32"))]
mod host_labels;
mod labels;
mod notices;
mod number;
mod organisation;

pub use audit::{audit_act, audit_field};
#[cfg(not(target_arch = "wasm32"))]
pub use audit_values::{audit_value, audit_value_has_words};
pub use catalogue::keys;
#[cfg(target_arch = "wasm32")]
pub use catalogue::load;
#[cfg(not(target_arch = "wasm32"))]
pub use catalogue::{browser_file, browser_file_name};
pub use errors::{conflict_text, error_text, problem_text};
pub use labels::{
    Label, channel_kind, channel_setting, delivery_text, file_state_text, returned_text,
    settled_text,
};
pub use notices::notice_text;
pub use number::{Count, number};
pub use organisation::{
    capacity_limits, setting_choice, setting_hint, setting_limits, setting_value,
};
pub use shared::language::Language;

/// A text of the catalogue: `t!(language, group.key)`, or `t!(language, group.key, name = value)` with each of its
/// parameters. Without parameters it is a `&'static str`, with parameters a `String`. A parameter `count` of a text
/// with plural forms chooses the form.
#[macro_export]
macro_rules! t {
    ($language:expr, $($key:ident).+ $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::keys::$($key)::+ { $($name: &$value),* }.text($language)
    };
}
