//! An error on the wire. `problem` and `cause` are data; `reason` says the same in the host's words, for those who do not
//! know the code.

use serde::{Deserialize, Serialize};

use super::{ConflictCause, Limit, Problem};

#[derive(Serialize, Deserialize)]
pub(super) enum AppError {
    Unauthenticated,
    NotFound,
    NotCoachable,
    Invalid {
        field: String,
        #[serde(default, deserialize_with = "crate::lenient::known")]
        #[serde(skip_serializing_if = "Option::is_none")]
        problem: Option<Problem>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    Conflict {
        #[serde(default, deserialize_with = "crate::lenient::known")]
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<ConflictCause>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    RateLimited {
        retry_after_s: i64,
        #[serde(default, deserialize_with = "crate::lenient::known")]
        #[serde(skip_serializing_if = "Option::is_none")]
        limit: Option<Limit>,
    },
    Unavailable,
    Internal {
        request_id: String,
    },
}

impl From<AppError> for super::AppError {
    fn from(read: AppError) -> Self {
        match read {
            AppError::Unauthenticated => Self::Unauthenticated,
            AppError::NotFound => Self::NotFound,
            AppError::NotCoachable => Self::NotCoachable,
            AppError::Invalid {
                field,
                problem,
                reason,
            } => Self::Invalid {
                field,
                problem: problem.unwrap_or(Problem::Unknown { reason }),
            },
            AppError::Conflict { cause, reason } => Self::Conflict {
                cause: cause.unwrap_or(ConflictCause::Unknown { reason }),
            },
            AppError::RateLimited {
                retry_after_s,
                limit,
            } => Self::RateLimited {
                retry_after_s,
                limit: limit.unwrap_or_default(),
            },
            AppError::Unavailable => Self::Unavailable,
            AppError::Internal { request_id } => Self::Internal { request_id },
        }
    }
}

impl From<super::AppError> for AppError {
    fn from(error: super::AppError) -> Self {
        use super::AppError as Error;
        match error {
            Error::Unauthenticated => Self::Unauthenticated,
            Error::NotFound => Self::NotFound,
            Error::NotCoachable => Self::NotCoachable,
            Error::Invalid { field, problem } => match problem {
                Problem::Unknown { reason } => Self::Invalid {
                    field,
                    problem: None,
                    reason,
                },
                problem => Self::Invalid {
                    field,
                    problem: Some(problem),
                    reason: String::new(),
                },
            },
            Error::Conflict { cause } => match cause {
                ConflictCause::Unknown { reason } => Self::Conflict {
                    cause: None,
                    reason,
                },
                cause => Self::Conflict {
                    cause: Some(cause),
                    reason: String::new(),
                },
            },
            Error::RateLimited {
                retry_after_s,
                limit,
            } => Self::RateLimited {
                retry_after_s,
                limit: (limit != Limit::Attempts).then_some(limit),
            },
            Error::Unavailable => Self::Unavailable,
            Error::Internal { request_id } => Self::Internal { request_id },
        }
    }
}
