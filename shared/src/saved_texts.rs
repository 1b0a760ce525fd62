//! Texts that people keep to use again: answers to customers, and coaching.

use serde::{Deserialize, Serialize};

use crate::ids::{SavedTextId, TeamId};

/// The most texts that one person or one team keeps.
pub const SAVED_TEXTS_MAX: i64 = 200;

/// Whom a saved text is written for. It is offered in boxes for them alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedFor {
    /// Customers.
    Customer,
    /// Agents, as coaching.
    Coaching,
}

impl SavedFor {
    /// All of them, in the order in which they are offered.
    pub const ALL: [SavedFor; 2] = [SavedFor::Customer, SavedFor::Coaching];

    /// The word in the database and on the wire.
    pub fn code(self) -> &'static str {
        match self {
            SavedFor::Customer => "customer",
            SavedFor::Coaching => "coaching",
        }
    }

    /// The one with this word.
    pub fn from_code(code: &str) -> Option<SavedFor> {
        SavedFor::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A saved text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedText {
    /// Which.
    pub id: SavedTextId,
    /// Whom it is written for.
    pub written_for: SavedFor,
    /// The team that shares it; nobody but its owner uses one without.
    pub team: Option<SavedTextTeam>,
    /// What it is called.
    pub title: String,
    /// The text, with placeholders.
    pub text: String,
    /// Counts its edits.
    pub version: i64,
}

/// A team that shares a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedTextTeam {
    /// Which.
    pub id: TeamId,
    /// Its name.
    pub name: String,
}

/// What stands for the placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placeholders<'a> {
    /// The agent's name.
    pub agent: &'a str,
    /// The customer's name.
    pub customer: &'a str,
    /// What the workitem is about.
    pub subject: &'a str,
}

/// The placeholders as they are typed.
pub const PLACEHOLDERS: [&str; 3] = ["{agent}", "{customer}", "{subject}"];

/// A text with its placeholders filled in. What they are filled with is not looked through again, and braces that are no
/// placeholder stay.
pub fn filled(text: &str, with: Placeholders<'_>) -> String {
    let values = [with.agent, with.customer, with.subject];
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        filled.push_str(before);
        let found = PLACEHOLDERS.iter().position(|name| from.starts_with(name));
        let taken = match found {
            Some(place) => {
                filled.push_str(values[place]);
                PLACEHOLDERS[place].len()
            }
            None => {
                filled.push('{');
                1
            }
        };
        rest = &from[taken..];
    }
    filled.push_str(rest);
    filled
}

/// What looks like a placeholder in a text and is none, each once, in its order: a word in braces.
pub fn unknown_placeholders(text: &str) -> Vec<&str> {
    let mut unknown = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find('{') {
        let from = &rest[begin..];
        let Some(end) = from.find('}') else { break };
        let (found, behind) = from.split_at(end + 1);
        let word = &found[1..end];
        if word.contains('{') {
            // The last brace before the end begins the word.
            rest = &from[1..];
            continue;
        }
        let is_word = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_word && !PLACEHOLDERS.contains(&found) && !unknown.contains(&found) {
            unknown.push(found);
        }
        rest = behind;
    }
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_braces_that_is_no_placeholder_is_named_once() {
        for (text, expected) in [
            ("Hello {customer}, {agent} here.", &[] as &[&str]),
            (
                "Hi {nobody}, {Customer}, {nobody}",
                &["{nobody}", "{Customer}"],
            ),
            ("{} { agent } {a b} {{größe} {", &["{größe}"]),
        ] {
            assert_eq!(unknown_placeholders(text), expected, "{text}");
        }
    }

    #[test]
    fn placeholders_are_filled_in_once_and_other_braces_stay() {
        let with = Placeholders {
            agent: "Amy",
            customer: "{agent} {",
            subject: "Sofa",
        };
        for (text, expected) in [
            ("", ""),
            (
                "Hello {customer}, {agent} here.",
                "Hello {agent} {, Amy here.",
            ),
            ("{subject}{subject}", "SofaSofa"),
            ("{Agent} {name} {{agent}} {", "{Agent} {name} {Amy} {"),
            ("ä{agent}ö{", "äAmyö{"),
        ] {
            assert_eq!(filled(text, with), expected, "{text}");
        }
    }
}
