//! The rules that raise alerts, and what they look at. The browser needs none of it.

use serde::{Deserialize, Serialize};

use crate::error::{AppError, Problem};
use crate::ids::{AlertRuleId, TeamId};
use crate::search::Phrases;
use crate::time::Timestamp;
use crate::workitem::WorkitemState;

/// The most rules that an organisation has switched on.
pub const ALERT_RULES_MAX: i64 = 100;

/// The most words and phrases of one rule.
pub const ALERT_PHRASES_MAX: usize = 50;

/// The longest word or phrase of a rule, in characters.
pub const ALERT_PHRASE_MAX: usize = 80;

/// The longest pattern of a rule, in characters.
pub const ALERT_PATTERN_MAX: usize = 500;

/// The fewest and the most minutes of a rule: up to a week.
pub const ALERT_MINUTES: (i64, i64) = (1, 10_080);

/// The fewest and the most thumbs-down of a rule.
pub const ALERT_THUMBS: (i64, i64) = (1, 50);

/// The least and the greatest share of capital letters of a rule, in percent.
pub const ALERT_SHARE: (i64, i64) = (50, 100);

/// The fewest and the most letters from which on a rule looks at a text.
pub const ALERT_LETTERS: (i64, i64) = (4, 500);

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlertKind {
    /// Words and phrases in what the customer writes.
    Words,
    /// A pattern in what the customer writes.
    Pattern,
    /// Capital letters in what the customer writes.
    Capitals,
    /// How long a workitem waits for an agent.
    Queued,
    /// How long a customer waits for the answer of the agent.
    Unanswered,
    /// How long an agent has a workitem.
    Handled,
    /// How often the agent found coaching of no use.
    ThumbsDown,
}

impl AlertKind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [AlertKind; 7] = [
        AlertKind::Words,
        AlertKind::Pattern,
        AlertKind::Capitals,
        AlertKind::Queued,
        AlertKind::Unanswered,
        AlertKind::Handled,
        AlertKind::ThumbsDown,
    ];

    /// The word in the database and in addresses.
    pub fn code(self) -> &'static str {
        match self {
            AlertKind::Words => "words",
            AlertKind::Pattern => "pattern",
            AlertKind::Capitals => "capitals",
            AlertKind::Queued => "queued",
            AlertKind::Unanswered => "unanswered",
            AlertKind::Handled => "handled",
            AlertKind::ThumbsDown => "thumbs_down",
        }
    }

    /// The kind of a code.
    pub fn from_code(code: &str) -> Option<AlertKind> {
        AlertKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// When a rule raises an alert. It is valid: [`AlertCondition::checked`] saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertCondition {
    /// The customer writes one of these words or phrases.
    Words(Vec<String>),
    /// What the customer writes fits this pattern. The host knows how to read it.
    Pattern(String),
    /// The customer writes in capital letters.
    Capitals {
        /// How many of a hundred letters are capital ones.
        share: i64,
        /// From how many letters on.
        letters: i64,
    },
    /// The workitem waits for an agent for longer than this many minutes.
    Queued(i64),
    /// The customer waits for the agent's answer for longer than this many minutes.
    Unanswered(i64),
    /// The agent has the workitem for longer than this many minutes.
    Handled(i64),
    /// The agent gave this many thumbs-down in the workitem.
    ThumbsDown(i64),
}

impl AlertCondition {
    /// What it looks at.
    pub fn kind(&self) -> AlertKind {
        match self {
            AlertCondition::Words(_) => AlertKind::Words,
            AlertCondition::Pattern(_) => AlertKind::Pattern,
            AlertCondition::Capitals { .. } => AlertKind::Capitals,
            AlertCondition::Queued(_) => AlertKind::Queued,
            AlertCondition::Unanswered(_) => AlertKind::Unanswered,
            AlertCondition::Handled(_) => AlertKind::Handled,
            AlertCondition::ThumbsDown(_) => AlertKind::ThumbsDown,
        }
    }

    /// The same if it is within its limits. Whether a pattern can be read, the host finds out.
    ///
    /// # Errors
    /// `Invalid` with the field and the limit.
    pub fn checked(mut self) -> Result<Self, AppError> {
        match &mut self {
            AlertCondition::Words(phrases) => {
                for phrase in phrases.iter_mut() {
                    *phrase = phrase.trim().to_owned();
                }
                phrases.retain(|phrase| !phrase.is_empty());
                checked_phrases(phrases)?;
            }
            AlertCondition::Pattern(pattern) => {
                *pattern = pattern.trim().to_owned();
                let (length, max) = (pattern.chars().count(), ALERT_PATTERN_MAX);
                if length == 0 {
                    let max = max as i64;
                    return Err(AppError::invalid("pattern", Problem::Empty { max }));
                }
                short_enough("pattern", length, max)?;
            }
            AlertCondition::Capitals { share, letters } => {
                within("share", *share, ALERT_SHARE)?;
                within("letters", *letters, ALERT_LETTERS)?;
            }
            AlertCondition::Queued(minutes)
            | AlertCondition::Unanswered(minutes)
            | AlertCondition::Handled(minutes) => within("minutes", *minutes, ALERT_MINUTES)?,
            AlertCondition::ThumbsDown(count) => within("count", *count, ALERT_THUMBS)?,
        }
        Ok(self)
    }

