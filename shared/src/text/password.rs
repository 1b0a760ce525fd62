//! Passwords on their way to being hashed or compared. Neither type shows what it holds.

use unicode_normalization::UnicodeNormalization;

use super::is_visible;
use crate::error::{AppError, Problem};

/// The shortest password, in characters.
pub const PASSWORD_MIN: usize = 8;
/// The longest password, in characters; hashing must not be a way to burn the host's time.
pub const PASSWORD_MAX: usize = 128;

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
        if !is_visible(&text) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
