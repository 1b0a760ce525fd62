//! `/admin/labels`: the outcomes and tags from which those choose who work on a workitem. A plain page: the app loads the list when
//! somebody opens it at a workitem.

mod view;

use app::backend::ApiResult;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::error::AppError;
use shared::ids::LabelId;
use shared::labels::LabelKind;
use shared::text::LabelName;

use self::view::View;
use super::forms::{Fields, PageForm, key_of, team_of, unreadable, value};
use super::forms_page::{self, Done, FormsPage, Shown};
use super::page_reader::PageReader;
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};
use super::routes::Routes;
use crate::desk::Desk;

/// The page's address.
pub(crate) const PATH: &str = "/admin/labels";

/// The route of the page.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .with_state(desk)
}

/// The page, as it stands.
async fn show(reader: PageReader) -> Response {
    forms_page::show(&Page { reader }).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page { reader: reader? };
    Ok(forms_page::answer(&page, fields).await)
}

/// Which label a form is about, and the version that its sender saw.
fn seen(fields: &Fields) -> ApiResult<(LabelId, i64)> {
    let label = LabelId::parse(value(fields, "id")).map_err(|_| AppError::NotFound)?;
    let version = value(fields, "version");
    let seen = version.parse().map_err(|_| unreadable("version", version));
    Ok((label, seen?))
}

struct Page {
    reader: PageReader,
}

impl FormsPage for Page {
    fn reader(&self) -> &PageReader {
        &self.reader
    }

    fn label(&self, field: &str) -> Option<&'static str> {
        let language = self.reader.language;
        match field {
            "name" => Some(t!(language, labels.name)),
            "team" => Some(t!(language, labels.team)),
            _ => None,
        }
    }

    async fn act(&self, fields: &Fields) -> Result<Done, NotDone> {
        let language = self.reader.language;
        let said = match value(fields, "act") {
            "delete" => {
                self.delete(fields).await?;
                t!(language, label_deletion.deleted)
            }
            "update" => {
                self.update(fields).await?;
                t!(language, labels.saved)
            }
            "create" => {
                self.create(fields).await?;
                t!(language, labels.saved)
            }
            other => return Err(unreadable("act", other).into()),
        };
        Ok(Done::saved(PATH, said))
    }

    async fn content(&self, mut shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let managed = self.reader.desk.labels_managed(actor).await?;
        let view = View {
            language: self.reader.language,
            managed: &managed,
            // A form that was refused is sent again under its key.
            key: &|| self.reader.desk.ids().next(),
        };
        shown.compare(self.reader.language, &view);
        Ok(view.page(&shown))
    }
}

impl Page {
    async fn create(&self, fields: &Fields) -> Result<(), NotDone> {
        let key = key_of(fields)?;
        let kind = LabelKind::from_code(value(fields, "kind"));
        let kind = kind.ok_or_else(|| unreadable("kind", value(fields, "kind")))?;
        let reason = |error: &AppError| self.reason(error);
        let mut refused = Refused::default();
        let team = refused.take(team_of(fields), reason)?;
        let name = refused.take(LabelName::parse(value(fields, "name")), reason)?;
        let (Some(team), Some(name)) = (team, name) else {
            return Err(NotDone::Fields(refused));
        };
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        Ok(desk.label_create(actor, key, kind, team, name).await?)
    }

    async fn update(&self, fields: &Fields) -> ApiResult<()> {
        let key = key_of(fields)?;
        let seen = seen(fields)?;
        let name = LabelName::parse(value(fields, "name"))?;
        let active = value(fields, "active") == "on";
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        let update = desk.label_update(actor, key, seen, name, active);
        update.await
    }

    async fn delete(&self, fields: &Fields) -> ApiResult<()> {
        let key = key_of(fields)?;
        let (label, version) = seen(fields)?;
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        desk.label_delete(actor, key, label, version).await
    }
}
