//! JSON as it travels between host and browser.
//!
//! The browser has a parser of its own, and what is compiled for a type is then only how it is taken from a value:
//! half of what a parser in wasm takes.

use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use serde::de::DeserializeOwned;
#[cfg(feature = "ssr")]
use serde::de::IgnoredAny;
#[cfg(feature = "ssr")]
use shared::error::AppError;

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

/// Why what was sent could not be read.
#[cfg(feature = "ssr")]
#[derive(Debug)]
pub struct Unread {
    /// Whether it is JSON at all.
    pub is_json: bool,
    /// The path of what is wrong with it; empty for the whole.
    path: String,
    /// What is wrong, in serde's words.
    pub words: String,
}

#[cfg(feature = "ssr")]
impl Unread {
    /// The error that names the field.
    pub fn error(&self) -> AppError {
        AppError::unread(&self.path, &self.words)
    }
}

/// Reads an object that was sent to the host.
///
/// # Errors
/// What is JSON and not what is asked for is refused at its field.
#[cfg(feature = "ssr")]
pub fn read_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unread> {
    let refused = |is_json, path: String, words: String| Unread {
        is_json,
        path,
        words,
    };
    let not_json = |words| refused(false, String::new(), words);
    let text = str::from_utf8(body).map_err(|error| not_json(error.to_string()))?;
    // serde_json calls some of what it does not like no JSON, such as null for a word.
    let _: IgnoredAny = serde_json::from_str(text).map_err(|error| not_json(error.to_string()))?;
    // serde takes a list for a struct.
    if !text.trim_start().starts_with('{') {
        let words = "an object is expected".to_owned();
        return Err(refused(true, String::new(), words));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json)
        .map_err(|error| refused(true, error.path().to_string(), error.inner().to_string()))
}

/// Reads what a page of customers sends; what is wrong with it is refused at its field.
#[cfg(feature = "ssr")]
pub fn read_sent<T: DeserializeOwned>(body: &[u8]) -> Result<T, AppError> {
    read_object(body).map_err(|unread| unread.error())
}

/// The error that [`located`] describes.
#[cfg(feature = "ssr")]
pub(crate) fn unread(detail: &str) -> AppError {
    let (path, words) = detail.split_once('\n').unwrap_or(("", detail));
    AppError::unread(path, words)
}

/// The value; else the path of what is wrong with it, and on the next line serde's words: a codec's error is one text.
#[cfg(feature = "ssr")]
fn located<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    read_object(body).map_err(|unread| format!("{}\n{}", unread.path, unread.words))
}

/// Nobody in a browser reads what is wrong with an answer.
#[cfg(not(feature = "ssr"))]
fn located<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let value = str::from_utf8(body).ok().and_then(read);
    value.ok_or_else(String::new)
}

/// What leptos' codec of this name sends, parsed as everything here is.
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
        located(&bytes)
    }
}
