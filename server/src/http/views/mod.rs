//! `/dashboard/views`: where views of the dashboard are kept, renamed, shared and deleted. A plain page: its address carries the
//! filter that the dashboard shows, so the app only links to it.

mod view;

use app::backend::ApiResult;
use axum::extract::RawQuery;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::agent_filter::{Filter, SHOW_BEFORE};
use shared::error::{AppError, Problem};
use shared::ids::{TeamId, ViewId};
use shared::policy::{Action, can};
use shared::text::ViewName;
use shared::views::{DashboardViews, ViewFilter};

use self::view::View;
use super::forms::{Fields, PageForm, key_of, team_of, unreadable, value};
use super::forms_page::{self, Done, FormsPage, Shown};
use super::page_reader::PageReader;
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};
use super::routes::Routes;
use crate::desk::Desk;

/// The page's address. With `edit` its form is about one view; what else stands in it is a filter to keep.
pub(crate) const PATH: &str = "/dashboard/views";

/// The route of the page.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .with_state(desk)
}

/// The page, as it stands.
async fn show(reader: PageReader, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let pairs: Fields = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let page = Page {
        reader,
        edited: value(&pairs, "edit").to_owned(),
        query,
    };
    forms_page::show(&page).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let edited = match value(&fields, "act") {
        // The list shows what was refused, and its form a new view.
        "delete" => String::new(),
        _ => value(&fields, "id").to_owned(),
    };
    let page = Page {
        reader: reader?,
        edited,
        query: value(&fields, "filter").to_owned(),
    };
    Ok(forms_page::answer(&page, fields).await)
}

struct Page {
    reader: PageReader,
    /// The id of the view that its form is about; empty where it is about a new one.
    edited: String,
    /// What stands in its address: what the dashboard shows from which somebody came.
    query: String,
}

impl FormsPage for Page {
    fn reader(&self) -> &PageReader {
        &self.reader
    }

    fn label(&self, field: &str) -> Option<&'static str> {
        let language = self.reader.language;
        match field {
            "name" => Some(t!(language, views.name)),
            "team" => Some(t!(language, views.shared_with)),
            "filter" => Some(t!(language, views.filter)),
            "views" => Some(t!(language, views.title)),
            _ => None,
        }
    }

    async fn act(&self, fields: &Fields) -> Result<Done, NotDone> {
        let done = match value(fields, "act") {
            "delete" => self.delete(fields).await.map_err(NotDone::from),
            "update" => self.update(fields).await,
            "create" => self.create(fields).await,
            other => Err(unreadable("act", other).into()),
        };
        // A team that is gone, or that the sender has just lost; who lost the page is not shown it in any case.
        let actor = &self.reader.caller.actor;
        let team = TeamId::parse(value(fields, "team")).ok();
        let lost = team.is_some_and(|team| can(actor, Action::ViewShare(&team)).is_err());
        let said = done.map_err(|not_done| match not_done {
            NotDone::Error(AppError::NotFound) if lost => {
                AppError::invalid("team", Problem::NotATeam).into()
            }
            not_done => not_done,
        })?;
        // What can be kept as a filter can stand in an address.
        Ok(match ViewFilter::parse(&self.query) {
            Ok(filter) if !filter.as_str().is_empty() => {
                Done::saved(&[PATH, "?", filter.as_str()].concat(), said)
            }
            _ => Done::saved(PATH, said),
        })
    }

    async fn content(&self, mut shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let managed = self.reader.desk.views_managed(actor).await?;
        let edited = match &self.edited[..] {
            // The list shows what there is besides.
            id if id.is_empty() || shown.gone => None,
            id => {
                let mut views = managed.views.views.iter();
                let found = views.find(|view| view.by.id == actor.id && view.id.as_str() == id);
                Some(found.ok_or(AppError::NotFound)?)
            }
        };
        let filter = match shown.typed.is_empty() {
            true => filter_of(&self.query, &managed.views),
            false => self.query.clone(),
        };
        let view = View {
            language: self.reader.language,
            me: &actor.id,
            managed: &managed,
            edited,
            filter: &filter,
            // A form that was refused is sent again under its key.
            key: &|| self.reader.desk.ids().next(),
        };
        shown.compare(self.reader.language, &view);
        Ok(view.page(&shown))
    }
}

