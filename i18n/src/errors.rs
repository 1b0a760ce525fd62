//! What can go wrong, in words.

use shared::error::AppError;

use crate::{Language, t};

/// The error as a sentence that says what to do, as far as one can do something.
pub fn error_text(language: Language, error: &AppError) -> String {
    match error {
        AppError::Unauthenticated => t!(language, errors.unauthenticated).to_owned(),
        AppError::NotFound => t!(language, errors.not_found).to_owned(),
        AppError::NotCoachable => t!(language, errors.not_coachable).to_owned(),
        AppError::Invalid { field, reason } => format!("{field}: {reason}"),
        AppError::Conflict { reason } => reason.clone(),
        AppError::RateLimited { retry_after_s } => {
            t!(language, errors.rate_limited, count = *retry_after_s)
        }
        AppError::Unavailable => t!(language, errors.unavailable).to_owned(),
        AppError::Internal { request_id } => t!(language, errors.internal, reference = request_id),
    }
}
