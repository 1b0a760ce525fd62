//! Pages of the host with forms, all of which are answered alike: what was saved leads back to the page, which says so once, and what was
//! refused is shown once more with what was typed and why. A page says what its forms do and what it looks like ([`FormsPage`]); its
//! handlers call [`show`] and [`answer`].

use app::backend::ApiResult;
use axum::response::Response;
use i18n::{Language, t};
use shared::error::{AppError, ConflictCause, Problem};

use super::forms::{
    Fields, Values, Words, is_overtaken, is_untouched, keep_stored, stored_now, value,
};
use super::page_reader::{PageReader, answered};
use super::plain_page::{Happened, UserPage};
use super::refused::{NotDone, Refused};
use super::sign_in::opens_plain;

/// What a page shows beside what is stored: what has just happened.
#[derive(Default)]
pub(super) struct Shown {
    /// What was done.
    pub(super) said: Option<String>,
    /// Why something was not done.
    pub(super) problem: Option<String>,
    /// The fields that it is about.
    pub(super) refused: Refused,
    /// What was typed and is not saved; nothing where the page shows what is stored.
    pub(super) typed: Fields,
    /// Whether somebody else has saved the same thing meanwhile.
    pub(super) overtaken: bool,
    /// What a form that was overtaken was first shown with. The form that is shown once more starts from what is stored.
    pub(super) base: String,
    /// Whether the form was about something that is there no more.
    pub(super) gone: bool,
    /// What was typed into such a form, in words: it has no field any more.
    pub(super) lost: Vec<(&'static str, &'static str, String)>,
    /// A secret that was made. It is shown this one time.
    pub(super) secret: Option<String>,
}

/// What forms of a page say, beside what is stored of the thing that they are about.
pub(super) trait Compared {
    /// What was typed, in words.
    fn wanted(&self, typed: &Fields) -> Words;

    /// What is stored, in words and as the form would send it; nothing where the thing is not there, or is edited by nobody else.
    fn stored(&self, typed: &Fields) -> Option<(Words, Values)>;

    /// On a page with a form for each of several things: what the form is about, and its name as the page shows it. Such a form saves
    /// nothing but what its words say.
    fn row(&self, _typed: &Fields) -> Option<(&'static str, String)> {
        None
    }
}

impl Shown {
    /// Compares the form that was sent with what is stored. Where somebody else was quicker it says what they changed, and keeps that in
    /// the fields that its sender left alone. What was typed into the form of something that is gone is kept to be read.
    pub(super) fn compare(&mut self, language: Language, form: &impl Compared) {
        if self.gone {
            let typed = std::mem::take(&mut self.typed);
            // In words an empty form says something as well, such as that a switch is off.
            let wanted = match typed.is_empty() {
                true => Words::new(),
                false => form.wanted(&typed),
            };
            let wanted = wanted.into_iter();
            let wanted = wanted.map(|(name, label, stands)| (name, label, stands.text()));
            self.lost = wanted
                .filter(|(.., text)| !text.trim().is_empty())
                .collect();
        }
        if !self.overtaken {
            return;
        }
        let Some((stored, values)) = form.stored(&self.typed) else {
            return;
        };
        let wanted = form.wanted(&self.typed);
        let words = (&wanted, &stored);
        keep_stored(&mut self.typed, &self.base, words, &values);
        let Some(problem) = &mut self.problem else {
            return;
        };
        let row = form.row(&self.typed);
        if row.is_some() && is_untouched(&self.base, &wanted) {
            *problem = t!(language, forms.untouched).to_owned();
        }
        problem.push_str(&stored_now(language, &self.base, &wanted, &stored));
        if let Some((what, name)) = row {
            *problem = t!(
                language,
                forms.row,
                what = what,
                name = name,
                problem = &*problem
            );
        }
    }

    /// What stands above the forms of the page.
    pub(super) fn happened(&self, language: Language) -> Happened<'_> {
        Happened {
            language,
            said: self.said.as_deref(),
            problem: self.problem.as_deref(),
            at_field: !self.refused.is_empty(),
            lost: &self.lost,
        }
    }
}

/// What became of a form that was not refused.
pub(super) enum Done {
    /// The browser goes on to this address of the page, which says once what was done. Neither *Back* nor *Reload* sends the form again.
    Saved {
        /// The address, with its query.
        to: String,
        /// What was done.
        said: String,
    },
    /// The same with a secret that was made, which the page shows once.
    Made {
        /// The address, with its query.
        to: String,
        /// The secret.
        secret: String,
    },
    /// The page answers in place: it has what was typed beside what was done, and will not have it again.
    Shown(Shown),
}

impl Done {
    /// Something was saved.
    pub(super) fn saved(to: &str, said: &str) -> Self {
        Self::Saved {
            to: to.to_owned(),
            said: said.to_owned(),
        }
    }

