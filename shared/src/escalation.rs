//! What becomes of requests for assistance that nobody has claimed: after some minutes everybody who supervises the agent is
//! asked, later the person on call (SPEC, E20).

use serde::{Deserialize, Serialize};

use crate::error::{AppError, Problem};
use crate::ids::{TeamId, UserId};

/// The fields of the two times.
const ALL_AFTER: &str = "all_after";
const ON_CALL_AFTER: &str = "on_call_after";
/// The longest time before a step, in minutes: a day.
pub const STEP_MAX_MIN: i64 = 1_440;

/// The steps for requests of a team's agents. An agent of several teams has those of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// Which team.
    pub team: TeamId,
    /// Minutes after which all supervisors of the agent are asked; none: never.
    pub all_after_min: Option<i64>,
    /// Minutes after which the person on call is asked, and who that is; none: never.
    pub on_call: Option<(i64, UserId)>,
    /// How often it was edited; an edit names the version that it started from.
    pub version: i64,
}

/// How far a request has escalated.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Those were asked whom the agent chose.
    #[default]
    Asked,
    /// All supervisors of the agent were asked.
    Everybody,
    /// The person on call was asked.
    OnCall,
}

impl Step {
    /// The number in the database.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The step of a number; a later release's is the last one known.
    pub fn of_number(number: i64) -> Self {
        match number {
            ..=0 => Self::Asked,
            1 => Self::Everybody,
            _ => Self::OnCall,
        }
    }

    /// Whether nothing has escalated.
    pub fn is_first(&self) -> bool {
        *self == Self::Asked
    }
}

/// Minutes as they are typed; nothing is never.
pub fn minutes(field: &'static str, text: &str) -> Result<Option<i64>, AppError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse::<i64>();
    let actual = number.map_err(|_| AppError::invalid(field, Problem::NotANumber))?;
    match within(1, actual) {
        Ok(()) => Ok(Some(actual)),
        Err(problem) => Err(AppError::invalid(field, problem)),
    }
}

/// Whether the time before the second step is within its limits: it comes after the first one, which leaves room for it. Otherwise which
/// of the two is wrong, and why.
pub fn later(first: Option<i64>, second: i64) -> Result<(), (&'static str, Problem)> {
    let (min, max) = (1, STEP_MAX_MIN - 1);
    match first {
        Some(actual) if actual > max => Err((ALL_AFTER, Problem::OutOfRange { min, max, actual })),
        first => within(first.map_or(min, |first| first + 1), second)
            .map_err(|problem| (ON_CALL_AFTER, problem)),
    }
}

fn within(min: i64, actual: i64) -> Result<(), Problem> {
    let max = STEP_MAX_MIN;
    match (min..=max).contains(&actual) {
        true => Ok(()),
        false => Err(Problem::OutOfRange { min, max, actual }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_read_within_their_limits() {
        assert_eq!(minutes("all_after", " "), Ok(None));
        assert_eq!(minutes("all_after", " 5 "), Ok(Some(5)));
        for wrong in ["0", "-1", "1441", "5.5", "soon"] {
            assert!(minutes("all_after", wrong).is_err(), "{wrong}");
        }
        assert_eq!(later(Some(5), 6), Ok(()));
        let wrong = |first, second| later(first, second).map_err(|(field, _)| field);
        assert_eq!(wrong(Some(5), 5), Err(ON_CALL_AFTER));
        assert_eq!(wrong(Some(STEP_MAX_MIN), STEP_MAX_MIN), Err(ALL_AFTER));
        assert_eq!(later(None, 1), Ok(()));
    }
}