    /// Whether what an alert of it is about lasts no longer. `about`: what the alert says it is about.
    pub fn is_over(&self, about: i64, now: &AlertFacts) -> bool {
        match self {
            AlertCondition::Words(_)
            | AlertCondition::Pattern(_)
            | AlertCondition::Capitals { .. } => {
                // Answered, or over without an answer.
                now.waiting_since.is_none_or(|since| since.0 > about) || !now.is_open()
            }
            AlertCondition::Queued(_) => now.state != WorkitemState::Queued,
            AlertCondition::Unanswered(_) => {
                now.state != WorkitemState::Active
                    || now.waiting_since.is_none_or(|since| since.0 > about)
            }
            AlertCondition::Handled(_) => !now.state.is_at_agent() || now.given_at.0 != about,
            AlertCondition::ThumbsDown(count) => {
                !now.state.is_at_agent() || now.thumbs_down < *count
            }
        }
    }
}

/// A number of a condition as it is typed, within the limits of its field. Each field is judged without the others, so that a form can
/// name all that are wrong.
///
/// # Errors
/// `NotANumber`, or `OutOfRange` with the limits.
pub fn typed_number(field: &'static str, text: &str, limits: (i64, i64)) -> Result<i64, AppError> {
    let number = text.trim().parse::<i64>();
    let number = number.map_err(|_| AppError::invalid(field, Problem::NotANumber))?;
    within(field, number, limits)?;
    Ok(number)
}

fn checked_phrases(phrases: &[String]) -> Result<(), AppError> {
    if phrases.is_empty() {
        let max = ALERT_PHRASE_MAX as i64;
        return Err(AppError::invalid("words", Problem::Empty { max }));
    }
    if phrases.len() > ALERT_PHRASES_MAX {
        let max = ALERT_PHRASES_MAX as i64;
        return Err(AppError::invalid("words", Problem::TooMany { max }));
    }
    for phrase in phrases {
        short_enough("words", phrase.chars().count(), ALERT_PHRASE_MAX)?;
    }
    Phrases::parse(phrases).map_err(|problem| AppError::invalid("words", problem))?;
    Ok(())
}

fn short_enough(field: &'static str, length: usize, max: usize) -> Result<(), AppError> {
    let (max, actual) = (max as i64, length as i64);
    match actual > max {
        true => Err(AppError::invalid(field, Problem::TooLong { max, actual })),
        false => Ok(()),
    }
}

fn within(field: &'static str, actual: i64, (min, max): (i64, i64)) -> Result<(), AppError> {
    match (min..=max).contains(&actual) {
        true => Ok(()),
        false => Err(AppError::invalid(
            field,
            Problem::OutOfRange { min, max, actual },
        )),
    }
}

/// Whether a text is written in capital letters. Scripts that have none count for nothing.
pub fn is_in_capitals(text: &str, share: i64, letters: i64) -> bool {
    let (mut upper, mut all) = (0_i64, 0_i64);
    for c in text.chars() {
        upper += i64::from(c.is_uppercase());
        all += i64::from(c.is_uppercase() || c.is_lowercase());
    }
    all >= letters && upper * 100 >= share * all
}

/// What is known of a workitem when an alert is raised or settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertFacts {
    /// Where it stands.
    pub state: WorkitemState,
    /// Since when its customer waits.
    pub waiting_since: Option<Timestamp>,
    /// Since when its agent has it.
    pub given_at: Timestamp,
    /// How often its agent found coaching of no use.
    pub thumbs_down: i64,
}

impl AlertFacts {
    fn is_open(&self) -> bool {
        self.state != WorkitemState::Closed
    }
}

/// A rule as its administrators keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRule {
    /// Which.
    pub id: AlertRuleId,
    /// What supervisors read of it; unique among the rules for the same team.
    pub name: String,
    /// The team whose workitems it looks at; those of every team where there is none.
    pub team: Option<TeamId>,
    /// When it raises an alert.
    pub condition: AlertCondition,
    /// Whether it is switched on.
    pub active: bool,
    /// Counts its edits.
    pub version: i64,
}

