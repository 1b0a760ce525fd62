//! What was typed into the form of a receiver.

use crate::http::forms::value;

/// What was typed into a form that was refused.
pub(super) struct Typed {
    pub(super) act: String,
    pub(super) key: String,
    pub(super) version: String,
    pub(super) base: String,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) events: Vec<String>,
    pub(super) teams: Vec<String>,
}

impl Typed {
    /// As it was sent.
    pub(super) fn of(fields: &[(String, String)]) -> Self {
        let text = |name| value(fields, name).to_owned();
        let chosen = |field| {
            let chosen = fields.iter().filter(move |(name, _)| name == field);
            chosen.map(|(_, value)| value.clone()).collect()
        };
        Self {
            act: text("act"),
            key: text("key"),
            version: text("version"),
            base: text("base"),
            name: text("name"),
            url: text("url"),
            events: chosen("event"),
            teams: chosen("team"),
        }
    }
}