    /// A secret was made, which the page at this address shows. A form that is sent again makes none, and says in these words that it was
    /// shown before.
    pub(super) fn secret(made: Option<String>, to: &str, again: &str) -> Self {
        match made {
            Some(secret) => Self::Made {
                to: to.to_owned(),
                secret,
            },
            None => Self::Shown(Shown {
                problem: Some(again.to_owned()),
                ..Shown::default()
            }),
        }
    }
}

/// A page with forms, for somebody who reads it.
pub(super) trait FormsPage: Sync {
    /// Who reads it.
    fn reader(&self) -> &PageReader;

    /// What a field of its forms is called.
    fn label(&self, field: &str) -> Option<&'static str>;

    /// Does what a form asks for.
    fn act(&self, fields: &Fields) -> impl Future<Output = Result<Done, NotDone>> + Send;

    /// What it looks like.
    fn content(&self, shown: Shown) -> impl Future<Output = ApiResult<UserPage>> + Send;

    /// Why a form was refused.
    fn reason(&self, error: &AppError) -> String {
        self.named(error)
    }

    /// Why a form was refused, behind the name of the field.
    fn named(&self, error: &AppError) -> String {
        let language = self.reader().language;
        let text = i18n::error_text(language, error);
        let label = match error {
            error if error.asks_for_proof() => return t!(language, proof.empty).to_owned(),
            AppError::Invalid { field, .. } => self.label(field),
            _ => None,
        };
        match label {
            Some(label) => format!("{label}: {text}"),
            None => text,
        }
    }
}

/// The page as it stands, with what its reader has just done.
pub(super) async fn show<P: FormsPage>(page: &P) -> Response {
    let shown = Shown {
        said: page.reader().said.clone(),
        secret: page.reader().secret.clone(),
        ..Shown::default()
    };
    show_with(page, shown).await
}

/// Does what a form of the page asks for, and answers.
pub(super) async fn answer<P: FormsPage>(page: &P, fields: Fields) -> Response {
    let reader = page.reader();
    let done = page.act(&fields).await;
    let shown = match done {
        Ok(Done::Saved { to, said }) => return reader.saved(&to, &said),
        Ok(Done::Made { to, secret }) => return reader.made(&to, &secret),
        Ok(Done::Shown(shown)) => shown,
        Err(NotDone::Fields(refused)) => Shown {
            problem: refused.reasons(),
            refused,
            typed: fields,
            ..Shown::default()
        },
        Err(NotDone::Error(error)) => {
            if is_gone(reader, &fields, &error).await {
                gone(page, fields)
            } else if let Some(answer) = reader.unshown(&error) {
                return answer;
            } else {
                not_done(page, error, fields)
            }
        }
    };
    show_with(page, shown).await
}

/// Whether a form was about something that is there no more, for somebody who may know of the page. Nobody else is shown it: their
/// refusal is in the audit log by now, and asking for the page would add another.
async fn is_gone(reader: &PageReader, fields: &Fields, error: &AppError) -> bool {
    let missing = matches!(error, AppError::NotFound) && value(fields, "act") != "create";
    missing && opens_plain(&reader.path, &reader.caller.actor, &reader.desk).await
}

/// That a form was about something that is there no more.
fn gone<P: FormsPage>(page: &P, fields: Fields) -> Shown {
    let deletes = value(&fields, "act") == "delete";
    Shown {
        problem: Some(t!(page.reader().language, forms.gone).to_owned()),
        gone: true,
        typed: if deletes { Fields::new() } else { fields },
        ..Shown::default()
    }
}

/// Why a form came to nothing, with what was typed into it.
fn not_done<P: FormsPage>(page: &P, mut error: AppError, fields: Fields) -> Shown {
    let overtaken = is_overtaken(&error);
    if let AppError::Conflict {
        cause: ConflictCause::EditedMeanwhile { now, .. },
    } = &mut error
    {
        // It names also what the sender alone has changed; the page knows which that is.
        now.clear();
    }
    let reason = page.reason(&error);
    // The page shows what was not deleted as it reads now.
    if value(&fields, "act") == "delete" {
        return Shown {
            problem: Some(reason),
            ..Shown::default()
        };
    }
    Shown {
        refused: match is_about_no_field(&error) {
            true => Refused::default(),
            false => Refused::of(&error, reason.clone()),
        },
        problem: Some(reason),
        overtaken,
        base: value(&fields, "base").to_owned(),
        typed: page.reader().typed_again(fields, &error),
        ..Shown::default()
    }
}

/// Whether what an error names is none of a form's fields: a list that has no room for one more, or what no form of ours sends.
fn is_about_no_field(error: &AppError) -> bool {
    let AppError::Invalid { problem, .. } = error else {
        return false;
    };
    matches!(
        problem,
        Problem::TooMany { .. } | Problem::KeyForm { .. } | Problem::Unreadable { .. }
    )
}

async fn show_with<P: FormsPage>(page: &P, shown: Shown) -> Response {
    let (refused, gone) = (shown.problem.is_some(), shown.gone);
    let content = page.content(shown).await;
    let content = content.map(|content| {
        let mut content = answered(content, refused);
        content.gone = gone;
        content
    });
    page.reader().page(content).await
}