impl AlertRule {
    /// Whether it looks at workitems of a team.
    pub fn is_for(&self, team: &TeamId) -> bool {
        self.active && self.team.as_ref().is_none_or(|own| own == team)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(condition: AlertCondition) -> Option<(String, Problem)> {
        match condition.checked() {
            Err(AppError::Invalid { field, problem }) => Some((field, problem)),
            _ => None,
        }
    }

    #[test]
    fn capital_letters_are_counted_in_every_script_that_has_them() {
        for text in [
            "WHERE IS MY SOFA???",
            "ГДЕ МОЙ ДИВАН",
            "ΠΟΥ ΕΙΝΑΙ Ο ΚΑΝΑΠΕΣ",
            "WO BLEIBT MEIN GERÄT",
            "ՈՐՏԵՂ Է ԻՄ ԲԱԶՄՈՑԸ",
        ] {
            assert!(is_in_capitals(text, 80, 10), "{text}");
            assert!(!is_in_capitals(&text.to_lowercase(), 80, 10), "{text}");
        }
        for text in [
            "أين أريكتي الآن من فضلك",
            "我的沙发在哪里我的沙发在哪里",
            "12345678901234",
        ] {
            assert!(!is_in_capitals(text, 80, 4), "{text}");
        }
        assert!(!is_in_capitals("OK", 80, 10), "too short to be loud");
        assert!(!is_in_capitals("Order AB-1234 of the IKEA type", 80, 10));
        assert!(is_in_capitals("WHERE IS it", 70, 8));
    }

    #[test]
    fn e34_words_are_found_whatever_their_accents_and_case() {
        let phrases = |list: &[&str]| {
            let list: Vec<String> = list.iter().map(|one| (*one).to_owned()).collect();
            Phrases::parse(&list).expect("phrases")
        };
        let rule = phrases(&["Kündigung", "money back", "lawyer*", "退款"]);
        for text in [
            "eine KUENDIGUNG? nein: eine kundigung",
            "I want my money  BACK!",
            "My lawyers will write",
            "我要退款。",
            "Ku\u{308}ndigung",
        ] {
            assert!(rule.found_in(text), "{text}");
        }
        for text in ["back with my money", "flawyer", "", "?!"] {
            assert!(!rule.found_in(text), "{text}");
        }
        assert!(!phrases(&["cafe"]).found_in("cafes"));
        assert!(phrases(&["cafe"]).found_in("Le CAFÉ."));
    }

    #[test]
    fn what_is_out_of_its_limits_is_refused_with_field_and_limit() {
        let (min, max) = ALERT_MINUTES;
        let range = |actual| Problem::OutOfRange { min, max, actual };
        let minutes = |problem| Some(("minutes".to_owned(), problem));
        assert_eq!(problem(AlertCondition::Queued(0)), minutes(range(0)));
        let long = AlertCondition::Handled(10_081);
        assert_eq!(problem(long), minutes(range(10_081)));
        let empty = |max: usize| Problem::Empty { max: max as i64 };
        let blank = AlertCondition::Pattern("  ".to_owned());
        let of_pattern = Some(("pattern".to_owned(), empty(ALERT_PATTERN_MAX)));
        assert_eq!(problem(blank), of_pattern);
        let blank = AlertCondition::Words(vec![" ".to_owned()]);
        let of_words = Some(("words".to_owned(), empty(ALERT_PHRASE_MAX)));
        assert_eq!(problem(blank), of_words);
        let signs = AlertCondition::Words(vec!["?!".to_owned()]);
        assert_eq!(problem(signs), Some(("words".to_owned(), Problem::NoWord)));
        let many = AlertCondition::Words(vec!["x".to_owned(); ALERT_PHRASES_MAX + 1]);
        let max = ALERT_PHRASES_MAX as i64;
        let too_many = Some(("words".to_owned(), Problem::TooMany { max }));
        assert_eq!(problem(many), too_many);
        let fits = AlertCondition::Capitals {
            share: 100,
            letters: 4,
        };
        assert_eq!(problem(fits), None);
    }

    #[test]
    fn an_alert_lasts_as_long_as_what_it_is_about() {
        let now = |state, waiting: Option<i64>| AlertFacts {
            state,
            waiting_since: waiting.map(Timestamp),
            given_at: Timestamp(5),
            thumbs_down: 2,
        };
        use WorkitemState::{Active, Closed, Queued, WrapUp};
        let words = AlertCondition::Words(vec!["x".to_owned()]);
        assert!(!words.is_over(10, &now(Active, Some(10))));
        assert!(!words.is_over(10, &now(Queued, Some(8))));
        assert!(words.is_over(10, &now(Active, None)), "answered");
        assert!(words.is_over(10, &now(Active, Some(11))), "and asked again");
        assert!(words.is_over(10, &now(Closed, Some(10))));
        let queued = AlertCondition::Queued(1);
        assert!(!queued.is_over(10, &now(Queued, None)));
        assert!(queued.is_over(10, &now(Active, Some(10))));
        let unanswered = AlertCondition::Unanswered(1);
        assert!(!unanswered.is_over(10, &now(Active, Some(10))));
        assert!(unanswered.is_over(10, &now(Queued, Some(10))));
        let handled = AlertCondition::Handled(1);
        assert!(!handled.is_over(5, &now(WrapUp, None)));
        assert!(
            handled.is_over(4, &now(Active, None)),
            "somebody else's now"
        );
        assert!(handled.is_over(5, &now(Queued, None)));
        assert!(!AlertCondition::ThumbsDown(2).is_over(2, &now(Active, None)));
        assert!(AlertCondition::ThumbsDown(3).is_over(3, &now(Active, None)));
    }
}
