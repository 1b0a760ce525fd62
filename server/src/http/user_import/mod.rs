//! `/admin/users/import`: many users out of a CSV file. A plain page, because passwords that are shown once belong into one answer. It
//! shows first what would happen; nothing is changed until *Import*.

mod file;
mod view;

use app::backend::ApiResult;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::error::{AppError, Problem};
use shared::ids::{CommandKey, ID_MAX};

pub(crate) use self::file::KIB_MAX;
use self::view::{Shown, View};
use super::errors::error_response;
use super::forms::PageParts;
use super::page_reader::{PageReader, answered};
use super::paths::USER_IMPORT as PATH;
use super::plain_page::UserPage;
use super::refused::Refused;
use super::routes::Routes;
use crate::desk::Desk;
use crate::desk::user_import::CheckedRow;

/// The route of the page.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .with_state(desk)
}

/// The page with its form.
async fn show(reader: PageReader) -> Response {
    Page { reader }.show(Shown::default()).await
}

/// Shows what the file would do, or does it. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageParts(parts): PageParts,
) -> Result<Response, Response> {
    let page = Page { reader: reader? };
    let form = Form::of(&parts);
    Ok(match page.done(&form).await {
        Ok(shown) => page.show(shown).await,
        Err(error @ (AppError::Unavailable | AppError::Internal { .. })) => error_response(&error),
        Err(AppError::NotFound) => page.reader.nowhere(),
        Err(error) => {
            let shown = Shown {
                problem: Some(i18n::error_text(page.reader.language, &error)),
                text: form.text(),
                ..Shown::default()
            };
            page.show(shown).await
        }
    })
}

/// What the form brings.
struct Form<'a> {
    import: bool,
    key: String,
    password: String,
    /// The file, or what was pasted.
    content: &'a [u8],
}

impl<'a> Form<'a> {
    fn of(parts: &'a [(String, Vec<u8>)]) -> Self {
        let part = |name: &str| {
            let found = parts.iter().find(|(known, _)| known == name);
            found.map_or(&[][..], |(_, content)| content)
        };
        let text = |name| String::from_utf8_lossy(part(name)).into_owned();
        let content = match part("file") {
            [] => part("text"),
            file => file,
        };
        Self {
            import: part("act") == b"import",
            key: text("key"),
            password: text("password"),
            content,
        }
    }

    /// What stands in the box for text, as far as it can be shown.
    fn text(&self) -> String {
        file::text(self.content).unwrap_or_default().to_owned()
    }
}

struct Page {
    reader: PageReader,
}

impl Page {
    async fn done(&self, form: &Form<'_>) -> ApiResult<Shown> {
        let desk = &self.reader.desk;
        let actor = &self.reader.caller.actor;
        // Asked before the file is looked at.
        desk.user_import_teams(actor).await?;
        let rows = match file::text(form.content).and_then(file::rows) {
            Ok(rows) => rows,
            Err(unreadable) => {
                return Ok(Shown {
                    problem: Some(view::unreadable_text(self.reader.language, &unreadable)),
                    text: form.text(),
                    ..Shown::default()
                });
            }
        };
        if !form.import {
            let checked = desk.user_import_check(actor, rows).await?;
            return Ok(self.preview(form, checked, None));
        }
        let key = key_of(&form.key)?;
        let texts = rows.iter().map(|row| row.texts.clone()).collect();
        let repeated = desk.user_import_repeated(actor, key.clone(), texts).await?;
        if repeated {
            return Ok(Shown {
                problem: Some(t!(self.reader.language, user_import.again).to_owned()),
                ..Shown::default()
            });
        }
        let checked = desk.user_import_check(actor, rows.clone()).await?;
        if checked.iter().any(|row| row.result.is_err()) {
            return Ok(self.preview(form, checked, None));
        }
        match self.import(form, key, checked).await {
            // Somebody else took a name or a team meanwhile, or the password is asked for: it is shown beside the rows.
            Err(error @ AppError::Invalid { .. }) => {
                let checked = desk.user_import_check(actor, rows).await?;
                let reason = self.reason(&error);
                Ok(Shown {
                    refused: Refused::of(&error, reason.clone()),
                    ..self.preview(form, checked, Some(reason))
                })
            }
            shown => shown,
        }
    }

    fn reason(&self, error: &AppError) -> String {
        let language = self.reader.language;
        match error {
            AppError::Invalid {
                problem: Problem::ProofNeeded { .. },
                ..
            } => t!(language, proof.empty).to_owned(),
            error => i18n::error_text(language, error),
        }
    }

    /// What would become of the rows. A form that was refused is sent again under its key.
    fn preview(&self, form: &Form<'_>, checked: Vec<CheckedRow>, problem: Option<String>) -> Shown {
        Shown {
            problem,
            text: form.text(),
            key: Some(form.key.clone()).filter(|key| !key.is_empty()),
            checked: Some(checked),
            ..Shown::default()
        }
    }

    async fn import(
        &self,
        form: &Form<'_>,
        key: CommandKey,
        checked: Vec<CheckedRow>,
    ) -> ApiResult<Shown> {
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        self.reader.prove(&form.password).await?;
        let users = checked.into_iter();
        let users = users.filter_map(|row| Some((row.row, row.result.ok()?)));
        let created = desk.user_import(caller, key, users.collect()).await?;
        Ok(match created {
            Some(created) => Shown {
                created,
                ..Shown::default()
            },
            None => Shown {
                problem: Some(t!(self.reader.language, user_import.again).to_owned()),
                ..Shown::default()
            },
        })
    }

    async fn show(&self, shown: Shown) -> Response {
        self.reader.page(self.content(&shown).await).await
    }

    async fn content(&self, shown: &Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let teams = self.reader.desk.user_import_teams(actor).await?;
        let view = View {
            language: self.reader.language,
            username: &actor.username,
            teams: &teams,
            proof: self.reader.asks_for_proof().await?,
            key: &|| self.reader.desk.ids().next(),
        };
        Ok(answered(view.page(shown), shown.is_refused()))
    }
}

/// The key of the form's command.
fn key_of(text: &str) -> ApiResult<CommandKey> {
    let problem = Problem::KeyForm { max: ID_MAX as i64 };
    CommandKey::parse(text).map_err(|_| AppError::invalid("key", problem))
}
