//! A cursor in a visitor's conversations: which one, and after which line. Made of nothing but what the customer
//! has already seen and a digest of the store's epoch, so that it gives away no id and no number of the staff's.

use sha2::{Digest, Sha256};
use shared::error::{AppError, Problem};
use shared::time::Timestamp;

/// Which history the numbers of a cursor belong to. A restored copy of a database has another one, in which the same
/// numbers may be other lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HistoryTag(u32);

impl HistoryTag {
    /// The tag of a store's epoch.
    pub(super) fn of(epoch: &str) -> Self {
        let digest = Sha256::digest(epoch.as_bytes());
        Self(u32::from_be_bytes([
            digest[0], digest[1], digest[2], digest[3],
        ]))
    }

    fn parse(text: &str) -> Option<Self> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let good = text.len() == 8 && text.bytes().all(hex);
        good.then(|| u32::from_str_radix(text, 16).ok().map(Self))
            .flatten()
    }
}

impl std::fmt::Display for HistoryTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// Written `BEGAN-SEQ-TAG`, where `BEGAN` is the time of the conversation's first line in microseconds: a visitor's
/// conversations begin one after the other, so it tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StreamCursor {
    /// The conversation; `None` means the present one.
    pub(super) began: Option<Timestamp>,
    /// The last line that is known there; 0 before the first.
    pub(super) seq: i64,
    /// The history to which the number belongs; `None` in a tab of an earlier release.
    pub(super) tag: Option<HistoryTag>,
}

impl StreamCursor {
    /// The beginning of the present conversation.
    pub(super) const START: StreamCursor = StreamCursor {
        began: None,
        seq: 0,
        tag: None,
    };

    /// Reads `BEGAN-SEQ-TAG`, `BEGAN-SEQ`, a bare `SEQ`, or nothing.
    pub(super) fn parse(text: &str) -> Result<Self, AppError> {
        if text.is_empty() {
            return Ok(Self::START);
        }
        let number = |digits: &str| {
            let good = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            good.then(|| digits.parse::<i64>().ok()).flatten()
        };
        let mut parts = text.splitn(3, '-');
        let cursor = match (parts.next(), parts.next(), parts.next()) {
            (Some(seq), None, _) => number(seq).map(|seq| Self { seq, ..Self::START }),
            (Some(began), Some(seq), tag) => (|| {
                Some(Self {
                    began: Some(Timestamp(number(began)?)),
                    seq: number(seq)?,
                    tag: match tag {
                        Some(tag) => Some(HistoryTag::parse(tag)?),
                        None => None,
                    },
                })
            })(),
            (None, ..) => None,
        };
        cursor.ok_or_else(|| AppError::invalid("after", Problem::NotAPlace))
    }
}

impl std::fmt::Display for StreamCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.began {
            Some(began) => write!(f, "{}-{}", began.0, self.seq)?,
            None => write!(f, "{}", self.seq)?,
        }
        self.tag.map_or(Ok(()), |tag| write!(f, "-{tag}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_what_it_wrote() {
        for cursor in [
            StreamCursor {
                began: Some(Timestamp(1_700)),
                seq: 12,
                tag: Some(HistoryTag::of("an epoch")),
            },
            StreamCursor {
                began: Some(Timestamp(1_700)),
                seq: 12,
                tag: None,
            },
            StreamCursor {
                seq: 3,
                ..StreamCursor::START
            },
        ] {
            assert_eq!(StreamCursor::parse(&cursor.to_string()), Ok(cursor));
        }
        assert_eq!(StreamCursor::parse(""), Ok(StreamCursor::START));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "-",
            "-1",
            "1-",
            "a-1",
            "1-2-3",
            "1-2-",
            "1-2-0123ABCD",
            "1-2-+123abcd",
            "1-2-0123abcd-5",
            "+1",
            "99999999999999999999",
        ] {
            assert!(
                matches!(StreamCursor::parse(text), Err(AppError::Invalid { .. })),
                "{text}"
            );
        }
    }
}
