//! Validated texts. A value of one of these types has been checked: parse at the edge, once.

mod limit;
mod password;
mod visible;

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{AppError, Problem};

pub use self::limit::TextLimit;
pub use self::password::{PASSWORD_MAX, PASSWORD_MIN, Password, TypedPassword};
pub use self::visible::is_visible;

/// The longest message to a customer, to an agent or to a colleague, in characters.
pub const MESSAGE_MAX: usize = 4_000;
/// The longest text message that a provider takes, in characters.
pub const TEXT_MESSAGE_MAX: usize = 1_600;
/// The longest text of an assistance template, in characters.
pub const TEMPLATE_MAX: usize = 280;
/// The longest greeting of a chat page, in characters.
pub const GREETING_MAX: usize = 500;
/// The longest comment beside a rating, in characters.
pub const RATING_COMMENT_MAX: usize = 500;
/// The longest comment of a flag for review, in characters.
pub const REVIEW_COMMENT_MAX: usize = 500;
/// The longest title, name or subject, in characters.
pub const NAME_MAX: usize = 80;
/// The shortest username, in characters.
pub const USERNAME_MIN: usize = 2;
/// The longest username, in characters.
pub const USERNAME_MAX: usize = 40;
/// The most characters of what an identity provider calls a user: an address has no more (RFC 5321).
pub const PROVIDER_NAME_MAX: usize = 254;
/// The most characters of an identity provider's own id of a user.
pub const EXTERNAL_ID_MAX: usize = 255;

/// Checks a text of several lines, as it is sent and stored: see [`tidy`].
fn checked_lines(field: &str, raw: &str, max: usize) -> Result<String, AppError> {
    let taken = without_marks(raw);
    checked(field, &taken, 0..end_of_lines(&taken), max, true)
}

/// Checks a text or a name of one line. What stands around it is taken off.
fn checked_line(field: &str, raw: &str, max: usize) -> Result<String, AppError> {
    let taken = without_marks(raw);
    let outer = |c| c == TAKEN || is_outer_blank(c);
    let start = taken.len() - taken.trim_start_matches(outer).len();
    let end = taken.trim_end_matches(outer).len();
    checked(field, &taken, start..end, max, false)
}

/// Counts characters (not bytes), refuses what nobody would see, and control characters with their place.
fn checked(
    field: &str,
    taken: &str,
    within: Range<usize>,
    max: usize,
    lines: bool,
) -> Result<String, AppError> {
    let count = |characters: usize| characters as i64;
    if let Some(problem) = forbidden(taken, &within, lines) {
        return Err(AppError::invalid(field, problem));
    }
    let text = taken.get(within).unwrap_or_default().replace(TAKEN, "");
    if !is_visible(&text) {
        return Err(AppError::invalid(field, Problem::Empty { max: count(max) }));
    }
    let length = text.chars().count();
    if length > max {
        let problem = Problem::TooLong {
            max: count(max),
            actual: count(length),
        };
        return Err(AppError::invalid(field, problem));
    }
    Ok(text)
}

/// A text of a release before, as it is read from where it is stored: it was checked when it came, by the rules of
/// its day, and nobody can write it again.
fn stored(text: String, max: usize) -> Option<String> {
    let sound = !text.trim().is_empty() && text.chars().count() <= max;
    (sound && !text.chars().any(|c| is_forbidden(c, true))).then_some(text)
}

/// A text of several lines as it is sent: line breaks of every kind as `\n`, without the invisible marks of direction
/// that come along when a number is copied, and without blanks at its end. Its first line keeps its indentation.
pub fn tidy(raw: &str) -> String {
    let taken = without_marks(raw);
    taken[..end_of_lines(&taken)].replace(TAKEN, "")
}

/// A text or a name of one line as it is stored.
pub fn tidy_line(raw: &str) -> String {
    let text = without_marks(raw).replace(TAKEN, "");
    text.trim_matches(is_outer_blank).to_owned()
}

/// A text of several lines as one line.
pub fn one_line(raw: &str) -> String {
    with_plain_line_breaks(raw).replace(['\n', '\t'], " ")
}

fn end_of_lines(taken: &str) -> usize {
    let outer = |c: char| c == TAKEN || c.is_whitespace();
    taken.trim_end_matches(outer).len()
}

/// How many characters of a text of several lines count; none, when nobody would see any of it.
pub fn visible_length(raw: &str) -> usize {
    let text = tidy(raw);
    if is_visible(&text) {
        text.chars().count()
    } else {
        0
    }
}

/// Line breaks of every kind as `\n`: of Windows, the vertical tab of word processors, Unicode's own.
fn with_plain_line_breaks(raw: &str) -> String {
    raw.replace("\r\n", "\n").replace(
        ['\r', '\u{B}', '\u{C}', '\u{85}', '\u{2028}', '\u{2029}'],
        "\n",
    )
}

