//! Validated texts. A value of one of these types has been checked: parse at the edge, once.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::error::{AppError, Problem};

/// The longest message to a customer, to an agent or to a colleague, in characters.
pub const MESSAGE_MAX: usize = 4_000;
/// The longest text of an assistance template, in characters.
pub const TEMPLATE_MAX: usize = 280;
/// The longest title, name or subject, in characters.
pub const NAME_MAX: usize = 80;
/// The shortest username, in characters.
pub const USERNAME_MIN: usize = 2;
/// The longest username, in characters.
pub const USERNAME_MAX: usize = 40;
/// The fewest digits of a telephone number.
pub const PHONE_NUMBER_MIN: usize = 2;
/// The most digits of a telephone number.
pub const PHONE_NUMBER_MAX: usize = 20;
/// The shortest password, in characters.
pub const PASSWORD_MIN: usize = 8;
/// The longest password, in characters; hashing must not be a way to burn the host's time.
pub const PASSWORD_MAX: usize = 128;

/// Trims, counts characters (not bytes) and refuses control characters; line breaks and tabs only where asked.
fn checked(field: &str, raw: &str, max: usize, lines: bool) -> Result<String, AppError> {
    let text = raw.replace("\r\n", "\n");
    let text = text.trim();
    let count = |characters: usize| characters as i64;
    if text.is_empty() {
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
    let forbidden = |c: char| {
        (c.is_control() && !(lines && (c == '\n' || c == '\t')))
            // Bidirectional overrides can make a text read as something else than it says.
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    if text.chars().any(forbidden) {
        return Err(AppError::invalid(field, Problem::ControlCharacters));
    }
    Ok(text.to_owned())
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident($field:literal, $max:expr, $lines:literal)),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Trims and checks. The error names the field and the limit.
            pub fn parse(raw: &str) -> Result<Self, AppError> {
                checked($field, raw, $max, $lines).map(Self)
            }

            /// The checked text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = &'static str;
            fn try_from(raw: String) -> Result<Self, &'static str> {
                Self::parse(&raw).map_err(|_| concat!("no valid ", $field))
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
    MessageText("text", MESSAGE_MAX, true),
    /// What a supervisor says to an agent inside a workitem. A type of its own, so that it cannot be handed
    /// to anything that writes to a customer.
    CoachingText("text", MESSAGE_MAX, true),
    /// What one person of the organisation writes to another.
    DirectoryText("text", MESSAGE_MAX, true),
    /// What an agent sends when asking for help.
    TemplateText("message", TEMPLATE_MAX, false),
    /// The name of an assistance template.
    TemplateTitle("title", NAME_MAX, false),
    /// How a person is called on screen.
    DisplayName("display_name", NAME_MAX, false),
    /// How a customer introduces themselves.
    CustomerName("name", NAME_MAX, false),
    /// The name of a team.
    TeamName("team_name", NAME_MAX, false),
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

/// A password that is being set, on its way to being hashed. Normalised (NFKC), so that it is the same whatever
/// keyboard it is typed on later. Never shown by `Debug`, never serialised.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Takes [`PASSWORD_MIN`] to [`PASSWORD_MAX`] characters, as they are counted after normalisation. All may stand in
    /// it but line breaks, which a browser's password field takes out, and one of them must be seen.
    pub fn parse(raw: &str) -> Result<Self, AppError> {
        let text = normalised(raw);
        let length = text.chars().count();
        if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
            let problem = Problem::WrongLength {
                min: PASSWORD_MIN as i64,
                max: PASSWORD_MAX as i64,
                actual: length as i64,
            };
            return Err(AppError::invalid("password", problem));
        }
        if text.contains(['\n', '\r']) {
            return Err(AppError::invalid("password", Problem::LineBreaks));
        }
        if text.chars().all(is_blank) {
            return Err(AppError::invalid("password", Problem::BlanksOnly));
        }
        Ok(Self(text))
    }

    /// The password itself, for the hash function only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A password that somebody types to prove who they are: anything, since only the stored hash says what is right.
#[derive(Clone)]
pub struct TypedPassword {
    normalised: String,
    /// Where it differs: passwords that were set before they were normalised must go on fitting.
    as_typed: Option<String>,
}

impl TypedPassword {
    /// Whatever was typed.
    pub fn new(raw: &str) -> Self {
        let normalised = normalised(raw);
        Self {
            as_typed: (normalised != raw).then(|| raw.to_owned()),
            normalised,
        }
    }

    /// As [`Password`] has it.
    pub fn normalised(&self) -> &str {
        &self.normalised
    }

    /// As it was typed, where that is something else.
    pub fn as_typed(&self) -> Option<&str> {
        self.as_typed.as_deref()
    }
}

impl std::fmt::Debug for TypedPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TypedPassword(…)")
    }
}

