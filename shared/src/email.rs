//! E-mail addresses, as other systems report them. Sideline sends no mail: an address names somebody.

use crate::error::{AppError, Problem};

/// The longest address, in characters (RFC 5321).
pub const EMAIL_MAX: usize = 254;
/// The longest part in front of the `@`, in characters.
const LOCAL_MAX: usize = 64;

/// An address: a local part without blanks, `@`, and a domain of at least two labels. Neither quoted local parts nor
/// addresses in brackets, which nobody writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Takes off what stands around it and checks. The domain is in lower case from then on.
    pub fn parse(raw: &str) -> Result<Self, AppError> {
        let text = crate::text::tidy_line(raw);
        let parts = text.rsplit_once('@');
        let good = parts.filter(|(local, domain)| {
            text.chars().count() <= EMAIL_MAX && is_local(local) && is_domain(domain)
        });
        let Some((local, domain)) = good else {
            let max = EMAIL_MAX as i64;
            return Err(AppError::invalid("address", Problem::EmailForm { max }));
        };
        Ok(Self([local, "@", &domain.to_lowercase()].concat()))
    }

    /// The tidy address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What RFC 5322 calls a dot-atom, with the letters of all scripts (RFC 6532).
fn is_local(text: &str) -> bool {
    let sign = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    (1..=LOCAL_MAX).contains(&text.chars().count())
        && text
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(sign))
}

fn is_domain(text: &str) -> bool {
    let sign = |c: char| c.is_alphanumeric() || c == '-';
    let label = |label: &str| {
        (1..=63).contains(&label.chars().count())
            && label.chars().all(sign)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.contains('.') && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_people_write_it() {
        for (raw, address) in [
            ("dana@example.com", "dana@example.com"),
            (
                " Dana.Dietz+shop@Example.COM ",
                "Dana.Dietz+shop@example.com",
            ),
            ("jörg@bücher.example", "jörg@bücher.example"),
            ("o'neill@mail.example.co.uk", "o'neill@mail.example.co.uk"),
        ] {
            assert_eq!(EmailAddress::parse(raw).unwrap().as_str(), address);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "x".repeat(65));
        let longer = format!("x@{}example.com", "a.".repeat(130));
        for raw in [
            "",
            "dana",
            "@example.com",
            "dana@",
            "dana@localhost",
            "da na@example.com",
            "dana@ex ample.com",
            "a@b@example.com",
            "dana.@example.com",
            "dana@-x.com",
            "dana@x..com",
            "\"a b\"@example.com",
            "dana@[192.0.2.1]",
            "dana@example.com\nbcc: x@example.com",
            &long,
            &longer,
        ] {
            let refused = EmailAddress::parse(raw).unwrap_err();
            let problem = Problem::EmailForm { max: 254 };
            assert_eq!(refused, AppError::invalid("address", problem), "{raw:?}");
        }
    }
}
