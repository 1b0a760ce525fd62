//! The rules in memory, ready to be compared with texts.

use regex::Regex;
use shared::alerts::{AlertCondition, AlertKind, AlertRule, is_in_capitals};
use shared::search::Phrases;

use crate::pattern::compile;

/// What a rule looks for in a text.
enum Matcher {
    Words(Phrases),
    Pattern(Box<Regex>),
    Capitals { share: i64, letters: i64 },
}

impl Matcher {
    fn of(rule: &AlertRule) -> Option<Self> {
        match &rule.condition {
            AlertCondition::Words(words) => Phrases::parse(words).ok().map(Matcher::Words),
            AlertCondition::Pattern(pattern) => match compile(pattern) {
                Ok(pattern) => Some(Matcher::Pattern(Box::new(pattern))),
                Err(problem) => {
                    tracing::warn!(rule = %rule.id, ?problem, "the pattern of a rule cannot be used");
                    None
                }
            },
            AlertCondition::Capitals { share, letters } => Some(Matcher::Capitals {
                share: *share,
                letters: *letters,
            }),
            AlertCondition::Queued(_)
            | AlertCondition::Unanswered(_)
            | AlertCondition::Handled(_)
            | AlertCondition::ThumbsDown(_) => None,
        }
    }

    fn fits(&self, text: &str) -> bool {
        match self {
            Matcher::Words(phrases) => phrases.found_in(text),
            Matcher::Pattern(pattern) => pattern.is_match(text),
            Matcher::Capitals { share, letters } => is_in_capitals(text, *share, *letters),
        }
    }
}

/// The rules that are switched on.
pub(super) struct Rules {
    /// All of them.
    pub(super) all: Vec<AlertRule>,
    /// Those that search texts, by their place among all.
    texts: Vec<(usize, Matcher)>,
}

impl Rules {
    /// Those of all rules that are switched on.
    pub(super) fn new(mut all: Vec<AlertRule>) -> Self {
        all.retain(|rule| rule.active);
        let texts = all.iter().enumerate();
        let texts = texts.filter_map(|(place, rule)| Some((place, Matcher::of(rule)?)));
        Self {
            texts: texts.collect(),
            all,
        }
    }

    /// Whether any searches what customers write.
    pub(super) fn search_texts(&self) -> bool {
        !self.texts.is_empty()
    }

    /// The rules that a text fits.
    pub(super) fn fitting(&self, text: &str) -> Vec<&AlertRule> {
        let texts = self.texts.iter();
        let fitting = texts.filter(|(_, matcher)| matcher.fits(text));
        fitting.map(|(place, _)| &self.all[*place]).collect()
    }

    /// Whether there is one that checks this.
    pub(super) fn any(&self, kind: AlertKind) -> bool {
        self.all.iter().any(|rule| rule.condition.kind() == kind)
    }
}
