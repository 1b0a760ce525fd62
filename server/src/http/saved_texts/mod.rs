//! `/texts`: the texts that people keep to use again, their own and those of their teams. A plain page: the app loads a list
//! when somebody asks for it in a box, and nothing else.

mod view;

use app::backend::ApiResult;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::error::AppError;
use shared::ids::SavedTextId;
use shared::saved_texts::{PLACEHOLDERS, SavedFor, unknown_placeholders};
use shared::text::{SavedBody, SavedTitle};

use self::view::{Shown, Typed, View};
use super::forms::{Fields, PageForm, PageQuery, key_of, team_of, unreadable, value};
use super::page_reader::{PageReader, answered};
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};
use super::routes::Routes;
use crate::desk::Desk;

/// The page's address. With `edit` its form is about one text.
pub(crate) const PATH: &str = "/texts";

/// The route of the page.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .with_state(desk)
}

/// The page, as it stands.
async fn show(reader: PageReader, PageQuery(query): PageQuery<Fields>) -> Response {
    let shown = Shown {
        edited: Some(value(&query, "edit").to_owned()).filter(|id| !id.is_empty()),
        ..Shown::default()
    };
    Page { reader }.show(shown).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page { reader: reader? };
    let done = match value(&fields, "act") {
        "delete" => page.delete(&fields).await.map_err(NotDone::from),
        "update" => page.update(&fields).await,
        "create" => page.create(&fields).await,
        other => Err(unreadable("act", other).into()),
    };
    let shown = match done {
        Ok(said) => Shown {
            said: Some(said),
            ..Shown::default()
        },
        Err(NotDone::Fields(refused)) => {
            let typed = Typed::of(&fields);
            Shown {
                problem: refused.reasons(),
                refused,
                edited: typed.edited(),
                typed: Some(typed),
                ..Shown::default()
            }
        }
        Err(NotDone::Error(error)) => match page.reader.unshown(&error) {
            Some(answer) => return Ok(answer),
            // The list shows what was not deleted as it reads now.
            None if value(&fields, "act") == "delete" => Shown {
                problem: Some(page.reason(&error)),
                ..Shown::default()
            },
            None => {
                let typed = Typed::of(&page.reader.typed_again(fields, &error));
                Shown {
                    problem: Some(page.reason(&error)),
                    refused: Refused::of(&error, page.reason(&error)),
                    edited: typed.edited(),
                    typed: Some(typed),
                    ..Shown::default()
                }
            }
        },
    };
    Ok(page.show(shown).await)
}

struct Page {
    reader: PageReader,
}

impl Page {
    fn reason(&self, error: &AppError) -> String {
        let language = self.reader.language;
        let text = i18n::error_text(language, error);
        let label = match error {
            AppError::Invalid { field, .. } => match &field[..] {
                "title" => t!(language, texts.name),
                "text" => t!(language, texts.text),
                "team" => t!(language, texts.whose),
                _ => return text,
            },
            _ => return text,
        };
        format!("{label}: {text}")
    }

    /// What a form says of title and text.
    fn content_of(
        &self,
        fields: &[(String, String)],
        refused: &mut Refused,
    ) -> ApiResult<Option<(SavedTitle, SavedBody)>> {
        let reason = |error: &AppError| self.reason(error);
        let title = refused.take(SavedTitle::parse(value(fields, "title")), reason)?;
        let body = refused.take(SavedBody::parse(value(fields, "text")), reason)?;
        Ok(title.zip(body))
    }

    async fn create(&self, fields: &[(String, String)]) -> Result<String, NotDone> {
        let key = key_of(fields)?;
        let written_for = SavedFor::from_code(value(fields, "for"));
        let written_for = written_for.ok_or_else(|| unreadable("for", value(fields, "for")))?;
        let mut refused = Refused::default();
        let team = refused.take(team_of(fields), |error| self.reason(error))?;
        let content = self.content_of(fields, &mut refused)?;
        let (Some(team), Some((title, body))) = (team, content) else {
            return Err(NotDone::Fields(refused));
        };
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        desk.saved_text_create(actor, key, written_for, team, title, body)
            .await?;
        Ok(self.saved(value(fields, "text")))
    }

    async fn update(&self, fields: &[(String, String)]) -> Result<String, NotDone> {
        let key = key_of(fields)?;
        let (text, version) = seen(fields)?;
        let mut refused = Refused::default();
        let content = self.content_of(fields, &mut refused)?;
        let Some((title, body)) = content else {
            return Err(NotDone::Fields(refused));
        };
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        desk.saved_text_update(actor, key, text, version, title, body)
            .await?;
        Ok(self.saved(value(fields, "text")))
    }

    async fn delete(&self, fields: &[(String, String)]) -> ApiResult<String> {
        let key = key_of(fields)?;
        let (text, version) = seen(fields)?;
        let actor = &self.reader.caller.actor;
        self.reader
            .desk
            .saved_text_delete(actor, key, text, version)
            .await?;
        Ok(t!(self.reader.language, texts.deleted).to_owned())
    }

    /// That a text was saved, and what in it will not be filled in although it looks so.
    fn saved(&self, text: &str) -> String {
        let language = self.reader.language;
        let unknown = unknown_placeholders(text);
        if unknown.is_empty() {
            return t!(language, texts.saved).to_owned();
        }
        let (unknown, known) = (unknown.join(", "), PLACEHOLDERS.join(", "));
        t!(
            language,
            forms.unknown_placeholders,
            unknown = unknown,
            known = known
        )
    }

    async fn show(&self, shown: Shown) -> Response {
        self.reader.page(self.content(shown).await).await
    }

    async fn content(&self, shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let managed = self.reader.desk.saved_texts_managed(actor).await?;
        let edited = match &shown.edited {
            None => None,
            Some(id) => {
                let mut texts = managed.texts.iter();
                let found = texts.find(|(text, manages)| *manages && text.id.as_str() == id);
                Some(&found.ok_or(AppError::NotFound)?.0)
            }
        };
        let view = View {
            language: self.reader.language,
            managed: &managed,
            edited,
            // A form that was refused is sent again under its key.
            key: &|| self.reader.desk.ids().next(),
        };
        Ok(answered(view.page(&shown), shown.problem.is_some()))
    }
}

/// Which text a form is about, and the version that its sender saw.
fn seen(fields: &[(String, String)]) -> ApiResult<(SavedTextId, i64)> {
    let text = SavedTextId::parse(value(fields, "id")).map_err(|_| AppError::NotFound)?;
    let version = value(fields, "version");
    let seen = version.parse().map_err(|_| unreadable("version", version));
    Ok((text, seen?))
}
