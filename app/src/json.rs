//! JSON as it travels between host and browser.
//!
//! The browser has a parser of its own, and what is compiled for a type is then only how it is taken from a value:
//! half of what a parser in wasm takes.

use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The value that a text stands for; `None` for what is not JSON, or not this type.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    parse(text).ok()
}

/// The text of a value; `None` for a map whose keys are no texts, which nothing here has.
pub fn write<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}

#[cfg(feature = "hydrate")]
fn parse<T: DeserializeOwned>(text: &str) -> Result<T, serde_wasm_bindgen::Error> {
    serde_wasm_bindgen::from_value(js_sys::JSON::parse(text)?)
}

#[cfg(not(feature = "hydrate"))]
fn parse<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(text)
}

/// For `#[server(input = Json, output = Json)]`: what leptos' codec of this name sends, parsed as everything here is.
pub type Json = Post<JsonText>;

/// The body of a request or of an answer.
pub struct JsonText;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(value: &T) -> serde_json::Result<Bytes> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = String;

    fn decode(bytes: Bytes) -> Result<T, String> {
        let text = str::from_utf8(&bytes).map_err(|error| error.to_string())?;
        parse(text).map_err(|error| error.to_string())
    }
}
