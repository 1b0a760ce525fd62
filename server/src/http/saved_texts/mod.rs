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

use self::view::View;
use super::forms::{Fields, PageForm, PageQuery, key_of, team_of, unreadable, value};
use super::forms_page::{self, Done, FormsPage, Shown};
use super::page_reader::PageReader;
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
    let edited = value(&query, "edit").to_owned();
    forms_page::show(&Page { reader, edited }).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let edited = match value(&fields, "act") {
        // The list shows what was not deleted.
        "delete" => String::new(),
        _ => value(&fields, "id").to_owned(),
    };
    let page = Page {
        reader: reader?,
        edited,
    };
    Ok(forms_page::answer(&page, fields).await)
}

struct Page {
    reader: PageReader,
    /// The id of the text that its form is about; empty where it is about a new one.
    edited: String,
}

impl FormsPage for Page {
    fn reader(&self) -> &PageReader {
        &self.reader
    }

    fn label(&self, field: &str) -> Option<&'static str> {
        let language = self.reader.language;
        match field {
            "title" => Some(t!(language, texts.name)),
            "text" => Some(t!(language, texts.text)),
            "team" => Some(t!(language, texts.whose)),
            _ => None,
        }
    }

    async fn act(&self, fields: &Fields) -> Result<Done, NotDone> {
        let said = match value(fields, "act") {
            "delete" => self.delete(fields).await?,
            "update" => self.update(fields).await?,
            "create" => self.create(fields).await?,
            other => return Err(unreadable("act", other).into()),
        };
        Ok(Done::saved(PATH, &said))
    }

    async fn content(&self, mut shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let managed = self.reader.desk.saved_texts_managed(actor).await?;
        let edited = match &self.edited[..] {
            // The list shows what there is besides.
            id if id.is_empty() || shown.gone => None,
            id => {
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
        shown.compare(self.reader.language, &view);
        Ok(view.page(&shown))
    }
}

impl Page {
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
}

/// Which text a form is about, and the version that its sender saw.
fn seen(fields: &[(String, String)]) -> ApiResult<(SavedTextId, i64)> {
    let text = SavedTextId::parse(value(fields, "id")).map_err(|_| AppError::NotFound)?;
    let version = value(fields, "version");
    let seen = version.parse().map_err(|_| unreadable("version", version));
    Ok((text, seen?))
}
