//! The history: what is asked of it, and what is found in it.

use serde::{Deserialize, Serialize};

#[cfg(not(target_arch = "wasm32"))]
use crate::audit::{day, day_after, unreadable, zone};
#[cfg(not(target_arch = "wasm32"))]
use crate::error::{AppError, Problem};
#[cfg(not(target_arch = "wasm32"))]
use crate::fold::folded;
#[cfg(not(target_arch = "wasm32"))]
use crate::rating::RatingBand;
use crate::reviews::Review;
#[cfg(not(target_arch = "wasm32"))]
use crate::reviews::ReviewState;
#[cfg(not(target_arch = "wasm32"))]
use crate::search::Search;
use crate::time::Timestamp;
use crate::transcript::Conversation;
use crate::workitem::Workitem;
#[cfg(not(target_arch = "wasm32"))]
use crate::workitem::{Channel, WorkitemState};

/// The longest name that is asked for, in characters.
#[cfg(not(target_arch = "wasm32"))]
const NAME_MAX: usize = 80;

/// What is asked of the history, as it stands in the address of its page. An empty text asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryQuery {
    /// What was said: words, "phrases" and `beginnings*`.
    pub words: String,
    /// `1`: coaching is searched as well.
    pub coaching: String,
    /// Beginnings of words of the customer's name.
    pub customer: String,
    /// Of what no words are asked: the beginning of a word of the customer's name, or part of the subject. It stands in no address.
    #[serde(default)]
    pub about: String,
    /// The username of the agent, or part of the name.
    pub agent: String,
    /// The channel's code.
    pub channel: String,
    /// The state's code.
    pub state: String,
    /// Part of the name of a label.
    #[serde(default)]
    pub label: String,
    /// Scores that the customer gave, as a band of them is called: `4-5`.
    #[serde(default)]
    pub rating: String,
    /// The code of a state of reviews.
    #[serde(default)]
    pub review: String,
    /// `any`, or what became of a request for assistance.
    #[serde(default)]
    pub request: String,
    /// What an agent made of coaching: `thumbs_up`, `thumbs_down` or `forwarded`.
    #[serde(default)]
    pub reaction: String,
    /// The first day, as `2026-11-26`.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The time zone of the days, as `Europe/Berlin`. Without one they are in UTC.
    #[serde(default)]
    pub zone: String,
    /// Where the page before ended: only what is older.
    pub before: String,
}

impl HistoryQuery {
    /// From an address of which `value` answers the value of a name.
    pub fn of(value: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name| value(name).unwrap_or_default().trim().to_owned();
        Self {
            words: text("words"),
            coaching: text("coaching"),
            customer: text("customer"),
            about: String::new(),
            agent: text("agent"),
            channel: text("channel"),
            state: text("state"),
            label: text("label"),
            rating: text("rating"),
            review: text("review"),
            request: text("request"),
            reaction: text("reaction"),
            from: text("from"),
            to: text("to"),
            zone: text("zone"),
            before: text("before"),
        }
    }

    /// What it asks for. `Invalid` names the field that cannot be read.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn parse(&self) -> Result<Asked, AppError> {
        let search = Search::parse(&self.words);
        let search = search.map_err(|problem| AppError::invalid("words", problem))?;
        let zone = zone(&self.zone)?;
        let before = match &self.before[..] {
            "" => HistoryCursor::NEWEST,
            place => HistoryCursor::parse(place).ok_or_else(|| unreadable("before", place))?,
        };
        Ok(Asked {
            search,
            coaching: match &self.coaching[..] {
                "" | "0" => false,
                "1" => true,
                other => return Err(unreadable("coaching", other)),
            },
            about: name("about", &self.about)?,
            filter: HistoryFilter {
                customer: name("customer", &self.customer)?,
                agent: name("agent", &self.agent)?,
                channel: code("channel", &self.channel, Channel::from_code)?,
                state: code("state", &self.state, WorkitemState::from_code)?,
                label: name("label", &self.label)?,
                rating: code("rating", &self.rating, RatingBand::from_code)?,
                review: code("review", &self.review, ReviewState::from_code)?,
                request: code("request", &self.request, RequestFilter::from_code)?,
                reaction: code("reaction", &self.reaction, CoachingFilter::from_code)?,
                from: day(&self.from, "from", &zone)?.unwrap_or(Timestamp(0)),
                to: day_after(&self.to, "to", &zone)?.unwrap_or(Timestamp(i64::MAX)),
            },
            before,
        })
    }
}

