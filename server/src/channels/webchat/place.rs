//! A place in a visitor's conversations: which one, and after which line. Made of nothing but what the customer
//! has already seen, so that it gives away no id and no number of the staff's.

use shared::error::AppError;
use shared::time::Timestamp;

/// Written `BEGAN-SEQ`, where `BEGAN` is the time of the conversation's first line in microseconds: a visitor's
/// conversations begin one after the other, so it tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The conversation; `None` means the present one.
    pub(super) began: Option<Timestamp>,
    /// The last line that is known there; 0 before the first.
    pub(super) seq: i64,
}

impl Place {
    /// The beginning of the present conversation.
    pub(super) const START: Place = Place {
        began: None,
        seq: 0,
    };

    /// Reads `BEGAN-SEQ`, a bare `SEQ`, or nothing.
    pub(super) fn parse(text: &str) -> Result<Self, AppError> {
        if text.is_empty() {
            return Ok(Self::START);
        }
        let number = |digits: &str| {
            let good = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            good.then(|| digits.parse::<i64>().ok()).flatten()
        };
        let place = match text.split_once('-') {
            Some((began, seq)) => number(began)
                .zip(number(seq))
                .map(|(began, seq)| (Some(Timestamp(began)), seq)),
            None => number(text).map(|seq| (None, seq)),
        };
        place
            .map(|(began, seq)| Self { began, seq })
            .ok_or_else(|| {
                AppError::invalid("after", "is a number, or the id of an event of this page")
            })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.began {
            Some(began) => write!(f, "{}-{}", began.0, self.seq),
            None => write!(f, "{}", self.seq),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_what_it_wrote() {
        for place in [
            Place {
                began: Some(Timestamp(1_700)),
                seq: 12,
            },
            Place {
                began: None,
                seq: 3,
            },
        ] {
            assert_eq!(Place::parse(&place.to_string()), Ok(place));
        }
        assert_eq!(Place::parse(""), Ok(Place::START));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "-",
            "-1",
            "1-",
            "a-1",
            "1-2-3",
            "+1",
            "99999999999999999999",
        ] {
            assert!(
                matches!(Place::parse(text), Err(AppError::Invalid { .. })),
                "{text}"
            );
        }
    }
}
