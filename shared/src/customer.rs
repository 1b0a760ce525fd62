//! What a customer gets. These types cannot carry coaching, monitors, staff numbers or anything that hints at
//! them; that is the point of their being apart. Never add a field here that staff actions other than an
//! ordinary message can change.
//!
//! What is said is a [`MessageText`]:
//!
//! ```
//! # use shared::{customer::CustomerBody, text::MessageText};
//! fn say(name: String, text: MessageText) -> CustomerBody {
//!     CustomerBody::Theirs { name, text: Some(text), files: Vec::new() }
//! }
//! ```
//!
//! Coaching is of another type, which fits in no way, neither as it is nor converted:
//!
//! ```compile_fail,E0308
//! # use shared::{customer::CustomerBody, text::CoachingText};
//! fn say(name: String, text: CoachingText) -> CustomerBody {
//!     CustomerBody::Theirs { name, text: Some(text), files: Vec::new() }
//! }
//! ```
//!
//! ```compile_fail,E0277
//! # use shared::{customer::CustomerBody, text::CoachingText};
//! fn say(name: String, text: CoachingText) -> CustomerBody {
//!     CustomerBody::Theirs { name, text: Some(text.into()), files: Vec::new() }
//! }
//! ```
//!
//! Nor does what the agent answers, which cannot even be forwarded:
//!
//! ```compile_fail,E0308
//! # use shared::{customer::CustomerBody, text::ReplyText};
//! fn say(name: String, text: ReplyText) -> CustomerBody {
//!     CustomerBody::Theirs { name, text: Some(text), files: Vec::new() }
//! }
//! ```
//!
//! ```compile_fail,E0599
//! # use shared::{customer::CustomerBody, text::ReplyText};
//! fn say(name: String, text: ReplyText) -> CustomerBody {
//!     CustomerBody::Theirs { name, text: Some(text.forwarded()), files: Vec::new() }
//! }
//! ```
//!
//! Nor does an entry of the staff's conversation, whatever it holds, become something for customers:
//!
//! ```compile_fail,E0277
//! # use shared::{customer::CustomerBody, transcript::EntryBody};
//! fn show(entry: EntryBody) -> CustomerBody {
//!     entry.into()
//! }
//! ```
//!
//! The one way from coaching to a customer is the agent's Forward, and it has a name:
//!
//! ```
//! # use shared::{customer::CustomerBody, text::CoachingText};
//! fn forward(agent: String, text: CoachingText) -> CustomerBody {
//!     CustomerBody::Theirs { name: agent, text: Some(text.forwarded()), files: Vec::new() }
//! }
//! ```

use serde::{Deserialize, Serialize};

use crate::files::FileRef;
use crate::text::MessageText;
use crate::time::Timestamp;

/// One line of the conversation in the customer's view, with the customer's own number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerFrame {
    /// Place in the customer's view, from 1, without gaps.
    pub seq: i64,
    /// When, by the host's clock.
    pub at: Timestamp,
    /// What it is.
    pub body: CustomerBody,
}

/// What a customer can be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CustomerBody {
    /// What the customer said.
    Mine {
        /// The text; none beside a file that says enough. On the wire it is an empty one then.
        #[serde(with = "no_text_is_empty")]
        text: Option<MessageText>,
        /// What came with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<FileRef>,
        /// The key under which the browser sent it, so that it recognises its own.
        key: String,
    },
    /// What the company said.
    Theirs {
        /// The agent's name.
        name: String,
        /// The text; none beside a file that says enough, as above.
        #[serde(with = "no_text_is_empty")]
        text: Option<MessageText>,
        /// What came with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<FileRef>,
    },
    /// The conversation is over.
    Ended {
        /// Whether the customer is asked how it was.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        asks: bool,
    },
    /// It was over, and goes on.
    Resumed,
}

impl CustomerBody {
    /// Whether it ends the conversation.
    pub fn is_end(&self) -> bool {
        matches!(self, CustomerBody::Ended { .. })
    }
}

/// A page of the release before shows a text in any case.
mod no_text_is_empty {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::text::MessageText;

    pub(super) fn serialize<S: Serializer>(
        text: &Option<MessageText>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text.as_ref().map_or("", MessageText::as_str))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<MessageText>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let said = (!text.is_empty()).then(|| MessageText::try_from(text));
        said.transpose().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_says_whether_it_asks() {
        for (asks, text) in [
            (false, r#"{"kind":"ended"}"#),
            (true, r#"{"kind":"ended","asks":true}"#),
        ] {
            let end = CustomerBody::Ended { asks };
            assert_eq!(serde_json::to_string(&end).expect("text"), text);
            let read: CustomerBody = serde_json::from_str(text).expect("a line");
            assert_eq!(read, end);
        }
    }

    #[test]
    fn a_line_is_read_as_every_release_wrote_it() {
        let before = r#"{"kind":"mine","text":"Hello","key":"k"}"#;
        let read: CustomerBody = serde_json::from_str(before).expect("a line");
        let hello = CustomerBody::Mine {
            text: MessageText::parse("Hello").ok(),
            files: Vec::new(),
            key: "k".to_owned(),
        };
        assert_eq!(read, hello);
        assert_eq!(serde_json::to_string(&hello).expect("text"), before);
        let with_a_file = r#"{"kind":"mine","text":"","files":[{"id":"f","name":"a.png","media_type":"image/png","size":9}],"key":"k"}"#;
        let read: CustomerBody = serde_json::from_str(with_a_file).expect("a line");
        assert_eq!(serde_json::to_string(&read).expect("text"), with_a_file);
        let of_an_agent = r#"{"kind":"theirs","name":"Amy Adler","text":"Hello"}"#;
        let read: CustomerBody = serde_json::from_str(of_an_agent).expect("a line");
        assert_eq!(serde_json::to_string(&read).expect("text"), of_an_agent);
    }
}
