//! How a customer rates a chat that has ended: one of five scores, and a comment if they like. Staff alone read it.

use serde::{Deserialize, Serialize};

use crate::error::{AppError, Problem};
use crate::text::RatingComment;

/// How good a chat was, from 1 (very poor) to 5 (very good).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Score(i64);

impl Score {
    /// The least.
    pub const MIN: i64 = 1;
    /// The greatest.
    pub const MAX: i64 = 5;

    /// Every score, the least first.
    pub fn all() -> impl Iterator<Item = Score> {
        (Self::MIN..=Self::MAX).map(Score)
    }

    /// Checks the number. The error names the field and its limits.
    pub fn parse(number: i64) -> Result<Self, AppError> {
        Self::try_from(number).map_err(|_| {
            let problem = Problem::OutOfRange {
                min: Self::MIN,
                max: Self::MAX,
                actual: number,
            };
            AppError::invalid("rating", problem)
        })
    }

    /// The number.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Score {
    type Error = &'static str;

    fn try_from(number: i64) -> Result<Self, &'static str> {
        match (Self::MIN..=Self::MAX).contains(&number) {
            true => Ok(Self(number)),
            false => Err("no score"),
        }
    }
}

impl From<Score> for i64 {
    fn from(score: Score) -> i64 {
        score.0
    }
}

/// What a customer said about a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// How good it was.
    pub score: Score,
    /// What they added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<RatingComment>,
}

/// Scores that the history is searched for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RatingBand {
    /// 1 and 2.
    Low,
    /// 3.
    Middle,
    /// 4 and 5.
    High,
}

impl RatingBand {
    /// All of them, the least first.
    pub const ALL: [RatingBand; 3] = [RatingBand::Low, RatingBand::Middle, RatingBand::High];

    /// Its name in an address, which reads as its scores.
    pub fn code(self) -> &'static str {
        match self {
            RatingBand::Low => "1-2",
            RatingBand::Middle => "3",
            RatingBand::High => "4-5",
        }
    }

    /// The one with this name.
    pub fn from_code(code: &str) -> Option<RatingBand> {
        RatingBand::ALL.into_iter().find(|band| band.code() == code)
    }

    /// The least and the greatest of its scores.
    pub fn bounds(self) -> (i64, i64) {
        match self {
            RatingBand::Low => (1, 2),
            RatingBand::Middle => (3, 3),
            RatingBand::High => (4, 5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_one_of_five() {
        for number in [i64::MIN, -1, 0, 6, i64::MAX] {
            let problem = Problem::OutOfRange {
                min: 1,
                max: 5,
                actual: number,
            };
            let refused = Score::parse(number).unwrap_err();
            assert_eq!(refused, AppError::invalid("rating", problem));
            assert!(serde_json::from_str::<Score>(&number.to_string()).is_err());
        }
        let all: Vec<i64> = Score::all().map(Score::number).collect();
        assert_eq!(all, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn every_score_is_in_one_band() {
        for score in Score::all() {
            let within = RatingBand::ALL.into_iter().filter(|band| {
                let (least, greatest) = band.bounds();
                (least..=greatest).contains(&score.number())
            });
            assert_eq!(within.count(), 1, "{score:?}");
        }
        for band in RatingBand::ALL {
            assert_eq!(RatingBand::from_code(band.code()), Some(band));
        }
    }
}
