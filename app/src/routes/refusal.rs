//! What a refused form says: a line at each field that is wrong, or a line above the form.
//!
//! What is wrong comes as an `AppError`, from the host or from the checks that both share; nothing is checked here.

use leptos::prelude::*;
use shared::error::AppError;

use crate::language::{error_text, problem_text};

/// The last refusal of one form, with everything that is known to be wrong. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Refusal(RwSignal<Vec<AppError>>);

impl Refusal {
    /// Nothing refused yet.
    pub fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// The form was refused.
    pub fn set(self, error: impl Into<AppError>) {
        self.0.set(vec![error.into()]);
    }

    /// The form was refused for all these reasons. Answers whether there is any.
    pub fn set_all(self, errors: Vec<AppError>) -> bool {
        let any = !errors.is_empty();
        self.0.set(errors);
        any
    }

    /// The form is tried again, or left.
    pub fn clear(self) {
        self.0.set(Vec::new());
    }

    /// What stands at a field when the refusal names it.
    pub fn at(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.0
                .with(|errors| errors.iter().find_map(|error| at(error, field)))
        })
    }

    /// What stands above the form: a refusal that names none of its fields.
    pub fn above(self, fields: &'static [&'static str]) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.0
                .with(|errors| errors.iter().find_map(|error| above(error, fields)))
        })
    }
}

fn at(error: &AppError, field: &str) -> Option<String> {
    match error {
        AppError::Invalid {
            field: wrong,
            problem,
        } if wrong == field => Some(problem_text(problem)),
        _ => None,
    }
}

fn above(error: &AppError, fields: &[&str]) -> Option<String> {
    match error {
        AppError::Invalid { field, .. } if fields.contains(&field.as_str()) => None,
        error => Some(error_text(error)),
    }
}

#[cfg(test)]
mod tests {
    use shared::error::Problem;

    use super::*;

    #[test]
    fn a_refusal_stands_at_its_field_or_above_never_both() {
        let empty = AppError::invalid("title", Problem::Empty { max: 80 });
        assert_eq!(
            at(&empty, "title").as_deref(),
            Some("This must not be empty (1 to 80 characters).")
        );
        assert_eq!(at(&empty, "message"), None);
        assert_eq!(above(&empty, &["title", "message"]), None);
        assert!(above(&empty, &["message"]).is_some());
        assert!(above(&AppError::Unavailable, &["title"]).is_some());
    }
}
