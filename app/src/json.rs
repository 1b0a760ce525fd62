//! JSON as it travels between host and browser.
//!
//! The browser has a parser of its own, and what is compiled for a type is then only how it is taken from a value:
//! half of what a parser in wasm takes.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The value that a text stands for; `None` for what is not JSON, or not this type.
#[cfg(feature = "hydrate")]
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let value = js_sys::JSON::parse(text).ok()?;
    serde_wasm_bindgen::from_value(value).ok()
}

/// The value that a text stands for; `None` for what is not JSON, or not this type.
#[cfg(not(feature = "hydrate"))]
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// The text of a value; `None` for a map whose keys are no texts, which nothing here has.
pub fn write<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}