/// Stands where a mark was taken out, so that the place of what follows can be named. No text has it: Unicode keeps it
/// for uses within a program.
const TAKEN: char = '\u{FDD0}';

/// Takes out isolates, which this program sets around names, and every mark of direction beside a number: address books
/// put them there. Elsewhere an override makes a text read as something else than it says, and is refused.
fn without_marks(raw: &str) -> String {
    let mut text = with_plain_line_breaks(raw);
    if !text.contains(is_mark) {
        return text;
    }
    let mut rest = std::mem::take(&mut text);
    while !rest.is_empty() {
        let end = rest.find(|c| !is_part_of_number(c));
        let after = rest.split_off(end.unwrap_or(rest.len()));
        let has_digits = rest.contains(char::is_numeric);
        let is_taken = |c: char| is_isolate(c) || (has_digits && is_mark(c));
        text.extend(rest.chars().map(|c| if is_taken(c) { TAKEN } else { c }));
        rest = after;
        let end = rest.find(is_part_of_number);
        let after = rest.split_off(end.unwrap_or(rest.len()));
        text.push_str(&rest);
        rest = after;
    }
    text
}

/// Puts a name or text that may run from right to left between isolates, so that it is laid out for itself and moves no
/// word beside it: in titles, labels and sentences, where markup cannot do it.
pub fn isolated(text: &str) -> Cow<'_, str> {
    if text.contains(runs_to_the_left) {
        ["\u{2068}", text, "\u{2069}"].concat().into()
    } else {
        text.into()
    }
}

/// Names with commas between them, each laid out for itself.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names = names.into_iter().map(isolated);
    names.collect::<Vec<_>>().join(", ")
}

/// Whether the sign belongs to a script that is written from right to left, or is a mark of direction.
fn runs_to_the_left(c: char) -> bool {
    is_mark(c)
        || matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
        || matches!(c, '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// What people write numbers with, and the marks around them.
fn is_part_of_number(c: char) -> bool {
    c.is_numeric() || is_mark(c) || (c != '\n' && is_number_separator(c)) || "+*#,:".contains(c)
}

/// What stands between the digits of a number: blanks, dashes, dots, slashes, brackets.
pub(crate) fn is_number_separator(c: char) -> bool {
    c.is_whitespace()
        || "-./()[]\u{AD}\u{B7}\u{2022}\u{2024}\u{2027}\u{30FB}\u{FF65}".contains(c)
        || matches!(
            c,
            '\u{2010}'
                ..='\u{2015}' | '\u{2043}' | '\u{2044}' | '\u{2212}' | '\u{2215}' | '\u{30FC}'
        )
        || matches!(
            c,
            '\u{FE58}' | '\u{FE63}' | '\u{FF08}' | '\u{FF09}' | '\u{FF0D}'
                ..='\u{FF0F}' | '\u{FF3B}' | '\u{FF3D}'
        )
}

/// Marks, embeddings, overrides and isolates of direction.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
    ) || is_isolate(c)
}

fn is_isolate(c: char) -> bool {
    matches!(c, '\u{2066}'..='\u{2069}')
}

/// The first sign that may not stand there, with its place.
fn forbidden(taken: &str, within: &Range<usize>, lines: bool) -> Option<Problem> {
    let (mut line, mut place) = (1, 0);
    for (at, c) in taken.char_indices() {
        place += 1;
        if within.contains(&at) && is_forbidden(c, lines) {
            let sign = format!("U+{:04X}", u32::from(c));
            return Some(Problem::ControlCharacters { line, place, sign });
        }
        if c == '\n' {
            (line, place) = (line + 1, 0);
        }
    }
    None
}

fn is_forbidden(c: char, lines: bool) -> bool {
    (c.is_control() && !(lines && (c == '\n' || c == '\t')))
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Blanks around a name, and signs that are as good as blanks. What joins or colours the signs of an emoji is none.
pub(crate) fn is_outer_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        )
        || matches!(
            c,
            '\u{2060}' | '\u{2800}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        )
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident($field:literal, $max:expr, $check:ident)),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Tidies and checks. The error names the field, the limit, and the place of what is refused.
            pub fn parse(raw: &str) -> Result<Self, AppError> {
                $check($field, raw, $max).map(Self)
            }

            /// The checked text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        /// As it was stored or sent by a host: it has been parsed already, and stays as it is.
        impl TryFrom<String> for $name {
            type Error = &'static str;
            fn try_from(text: String) -> Result<Self, &'static str> {
                stored(text, $max).map(Self).ok_or(concat!("no valid ", $field))
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }
    )+};
}

