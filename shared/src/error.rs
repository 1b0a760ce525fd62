//! What can go wrong, as data: a code, the field, and parameters. Words come where an error is shown (`i18n`), so an error
//! has no `Display`.
//!
//! Use `NotFound` wherever somebody may not know that a thing exists: it must not differ from the answer for
//! a thing that does not exist. Use `Conflict` when the command was well-formed but came too late.

mod conflict;
mod problem;
mod unread;
mod wire;

use serde::{Deserialize, Serialize};

pub use conflict::{ConflictCause, Difference};
pub use problem::{PatternFault, Problem};
pub use unread::NAME_SHOWN;

/// The field of an [`AppError::Invalid`] for an act that needs the caller's password once more.
pub const PROOF: &str = "your_password";

/// The one error of every interface. Closed: a new variant is a change of the interface.
///
/// Of a later release's problem or cause, which this one does not know, the host's own sentence is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "wire::AppError", into = "wire::AppError")]
pub enum AppError {
    /// Nobody is signed in, or the session ended.
    Unauthenticated,
    /// There is no such thing, or it is not for this person to know.
    NotFound,
    /// A coaching message was sent into a phone or email workitem.
    NotCoachable,
    /// An input is wrong.
    Invalid {
        /// The input's name on the wire.
        field: String,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The thing has changed meanwhile and the command no longer applies.
    Conflict {
        /// What is so now.
        cause: ConflictCause,
    },
    /// Too many attempts.
    RateLimited {
        /// Seconds to wait before the next attempt.
        retry_after_s: i64,
        /// Which limit was reached.
        limit: Limit,
    },
    /// The host cannot be reached or cannot store at the moment; the same command may succeed later.
    Unavailable,
    /// A defect. The host logged what happened under this id.
    Internal {
        /// Finds the log line.
        request_id: String,
    },
}

/// Which limit an [`AppError::RateLimited`] is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// How often or how much at a time somebody may ask.
    #[default]
    Attempts,
    /// How many conversations may begin from one address.
    Address,
    /// How many conversations may begin on one channel.
    Channel,
    /// How many customers may wait in the queue of one channel.
    Queue,
    /// How many files, and how large ones, a customer may send at a time.
    Files,
}

impl AppError {
    /// One with each problem, cause and limit, for tests that must miss none.
    pub fn samples() -> impl Iterator<Item = AppError> {
        let problems = Problem::samples().map(|problem| AppError::invalid("text", problem));
        let causes = ConflictCause::samples().map(AppError::conflict);
        let limits = [
            Limit::Attempts,
            Limit::Address,
            Limit::Channel,
            Limit::Queue,
            Limit::Files,
        ];
        let limits = limits.map(|limit| AppError::RateLimited {
            retry_after_s: 90,
            limit,
        });
        problems.chain(causes).chain(limits)
    }

    /// An [`AppError::Invalid`].
    pub fn invalid(field: &str, problem: Problem) -> Self {
        AppError::Invalid {
            field: field.to_owned(),
            problem,
        }
    }

    /// The same, about another input.
    pub fn at(self, field: &str) -> Self {
        match self {
            AppError::Invalid { problem, .. } => AppError::invalid(field, problem),
            other => other,
        }
    }

    /// Whether it was refused only because the session's last proof of its password is too old.
    pub fn asks_for_proof(&self) -> bool {
        matches!(self, AppError::Invalid { field, problem } if field == PROOF && *problem != Problem::WrongPassword)
    }

    /// An [`AppError::Conflict`].
    pub fn conflict(cause: ConflictCause) -> Self {
        AppError::Conflict { cause }
    }

    /// An [`AppError::RateLimited`] of somebody who asks too often.
    pub fn rate_limited(retry_after_s: i64) -> Self {
        AppError::RateLimited {
            retry_after_s,
            limit: Limit::Attempts,
        }
    }

    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            AppError::Unauthenticated => 401,
            AppError::NotFound => 404,
            AppError::Invalid {
                problem: Problem::FileTooLarge { .. } | Problem::FilesFull { .. },
                ..
            } => 413,
            AppError::Invalid {
                problem: Problem::FileKind,
                ..
            } => 415,
            AppError::NotCoachable | AppError::Invalid { .. } => 422,
            AppError::Conflict { .. } => 409,
            AppError::RateLimited { .. } => 429,
            AppError::Unavailable => 503,
            AppError::Internal { .. } => 500,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_back_what_it_wrote() {
        for error in AppError::samples() {
            let text = serde_json::to_string(&error).expect("text");
            let read: AppError = serde_json::from_str(&text).expect("an error");
            assert_eq!(read, error, "{text}");
        }
    }

    #[test]
    fn an_error_has_a_code_a_field_and_parameters() {
        let error = AppError::invalid(
            "text",
            Problem::TooLong {
                max: 4000,
                actual: 4001,
            },
        );
        assert_eq!(
            serde_json::to_string(&error).expect("text"),
            r#"{"Invalid":{"field":"text","problem":{"code":"too_long","max":4000,"actual":4001}}}"#
        );
        assert_eq!(
            serde_json::to_string(&AppError::conflict(ConflictCause::KeyReused)).expect("text"),
            r#"{"Conflict":{"cause":{"code":"key_reused"}}}"#
        );
        assert_eq!(
            serde_json::to_string(&AppError::rate_limited(3)).expect("text"),
            r#"{"RateLimited":{"retry_after_s":3}}"#
        );
    }

    #[test]
    fn e06_what_a_later_release_refuses_for_is_kept_in_its_own_words() {
        for (text, error) in [
            (
                r#"{"Invalid": {"field": "text", "problem": {"code": "rhymes", "with": [1]}, "reason": "rhymes"}}"#,
                AppError::invalid(
                    "text",
                    Problem::Unknown {
                        reason: "rhymes".to_owned(),
                    },
                ),
            ),
            (
                r#"{"Conflict": {"reason": "Not at the moment."}}"#,
                AppError::conflict(ConflictCause::Unknown {
                    reason: "Not at the moment.".to_owned(),
                }),
            ),
            (
                r#"{"RateLimited": {"retry_after_s": 5, "limit": "moon", "reason": "The moon."}}"#,
                AppError::rate_limited(5),
            ),
        ] {
            assert_eq!(
                serde_json::from_str::<AppError>(text).expect("an error"),
                error
            );
        }
    }
}