impl Page {
    /// What a form says of name and team.
    fn content_of(
        &self,
        fields: &[(String, String)],
        refused: &mut Refused,
    ) -> ApiResult<Option<(ViewName, Option<TeamId>)>> {
        let reason = |error: &AppError| self.reason(error);
        let name = refused.take(ViewName::parse(value(fields, "name")), reason)?;
        let team = refused.take(team_of(fields), reason)?;
        Ok(name.zip(team))
    }

    async fn create(&self, fields: &[(String, String)]) -> Result<&'static str, NotDone> {
        let key = key_of(fields)?;
        let mut refused = Refused::default();
        let content = self.content_of(fields, &mut refused)?;
        let filter = ViewFilter::parse(value(fields, "filter"));
        let filter = refused.take(filter, |error| self.reason(error))?;
        let (Some((name, team)), Some(filter)) = (content, filter) else {
            return Err(NotDone::Fields(refused));
        };
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        desk.view_create(actor, key, name, filter, team).await?;
        Ok(t!(self.reader.language, views.saved))
    }

    async fn update(&self, fields: &[(String, String)]) -> Result<&'static str, NotDone> {
        let key = key_of(fields)?;
        let mut refused = Refused::default();
        let content = self.content_of(fields, &mut refused)?;
        let filter = match value(fields, "replace") {
            "" => Ok(None),
            _ => ViewFilter::parse(value(fields, "filter")).map(Some),
        };
        let filter = refused.take(filter, |error| self.reason(error))?;
        let (Some((name, team)), Some(filter)) = (content, filter) else {
            return Err(NotDone::Fields(refused));
        };
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        desk.view_update(actor, key, seen(fields)?, name, filter, team)
            .await?;
        Ok(t!(self.reader.language, views.saved))
    }

    async fn delete(&self, fields: &[(String, String)]) -> ApiResult<&'static str> {
        let key = key_of(fields)?;
        let (view, version) = seen(fields)?;
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        desk.view_delete(actor, key, view, version).await?;
        Ok(t!(self.reader.language, views.deleted))
    }
}

/// What the dashboard shows from which somebody came: what stands in the address, or what the view shows that it names; with the
/// columns that are hidden otherwise.
fn filter_of(query: &str, views: &DashboardViews) -> String {
    let pairs: Fields = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let named = value(&pairs, "view");
    let named = views.views.iter().find(|view| view.id.as_str() == named);
    let pairs = match named {
        Some(view) => form_urlencoded::parse(view.filter.as_bytes())
            .into_owned()
            .collect(),
        None => pairs,
    };
    let mut filter = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &pairs {
        if !["view", "edit"].contains(&&name[..]) && !value.is_empty() {
            filter.append_pair(name, value);
        }
    }
    if value(&pairs, "hide").is_empty() {
        let hidden = match &views.hidden[..] {
            "" => "none",
            hidden => hidden,
        };
        filter.append_pair("hide", hidden);
    }
    filter.finish()
}

/// What the dashboard writes into its address beside the filters.
const BESIDE: [&str; 4] = ["find", "sort", "hide", SHOW_BEFORE];

/// What a filter has that means nothing to this release, such as a word of a later one.
fn unknown(filter: &str) -> Vec<String> {
    let pairs = form_urlencoded::parse(filter.as_bytes());
    let unknown = pairs.filter(|(name, value)| {
        let (name, value) = (&name[..], &value[..]);
        let by = Filter::ALL.into_iter().find(|by| by.code() == name);
        let known = by.map_or(BESIDE.contains(&name), |by| by.knows(value));
        !known && !value.is_empty()
    });
    unknown
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

/// Which view a form is about, and the version that its sender saw.
fn seen(fields: &[(String, String)]) -> ApiResult<(ViewId, i64)> {
    let view = ViewId::parse(value(fields, "id")).map_err(|_| AppError::NotFound)?;
    let version = value(fields, "version");
    let seen = version.parse().map_err(|_| unreadable("version", version));
    Ok((view, seen?))
}