texts! {
    /// What a customer or an agent says in the conversation that the customer sees.
    MessageText("text", MESSAGE_MAX, checked_lines),
    /// What a supervisor says to an agent inside a workitem. A type of its own, so that it cannot be handed
    /// to anything that writes to a customer.
    CoachingText("text", MESSAGE_MAX, checked_lines),
    /// What an agent answers to those who coach. A type of its own: unlike [`CoachingText`] it has no way to a customer at
    /// all.
    ReplyText("text", MESSAGE_MAX, checked_lines),
    /// What staff write down in a workitem for each other. A type of its own: like [`ReplyText`] it has no way to a customer.
    NoteText("text", MESSAGE_MAX, checked_lines),
    /// Why a workitem is flagged for review. A type of its own: it goes to no customer and to no agent.
    ReviewComment("comment", REVIEW_COMMENT_MAX, checked_lines),
    /// What one person of the organisation writes to another.
    DirectoryText("text", MESSAGE_MAX, checked_lines),
    /// What an agent sends when asking for help.
    TemplateText("message", TEMPLATE_MAX, checked_line),
    /// The name of an assistance template.
    TemplateTitle("title", NAME_MAX, checked_line),
    /// How a person is called on screen.
    DisplayName("display_name", NAME_MAX, checked_line),
    /// What an identity provider calls a user: often an address, which a [`Username`] cannot be.
    ProviderName("userName", PROVIDER_NAME_MAX, checked_line),
    /// An identity provider's own id of a user.
    ExternalId("externalId", EXTERNAL_ID_MAX, checked_line),
    /// What a chat page says first.
    Greeting("greeting", GREETING_MAX, checked_lines),
    /// What a customer adds to the rating of a chat. A type of its own: it is for staff, and no part of the conversation.
    RatingComment("comment", RATING_COMMENT_MAX, checked_lines),
    /// How a customer introduces themselves.
    CustomerName("name", NAME_MAX, checked_line),
    /// The name of a team.
    TeamName("team_name", NAME_MAX, checked_line),
    /// What a token of the HTTP API is for.
    TokenName("name", NAME_MAX, checked_line),
    /// What somebody calls a view of the dashboard.
    ViewName("name", NAME_MAX, checked_line),
    /// What a wall is called.
    WallName("name", NAME_MAX, checked_line),
    /// What a user calls a passkey.
    PasskeyName("name", NAME_MAX, checked_line),
    /// What a saved text is called.
    SavedTitle("title", NAME_MAX, checked_line),
    /// A saved text. A type of its own: it is sent to nobody; what somebody makes of it in a box is.
    SavedBody("text", MESSAGE_MAX, checked_lines),
    /// What a label of workitems is called.
    LabelName("name", NAME_MAX, checked_line),
    /// What a role is called.
    RoleName("name", NAME_MAX, checked_line),
    /// What a rule that raises alerts is called.
    AlertRuleName("name", NAME_MAX, checked_line),
    /// What a workitem is about, as another system says it.
    Subject("subject", NAME_MAX, checked_line),
}

impl CoachingText {
    /// The same words as the agent's own to the customer. Only Forward may call this: it is the one way on which
    /// coaching reaches a customer.
    pub fn forwarded(self) -> MessageText {
        MessageText(self.0)
    }
}

/// What a person signs in with: 2 to 40 lower-case letters, digits, `.`, `-` and `_`, beginning with a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Username(String);