fn normalised(raw: &str) -> String {
    raw.nfkc().collect()
}

/// Blanks, controls, and marks without a width of their own.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// A number to call: 2 to 20 digits, `*` and `#` after an optional `+`; blanks, dashes, dots, slashes and
/// brackets are taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Tidies and checks.
    pub fn parse(raw: &str) -> Result<Self, AppError> {
        let number: String = raw.chars().filter(|c| !" -./()".contains(*c)).collect();
        let digits = number.strip_prefix('+').unwrap_or(&number);
        let good = (PHONE_NUMBER_MIN..=PHONE_NUMBER_MAX).contains(&digits.len())
            && digits
                .bytes()
                .all(|b| b.is_ascii_digit() || b"*#".contains(&b));
        if good {
            Ok(Self(number))
        } else {
            let problem = Problem::PhoneNumberForm {
                min: PHONE_NUMBER_MIN as i64,
                max: PHONE_NUMBER_MAX as i64,
            };
            Err(AppError::invalid("number", problem))
        }
    }

    /// The tidy number.
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
            "two\nlines"
        );
    }

    #[test]
    fn a_phone_number_is_tidied() {
        assert_eq!(
            PhoneNumber::parse("+49 (30) 123-45").unwrap().as_str(),
            "+493012345"
        );
        assert!(PhoneNumber::parse("call me").is_err());
        assert!(PhoneNumber::parse("+").is_err());
    }

    #[test]
    fn a_password_does_not_show_itself() {
        assert_eq!(
            format!("{:?}", Password::parse("correct horse").unwrap()),
            "Password(…)"
        );
        assert_eq!(
            format!("{:?}", TypedPassword::new("correct horse")),
            "TypedPassword(…)"
        );
    }

    #[test]
    fn e50_a_password_is_counted_as_it_is_normalised() {
        let refused = |raw: &str, length| {
            let problem = Problem::WrongLength {
                min: 8,
                max: 128,
                actual: length,
            };
            let error = Password::parse(raw).unwrap_err();
            assert_eq!(error, AppError::invalid("password", problem));
        };
        // Four letters of two code points each.
        refused(&"e\u{301}".repeat(4), 4);
        refused(&"x".repeat(129), 129);
        assert!(Password::parse(&"e\u{301}".repeat(128)).is_ok());
        assert!(Password::parse(&"🙂".repeat(128)).is_ok());
        // The same on a keyboard that composes, on one that does not, and in full width.
        let set = Password::parse("Am\u{e9}lie ﬁrst").unwrap();
        assert_eq!(
            TypedPassword::new("Ame\u{301}lie\u{3000}first").normalised(),
            set.expose()
        );
    }

    #[test]
    fn e50_what_can_be_set_can_be_typed() {
        assert!(Password::parse("two\nlines of it").is_err());
        assert!(Password::parse(&" ".repeat(10)).is_err());
        assert!(Password::parse(&"\u{3000}\u{200B}".repeat(8)).is_err());
        let blanks_count = Password::parse(" outer blanks ").unwrap();
        assert_eq!(blanks_count.expose(), " outer blanks ");
    }
}
