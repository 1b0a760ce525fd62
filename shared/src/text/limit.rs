//! How long a message may be on a channel, and in what that is counted.

use serde::{Deserialize, Serialize};

use super::{MESSAGE_MAX, tidy, visible_length};
use crate::error::Problem;

/// The longest message of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextLimit {
    /// How much it may have.
    pub max: i64,
    /// Whether bytes of UTF-8 are counted; else characters.
    #[serde(default)]
    pub in_bytes: bool,
}

impl Default for TextLimit {
    /// That of any message.
    fn default() -> Self {
        Self::characters(MESSAGE_MAX)
    }
}

impl TextLimit {
    /// So many characters.
    pub const fn characters(max: usize) -> Self {
        Self {
            max: max as i64,
            in_bytes: false,
        }
    }

    /// So many bytes of UTF-8.
    pub const fn bytes(max: usize) -> Self {
        Self {
            max: max as i64,
            in_bytes: true,
        }
    }

    /// How much of it a text takes that is being typed; nothing, when nobody would see any of it.
    pub fn typed(self, raw: &str) -> usize {
        match self.in_bytes {
            true if visible_length(raw) > 0 => tidy(raw).len(),
            _ => visible_length(raw),
        }
    }

    /// What is wrong with a checked text that is longer.
    pub fn problem(self, text: &str) -> Option<Problem> {
        let actual = match self.in_bytes {
            true => text.len(),
            false => text.chars().count(),
        };
        let (max, actual) = (self.max, actual as i64);
        (actual > max).then_some(match self.in_bytes {
            true => Problem::TooManyBytes { max, actual },
            false => Problem::TooLong { max, actual },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_counts_characters_or_bytes() {
        let (characters, bytes) = (TextLimit::characters(2), TextLimit::bytes(4));
        assert_eq!((characters.typed("äö\n"), bytes.typed("äö\n")), (2, 4));
        assert_eq!((characters.typed(" \n"), bytes.typed(" \n")), (0, 0));
        assert_eq!(
            (characters.problem("äö"), bytes.problem("äö")),
            (None, None)
        );
        let (max, actual) = (4, 5);
        assert_eq!(
            bytes.problem("äöu"),
            Some(Problem::TooManyBytes { max, actual })
        );
        let (max, actual) = (2, 3);
        assert_eq!(
            characters.problem("äöu"),
            Some(Problem::TooLong { max, actual })
        );
    }
}
