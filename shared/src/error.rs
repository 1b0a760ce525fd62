//! What can go wrong, in words that a person or a program can act on.
//!
//! Use `NotFound` wherever somebody may not know that a thing exists: it must not differ from the answer for
//! a thing that does not exist. Use `Conflict` when the command was well-formed but came too late.

use serde::{Deserialize, Serialize};

/// The field of an [`AppError::Invalid`] for an act that needs the caller's password once more.
pub const PROOF: &str = "your_password";

/// The one error of every interface. Closed: a new variant is a change of the interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
        /// A sentence with the limit.
        reason: String,
    },
    /// The thing has changed meanwhile and the command no longer applies.
    Conflict {
        /// A sentence that says what is so now.
        reason: String,
    },
    /// Too many attempts.
    RateLimited {
        /// Seconds to wait before the next attempt.
        retry_after_s: i64,
    },
    /// The host cannot be reached or cannot store at the moment; the same command may succeed later.
    Unavailable,
    /// A defect. The host logged what happened under this id.
    Internal {
        /// Finds the log line.
        request_id: String,
    },
}

impl AppError {
    /// An [`AppError::Invalid`].
    pub fn invalid(field: &str, reason: impl Into<String>) -> Self {
        AppError::Invalid {
            field: field.to_owned(),
            reason: reason.into(),
        }
    }

    /// The same, about another input.
    pub fn at(self, field: &str) -> Self {
        match self {
            AppError::Invalid { reason, .. } => AppError::invalid(field, reason),
            other => other,
        }
    }

    /// Whether it was refused only because the session's last proof of its password is too old.
    pub fn asks_for_proof(&self) -> bool {
        matches!(self, AppError::Invalid { field, .. } if field == PROOF)
    }

    /// An [`AppError::Conflict`].
    pub fn conflict(reason: impl Into<String>) -> Self {
        AppError::Conflict {
            reason: reason.into(),
        }
    }

    /// The HTTP status that says the same.
    pub fn status(&self) -> u16 {
        match self {
            AppError::Unauthenticated => 401,
            AppError::NotFound => 404,
            AppError::NotCoachable | AppError::Invalid { .. } => 422,
            AppError::Conflict { .. } => 409,
            AppError::RateLimited { .. } => 429,
            AppError::Unavailable => 503,
            AppError::Internal { .. } => 500,
        }
    }
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AppError::Unauthenticated => f.write_str("Your session has ended. Sign in again."),
            AppError::NotFound => f.write_str("This was not found."),
            AppError::NotCoachable => f.write_str("Phone and email workitems cannot be coached."),
            AppError::Invalid { field, reason } => write!(f, "{field}: {reason}"),
            AppError::Conflict { reason } => f.write_str(reason),
            AppError::RateLimited { retry_after_s } => {
                write!(
                    f,
                    "Too many attempts. Try again in {retry_after_s} seconds."
                )
            }
            AppError::Unavailable => f.write_str("Sideline cannot be reached right now."),
            AppError::Internal { request_id } => {
                write!(
                    f,
                    "Something went wrong on our side (reference {request_id})."
                )
            }
        }
    }
}

impl std::error::Error for AppError {}