impl Username {
    /// Lower-cases and checks.
    pub fn parse(raw: &str) -> Result<Self, AppError> {
        let name = raw.trim().to_lowercase();
        let good = (USERNAME_MIN..=USERNAME_MAX).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b));
        if good {
            Ok(Self(name))
        } else {
            let problem = Problem::UsernameForm {
                min: USERNAME_MIN as i64,
                max: USERNAME_MAX as i64,
            };
            Err(AppError::invalid("username", problem))
        }
    }

    /// The checked name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_counts_characters_and_the_error_names_it() {
        assert!(MessageText::parse(&"ä".repeat(MESSAGE_MAX)).is_ok());
        let error = MessageText::parse(&"ä".repeat(MESSAGE_MAX + 1)).unwrap_err();
        assert_eq!(
            error,
            AppError::invalid(
                "text",
                Problem::TooLong {
                    max: 4000,
                    actual: 4001
                }
            )
        );
    }

    #[test]
    fn blank_and_control_characters_are_refused_and_line_breaks_kept() {
        assert!(matches!(
            CoachingText::parse(" \n\t "),
            Err(AppError::Invalid { .. })
        ));
        assert!(matches!(
            MessageText::parse("a\u{0}b"),
            Err(AppError::Invalid { .. })
        ));
        assert!(matches!(
            MessageText::parse("a\u{202E}b"),
            Err(AppError::Invalid { .. })
        ));
        assert!(matches!(
            TemplateText::parse("two\nlines"),
            Err(AppError::Invalid { .. })
        ));
        assert_eq!(
            MessageText::parse(" two\r\nlines ").unwrap().as_str(),
            " two\nlines"
        );
    }

    #[test]
    fn e32_a_text_keeps_its_indentation_and_every_kind_of_line_break() {
        let text = |raw: &str| String::from(MessageText::parse(raw).unwrap());
        // F45
        let indented = "    first: 1\n      second: 2";
        assert_eq!(text(indented), indented);
        assert_eq!(text("\n  one\n\n two \n \n"), "\n  one\n\n two");
        assert_eq!(
            text("a\r\nb\rc\u{B}d\u{C}e\u{85}f\u{2028}g\u{2029}h"),
            "a\nb\nc\nd\ne\nf\ng\nh"
        );
        assert_eq!(
            text(&text("\u{202D}1\u{202C}\u{B}  2")),
            text("1\n  2"),
            "parsing again changes nothing"
        );
    }

    #[test]
    fn e32_what_nobody_sees_is_empty() {
        for raw in [
            "",
            " \t",
            "\u{A0}\u{2003}\u{3000}",
            "\u{200B}\u{200D}\u{2060}\u{FEFF}\u{AD}",
            "\u{200E}\u{200F}\u{61C}",
            "\u{2068}\u{2069}",
            "\u{301}\u{308}",
            "\u{3164}\u{115F}\u{1160}\u{FFA0}",
            "\u{2800}",
            "\u{FE0F}\u{E0020}\u{180E}\u{34F}\u{FFFC}",
        ] {
            let empty = |max| Problem::Empty { max };
            assert_eq!(
                MessageText::parse(raw).unwrap_err(),
                AppError::invalid("text", empty(4_000)),
                "{raw:?}"
            );
            assert_eq!(
                CustomerName::parse(raw).unwrap_err(),
                AppError::invalid("name", empty(80)),
                "{raw:?}"
            );
            assert_eq!(visible_length(raw), 0, "{raw:?}");
        }
        for seen in ["e\u{301}", ".", "👍\u{FE0F}", "한", "\u{F8FF}", "ﷺ"] {
            assert!(MessageText::parse(seen).is_ok(), "{seen:?}");
        }
    }

    #[test]
    fn e32_what_was_stored_before_is_read_as_it_is() {
        let before = MessageText::try_from("\u{200B}".to_owned()).unwrap();
        assert_eq!(before.as_str(), "\u{200B}");
        assert!(MessageText::try_from(" ".to_owned()).is_err());
        assert!(MessageText::try_from("a\u{0}".to_owned()).is_err());
    }

    #[test]
    fn e32_marks_around_a_number_are_taken_out_and_others_named_with_their_place() {
        let text = |raw: &str| MessageText::parse(raw).map(String::from);
        // F32
        assert_eq!(
            text("Call me: \u{202D}+49 30 901820\u{202C}").unwrap(),
            "Call me: +49 30 901820"
        );
        assert_eq!(
            text("\u{202A} (030) 90-18 \u{202C}, please").unwrap(),
            " (030) 90-18 , please"
        );
        assert_eq!(text("tel \u{200E}4711\u{200E}.").unwrap(), "tel 4711.");
        assert_eq!(
            text("\u{2068}مرحبا\u{2069} wrote").unwrap(),
            "مرحبا wrote",
            "isolates of this program's own"
        );
        let refused = |line, place, sign: &str| {
            let sign = sign.to_owned();
            AppError::invalid("text", Problem::ControlCharacters { line, place, sign })
        };
        assert_eq!(
            text("one\r\nab\u{202E}gpj.exe").unwrap_err(),
            refused(2, 3, "U+202E")
        );
        assert_eq!(
            text("\u{202D}12\u{202C} a\u{202D}b").unwrap_err(),
            refused(1, 7, "U+202D")
        );
        assert_eq!(text("a\u{0}b").unwrap_err(), refused(1, 2, "U+0000"));
        let name = TeamName::parse("  Ca\tre").unwrap_err();
        let problem = Problem::ControlCharacters {
            line: 1,
            place: 5,
            sign: "U+0009".to_owned(),
        };
        assert_eq!(name, AppError::invalid("team_name", problem));
    }

    #[test]
    fn e34_blanks_around_a_name_are_no_part_of_it() {
        for raw in [" Care ", "\u{A0}Care\u{3000}", "\u{200B}Care\u{FEFF}"] {
            assert_eq!(TeamName::parse(raw).unwrap().as_str(), "Care");
        }
        let family = "👨\u{200D}👩\u{200D}👧 ❤\u{FE0F}";
        assert_eq!(TeamName::parse(family).unwrap().as_str(), family);
    }
}
