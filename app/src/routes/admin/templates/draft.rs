//! A template as it stands in the form, which outlives the page.

use serde::{Deserialize, Serialize};
use shared::assistance::{Template, target_minutes};
use shared::error::{AppError, Problem};
use shared::ids::TemplateId;
use shared::text::{one_line, tidy_line};

/// What stands in the form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Draft {
    /// Of which template; `None` for a new one.
    pub(super) template: Option<TemplateId>,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) active: bool,
    /// The target time in minutes, as it is typed.
    #[serde(default)]
    pub(super) target: String,
    /// The version of the template that this started from.
    #[serde(default)]
    pub(super) version: i64,
}

/// The target time that is typed; nothing is none.
pub(super) fn typed_target(typed: &str) -> Result<Option<i64>, AppError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let minutes = typed.parse::<i64>();
    target_minutes(minutes.map_err(|_| AppError::invalid("target", Problem::NotANumber))?)
}

impl Draft {
    /// The form as it opens: with a template as it is stored, or empty for a new one.
    pub(super) fn of(template: Option<&Template>) -> Self {
        template.map_or(
            Self {
                template: None,
                title: String::new(),
                text: String::new(),
                active: true,
                target: String::new(),
                version: 0,
            },
            |template| Self {
                template: Some(template.id.clone()),
                title: template.title.clone(),
                text: template.text.clone(),
                active: template.active,
                target: template
                    .target_min
                    .map_or_else(String::new, |minutes| minutes.to_string()),
                version: template.version,
            },
        )
    }

    /// Whether both forms say the same.
    pub(super) fn reads_as(&self, other: &Self) -> bool {
        self.title == other.title
            && self.text == other.text
            && self.active == other.active
            && self.target.trim() == other.target.trim()
    }

    /// Whether the template says the same.
    pub(super) fn is_stored_as(&self, template: &Template) -> bool {
        tidy_line(&self.title) == template.title
            && tidy_line(&one_line(&self.text)) == template.text
            && self.active == template.active
            && typed_target(&self.target) == Ok(template.target_min)
    }
}
