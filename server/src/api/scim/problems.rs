//! What SCIM calls what goes wrong: a status, and where it has a name for it a `scimType`, which is the problem's code here.

use axum::http::StatusCode;
use i18n::Language;
use shared::error::{AppError, Problem as Reason};

use crate::desk::api::Refusal;
use crate::http::problem::Problem;

/// A request that is wrong in a way that SCIM has a name for.
pub(super) fn wrong(scim_type: &str, detail: impl Into<String>) -> Problem {
    Problem::plain(StatusCode::BAD_REQUEST, scim_type).with_detail(detail)
}

/// A value that is wrong.
pub(super) fn invalid(detail: impl Into<String>) -> Problem {
    wrong("invalidValue", detail)
}

/// The user has another version than the request expects.
pub(super) fn overtaken() -> Problem {
    let detail = "The user has changed: If-Match does not name their present version.";
    Problem::plain(StatusCode::PRECONDITION_FAILED, "overtaken").with_detail(detail)
}

/// What the desk did not do.
pub(super) fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Error(error) => of(&error),
        refusal @ Refusal::Scope(_) => refusal.into(),
    }
}

/// The error of a use-case or of an input.
pub(super) fn of(error: &AppError) -> Problem {
    let AppError::Invalid { field, problem } = error else {
        return Problem::of(error);
    };
    let words = i18n::error_text(Language::En, error);
    let named = match field.as_str() {
        "display_name" => "displayName",
        field => field,
    };
    let detail = format!("{named}: {words}");
    match problem {
        Reason::Taken | Reason::TakenBefore => {
            Problem::plain(StatusCode::CONFLICT, "uniqueness").with_detail(detail)
        }
        _ => invalid(detail),
    }
}
