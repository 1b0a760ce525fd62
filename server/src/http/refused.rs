//! The fields for which a form was refused. Each says so itself, and the page opens at the first one; the notice at the top of a page
//! stays for those who read from there. A form is read to its end, so that one answer names everything that is wrong with it.

use app::backend::ApiResult;
use maud::{Markup, html};
use shared::error::AppError;

/// The fields for which a form was refused, in their order on the page, each with the reason.
#[derive(Clone, Debug, Default)]
pub(super) struct Refused {
    fields: Vec<(String, String)>,
}

/// Why a form came to nothing.
#[derive(Debug)]
pub(super) enum NotDone {
    /// These fields of it are wrong; nothing else was asked.
    Fields(Refused),
    /// Anything else, such as one field that the store alone can judge.
    Error(AppError),
}

impl From<AppError> for NotDone {
    fn from(error: AppError) -> Self {
        Self::Error(error)
    }
}

static NOTHING: Refused = Refused { fields: Vec::new() };

impl Refused {
    /// The field that an error names; none where it names no field.
    pub(super) fn of(error: &AppError, reason: String) -> Self {
        let mut refused = Self::default();
        if let AppError::Invalid { field, .. } = error {
            refused.add(field, reason);
        }
        refused
    }

    /// One field, for this reason.
    pub(super) fn one(field: &str, reason: &str) -> Self {
        let mut refused = Self::default();
        refused.add(field, reason.to_owned());
        refused
    }

    /// What was read of a field; nothing where it was refused, which is kept with the reason. Fields are read in their order on the
    /// page.
    ///
    /// # Errors
    /// One that names no field.
    pub(super) fn take<T>(
        &mut self,
        read: ApiResult<T>,
        reason: impl Fn(&AppError) -> String,
    ) -> ApiResult<Option<T>> {
        let error = match read {
            Ok(value) => return Ok(Some(value)),
            Err(error) => error,
        };
        let refused = Self::of(&error, reason(&error));
        if refused.is_empty() {
            return Err(error);
        }
        self.fields.extend(refused.fields);
        Ok(None)
    }

    /// One more field.
    pub(super) fn add(&mut self, field: &str, reason: String) {
        self.fields.push((field.to_owned(), reason));
    }

    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// What it says in the form that was refused; other forms of the page have fields of the same names.
    pub(super) fn when(&self, this_form: bool) -> &Self {
        if this_form { self } else { &NOTHING }
    }

    /// All reasons, for the notice of the page; nothing where there is none.
    pub(super) fn reasons(&self) -> Option<String> {
        let reasons = self.fields.iter().map(|(_, reason)| reason.as_str());
        let reasons: Vec<&str> = reasons.collect();
        (!reasons.is_empty()).then(|| reasons.join(" "))
    }

    fn reason(&self, field: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(name, _)| name == field);
        found.map(|(_, reason)| reason.as_str())
    }

    /// A field's `aria-invalid`.
    pub(super) fn invalid(&self, field: &str) -> Option<&'static str> {
        self.reason(field).map(|_| "true")
    }

    /// Whether the page opens at a field.
    pub(super) fn first(&self, field: &str) -> bool {
        self.fields.first().is_some_and(|(name, _)| name == field)
    }

    /// A field's `aria-describedby`: the reason, and the hint of this id unless it is empty.
    pub(super) fn described(&self, field: &str, hint: &str) -> Option<String> {
        match (self.reason(field), hint) {
            (None, "") => None,
            (None, hint) => Some(hint.to_owned()),
            (Some(_), "") => Some(line_id(field)),
            (Some(_), hint) => Some([&line_id(field), " ", hint].concat()),
        }
    }

    /// The reason, behind its field.
    pub(super) fn line(&self, field: &str) -> Markup {
        html! {
            @if let Some(reason) = self.reason(field) {
                p class="field__error" id=(line_id(field)) { (reason) }
            }
        }
    }
}

fn line_id(field: &str) -> String {
    ["refused-", field].concat()
}

#[cfg(test)]
mod tests {
    use shared::error::Problem;

    use super::*;

    #[test]
    fn e33_a_refused_field_says_so_and_others_do_not() {
        let error = AppError::invalid("name", Problem::Taken);
        let refused = Refused::of(&error, "Taken.".to_owned());
        assert_eq!(refused.invalid("name"), Some("true"));
        assert!(refused.first("name") && !refused.first("team"));
        let described = refused.described("name", "hint");
        assert_eq!(described.as_deref(), Some("refused-name hint"));
        assert!(refused.line("name").into_string().contains("Taken."));
        assert_eq!(refused.invalid("team"), None);
        assert_eq!(refused.described("team", ""), None);
        assert_eq!(refused.when(false).invalid("name"), None);
        assert!(Refused::of(&AppError::NotFound, String::new()).is_empty());
    }

    #[test]
    fn u21_everything_that_is_wrong_is_kept_and_what_names_no_field_ends_the_reading() {
        let reason = |error: &AppError| match error {
            AppError::Invalid { field, .. } => format!("{field} is wrong."),
            _ => "No field.".to_owned(),
        };
        let wrong = |field| Err::<i64, _>(AppError::invalid(field, Problem::NotANumber));
        let mut refused = Refused::default();
        assert_eq!(refused.take(wrong("from"), reason), Ok(None));
        assert_eq!(refused.take(Ok(5), reason), Ok(Some(5)));
        assert_eq!(refused.take(wrong("to"), reason), Ok(None));
        let all = refused.reasons();
        assert_eq!(all.as_deref(), Some("from is wrong. to is wrong."));
        assert!(refused.first("from") && !refused.first("to"));
        assert_eq!(refused.invalid("to"), Some("true"));
        let gone = refused.take(Err::<i64, _>(AppError::NotFound), reason);
        assert_eq!(gone, Err(AppError::NotFound));
    }
}
