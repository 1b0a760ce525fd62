//! What serde refuses, as an error at its field.

use super::{AppError, Problem};

/// How much of a name that somebody sent is repeated, in characters.
pub const NAME_SHOWN: usize = 64;
/// How much of serde's words is repeated, in characters.
const WORDS_SHOWN: usize = 200;

impl AppError {
    /// What serde refused at a path, in its words. Fields that are unknown, missing or there twice are named in the words alone.
    pub fn unread(path: &str, words: &str) -> Self {
        let shown = |text: &str, max| text.chars().take(max).collect::<String>();
        let named = |before: &str| {
            let (_, rest) = words.split_once(before)?;
            let (name, _) = rest.split_once('`')?;
            Some(shown(name, NAME_SHOWN))
        };
        if let Some(name) = named("unknown field `") {
            return Self::invalid(&name, Problem::UnknownField);
        }
        if let Some(name) = named("missing field `") {
            return Self::invalid(&name, Problem::Missing);
        }
        if let Some(name) = named("duplicate field `") {
            return Self::invalid(&name, Problem::TooMany { max: 1 });
        }
        let field = match path {
            "." | "" | "?" => "body".to_owned(),
            path => shown(path, NAME_SHOWN),
        };
        let detail = shown(words, WORDS_SHOWN);
        Self::invalid(&field, Problem::Unreadable { detail })
    }
}