/// What the history is searched for.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What was said; without it workitems are listed.
    pub search: Option<Search>,
    /// Whether coaching is searched as well.
    pub coaching: bool,
    /// Part of the customer's name or of the subject, where workitems are listed; empty: any.
    pub about: String,
    /// In which workitems.
    pub filter: HistoryFilter,
    /// Only what stands before it.
    pub before: HistoryCursor,
}

/// Which workitems are searched.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Beginnings of words of the customer's name; empty: any.
    pub customer: String,
    /// A username or part of a name; empty: any.
    pub agent: String,
    /// Only of this channel.
    pub channel: Option<Channel>,
    /// Only in this state.
    pub state: Option<WorkitemState>,
    /// Part of the name of a label; empty: any or none.
    pub label: String,
    /// Only with one of these scores.
    pub rating: Option<RatingBand>,
    /// Only what is flagged for review, or was reviewed.
    pub review: Option<ReviewState>,
    /// Only where a request for assistance is or was.
    pub request: Option<RequestFilter>,
    /// Only with coaching of which its agent made this.
    pub reaction: Option<CoachingFilter>,
    /// The earliest time.
    pub from: Timestamp,
    /// The first time that is too late.
    pub to: Timestamp,
}

/// What became of a request for assistance that a workitem had.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestFilter {
    /// It makes no difference.
    Any,
    /// It is open; somebody may have claimed it.
    Open,
    /// It was answered, coached or marked as handled.
    Done,
    /// The agent took it back.
    Withdrawn,
    /// What it was about is over, or nobody is left who could answer.
    Lapsed,
}

#[cfg(not(target_arch = "wasm32"))]
impl RequestFilter {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Any,
        Self::Open,
        Self::Done,
        Self::Withdrawn,
        Self::Lapsed,
    ];

    /// The word in an address.
    pub fn code(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Open => "open",
            Self::Done => "done",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }

    /// The one with this word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.code() == code)
    }
}

/// What an agent made of coaching.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoachingFilter {
    /// It has a thumbs-up.
    ThumbsUp,
    /// It has a thumbs-down.
    ThumbsDown,
    /// It went to the customer.
    Forwarded,
}

#[cfg(not(target_arch = "wasm32"))]
impl CoachingFilter {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::ThumbsUp, Self::ThumbsDown, Self::Forwarded];

    /// The word in an address.
    pub fn code(self) -> &'static str {
        match self {
            Self::ThumbsUp => "thumbs_up",
            Self::ThumbsDown => "thumbs_down",
            Self::Forwarded => "forwarded",
        }
    }

    /// The one with this word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.code() == code)
    }
}

/// A place in the history: only what stands before it is read. A number of the order of time, and an id where workitems are listed.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryCursor(pub i64, pub String);

#[cfg(not(target_arch = "wasm32"))]
impl HistoryCursor {
    /// Behind everything.
    pub const NEWEST: Self = Self(i64::MAX, String::new());

    /// As it stands in the address.
    pub fn text(&self) -> String {
        match self.1.is_empty() {
            true => self.0.to_string(),
            false => format!("{}.{}", self.0, self.1),
        }
    }

