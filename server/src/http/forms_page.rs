//! Pages of the host with forms, all of which are answered alike: what was saved leads back to the page, which says so once, and what was
//! refused is shown once more with what was typed and why. A page says what its forms do and what it looks like ([`FormsPage`]); its
//! handlers call [`show`] and [`answer`].

use app::backend::ApiResult;
use axum::response::Response;
use i18n::t;
use shared::error::AppError;

use super::forms::{Fields, is_overtaken, value};
use super::page_reader::{PageReader, answered};
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};

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
    /// A secret that was made. Nothing keeps it, neither a cookie nor a cache (`layers.rs` says `no-store`), so the answer to the form
    /// alone has it, and does not lead elsewhere.
    pub(super) secret: Option<String>,
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
    /// The page answers in place. It has something that it will not have again: a secret, or what was typed beside what was done.
    Shown(Shown),
    /// Another answer.
    Answer(Response),
}

impl Done {
    /// Something was saved.
    pub(super) fn saved(to: &str, said: &str) -> Self {
        Self::Saved {
            to: to.to_owned(),
            said: said.to_owned(),
        }
    }

    /// A secret was made. A form that is sent again makes none, and says in these words that it was shown before.
    pub(super) fn secret(made: Option<String>, again: &str) -> Self {
        Self::Shown(Shown {
            problem: made.is_none().then(|| again.to_owned()),
            secret: made,
            ..Shown::default()
        })
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
        Ok(Done::Shown(shown)) => shown,
        Ok(Done::Answer(answer)) => return answer,
        Err(NotDone::Fields(refused)) => Shown {
            problem: refused.reasons(),
            refused,
            typed: fields,
            ..Shown::default()
        },
        Err(NotDone::Error(error)) => match reader.unshown(&error) {
            Some(answer) => return answer,
            None => not_done(page, &error, fields),
        },
    };
    show_with(page, shown).await
}

/// Why a form came to nothing, with what was typed into it.
fn not_done<P: FormsPage>(page: &P, error: &AppError, fields: Fields) -> Shown {
    let reason = page.reason(error);
    // The page shows what was not deleted as it reads now.
    if value(&fields, "act") == "delete" {
        return Shown {
            problem: Some(reason),
            ..Shown::default()
        };
    }
    Shown {
        refused: Refused::of(error, reason.clone()),
        problem: Some(reason),
        overtaken: is_overtaken(error),
        base: value(&fields, "base").to_owned(),
        typed: page.reader().typed_again(fields, error),
        ..Shown::default()
    }
}

async fn show_with<P: FormsPage>(page: &P, shown: Shown) -> Response {
    let refused = shown.problem.is_some();
    let content = page.content(shown).await;
    let content = content.map(|content| answered(content, refused));
    page.reader().page(content).await
}