    /// From the address.
    fn parse(text: &str) -> Option<Self> {
        let (number, id) = text.split_once('.').unwrap_or((text, ""));
        let known = id.len() <= 80 && id.is_ascii();
        Some(Self(number.parse().ok().filter(|_| known)?, id.to_owned()))
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn code<T>(
    field: &str,
    text: &str,
    from_code: fn(&str) -> Option<T>,
) -> Result<Option<T>, AppError> {
    match text {
        "" => Ok(None),
        text => Ok(Some(
            from_code(text).ok_or_else(|| unreadable(field, text))?,
        )),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn name(field: &str, text: &str) -> Result<String, AppError> {
    let actual = text.chars().count();
    if actual > NAME_MAX {
        let (max, actual) = (NAME_MAX as i64, actual as i64);
        return Err(AppError::invalid(field, Problem::TooLong { max, actual }));
    }
    // A mark that nobody sees would be in every name.
    if !text.trim().is_empty() && folded(text).is_empty() {
        return Err(AppError::invalid(field, Problem::NoWord));
    }
    Ok(text.to_owned())
}

/// One page of what was found, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// What was found.
    #[serde(deserialize_with = "crate::lenient::list")]
    pub hits: Vec<HistoryHit>,
    /// For [`HistoryQuery::before`]; nothing when there is nothing older.
    pub next: Option<String>,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryHit {
    /// In which workitem.
    pub workitem: Workitem,
    /// What was said there; nothing where workitems are listed.
    pub entry: Option<FoundEntry>,
    /// Its latest flag for review; nothing where there is none, and for those who may not review it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Box<Review>>,
}

/// An entry in which words were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundEntry {
    /// Its number in the workitem.
    pub seq: i64,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it, by the name of then.
    pub name: String,
    /// Whether it is coaching.
    pub coaching: bool,
    /// Whether it is a note for staff.
    #[serde(default)]
    pub note: bool,
    /// Part of it, in pieces: whether each was searched for, and its words.
    pub excerpt: Vec<(bool, String)>,
}

/// A conversation that is read without being followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryReading {
    /// Which.
    pub workitem: Workitem,
    /// What was said; nothing while an agent has it: then it is read where its agent is notified.
    pub conversation: Option<Conversation>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> HistoryQuery {
        HistoryQuery::of(|name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn an_address_says_what_is_asked_of_the_history() {
        let asked = query(&[
            ("words", " refund "),
            ("coaching", "1"),
            ("customer", "Zoë"),
            ("channel", "sms"),
            ("state", "closed"),
            ("rating", "4-5"),
            ("request", "lapsed"),
            ("reaction", "thumbs_down"),
            ("from", "2026-11-25"),
            ("to", "2026-11-26"),
            ("before", "17"),
        ]);
        let asked = asked.parse().expect("a query");
        assert_eq!(asked.search.map(|search| search.terms.len()), Some(1));
        assert!(asked.coaching);
        let HistoryFilter {
            customer,
            channel,
            state,
            rating,
            request,
            reaction,
            from,
            to,
            ..
        } = asked.filter;
        assert_eq!(customer, "Zoë");
        assert_eq!(
            (channel, state),
            (Some(Channel::Sms), Some(WorkitemState::Closed))
        );
        assert_eq!(rating, Some(RatingBand::High));
        assert_eq!(
            (request, reaction),
            (
                Some(RequestFilter::Lapsed),
                Some(CoachingFilter::ThumbsDown)
            )
        );
        assert_eq!(from.rfc3339(), "2026-11-25T00:00:00.000Z");
        assert_eq!(to.rfc3339(), "2026-11-27T00:00:00.000Z");
        assert_eq!(asked.before, HistoryCursor(17, String::new()));
        let everything = query(&[]).parse().expect("a query");
        assert_eq!(
            (everything.search, everything.before),
            (None, HistoryCursor::NEWEST)
        );
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let asked = query(&[
            ("from", "2026-10-25"),
            ("to", "2026-10-25"),
            ("zone", "Europe/Berlin"),
        ]);
        let HistoryFilter { from, to, .. } = asked.parse().expect("a query").filter;
        // The clock is put back, a day of 25 hours.
        assert_eq!(from.rfc3339(), "2026-10-24T22:00:00.000Z");
        assert_eq!(to.rfc3339(), "2026-10-25T23:00:00.000Z");
    }

    #[test]
    fn the_next_page_begins_where_this_one_ends() {
        for place in [
            HistoryCursor(-5, String::new()),
            HistoryCursor(5, "wi-1".to_owned()),
        ] {
            assert_eq!(HistoryCursor::parse(&place.text()), Some(place));
        }
        let long = format!("1.{}", "x".repeat(81));
        for text in ["x", "1.é", ".", "1e3", &long] {
            assert_eq!(HistoryCursor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let long = "x".repeat(81);
        for (field, text) in [
            ("words", "?!"),
            ("words", "\u{301}"),
            ("customer", "\u{200D}"),
            ("agent", "\u{FE0F}"),
            ("label", "\u{64B}"),
            ("coaching", "yes"),
            ("customer", &long[..]),
            ("agent", &long[..]),
            ("channel", "pigeon"),
            ("state", "lost"),
            ("rating", "6"),
            ("review", "perhaps"),
            ("request", "overdue"),
            ("request", "Open"),
            ("reaction", "thumbs-up"),
            ("from", "yesterday"),
            ("to", "2026-02-30"),
            ("zone", "Europe/Atlantis"),
            ("before", "newest"),
        ] {
            let refused = query(&[(field, text)]).parse().expect_err(text);
            assert!(
                matches!(&refused, AppError::Invalid { field: named, .. } if named == field),
                "{refused:?}"
            );
        }
    }
}
