//! Walls: `/dashboard/walls`, where links to them are made and revoked, and `/wall/{secret}`, which shows one to everybody with its
//! link. Both are plain pages.

mod view;
mod wall;

use app::backend::ApiResult;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::error::{AppError, Problem};
use shared::ids::{TeamId, WallId};
use shared::text::WallName;

use self::view::{Typed, View};
use super::errors::error_response;
use super::forms::{Fields, PageForm, key_of, unreadable, value};
use super::forms_page::{self, Done, FormsPage, Shown};
use super::language::language_for;
use super::page_reader::PageReader;
use super::paths::WALL;
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};
use super::routes::Routes;
use super::sign_in::provider::base_of;
use crate::desk::Desk;

/// The address of the page of links.
pub(crate) const PATH: &str = "/dashboard/walls";

/// The routes. `secure`: TLS stands in front.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk, secure: bool) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .route("/wall/{secret}", get(wall_show))
        .with_state(Host { desk, secure })
}

#[derive(Clone)]
struct Host {
    desk: Desk,
    secure: bool,
}

impl axum::extract::FromRef<Host> for Desk {
    fn from_ref(host: &Host) -> Self {
        host.desk.clone()
    }
}

/// A wall, for everybody with its link.
async fn wall_show(
    State(host): State<Host>,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Response {
    let language = language_for(None, &headers, &host.desk).await;
    match host.desk.wall_show(&secret).await {
        Ok(shown) => wall::page(language, &shown),
        Err(AppError::NotFound) => {
            let mut response = wall::ended(language);
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
        Err(error) => error_response(&error),
    }
}

/// The page of links, as it stands.
async fn show(State(host): State<Host>, reader: PageReader, headers: HeaderMap) -> Response {
    forms_page::show(&Page::of(&host, reader, &headers)).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    State(host): State<Host>,
    reader: Result<PageReader, Response>,
    headers: HeaderMap,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page::of(&host, reader?, &headers);
    Ok(forms_page::answer(&page, fields).await)
}

/// The teams that a form chooses; at least one.
fn teams_of(fields: &[(String, String)]) -> ApiResult<Vec<TeamId>> {
    let wrong = |problem| AppError::invalid("teams", problem);
    let chosen = fields.iter().filter(|(name, _)| name == "team");
    let teams = chosen.map(|(_, id)| TeamId::parse(id).map_err(|_| wrong(Problem::NotATeam)));
    let teams: Vec<TeamId> = teams.collect::<ApiResult<_>>()?;
    match teams.is_empty() {
        true => Err(wrong(Problem::NoneChosen)),
        false => Ok(teams),
    }
}

struct Page {
    reader: PageReader,
    /// Where this host is reached, without a slash at its end.
    base: String,
}

impl Page {
    fn of(host: &Host, reader: PageReader, headers: &HeaderMap) -> Self {
        Self {
            reader,
            base: base_of(&host.desk, host.secure, headers),
        }
    }

    /// Makes a link: its secret, unless the form was sent before.
    async fn create(&self, fields: &[(String, String)]) -> Result<Option<String>, NotDone> {
        let key = key_of(fields)?;
        let reason = |error: &AppError| self.reason(error);
        let proof = self.reader.proved(value(fields, "password")).await;
        let mut refused = Refused::default();
        let name = refused.take(WallName::parse(value(fields, "name")), reason)?;
        let teams = refused.take(teams_of(fields), reason)?;
        let proof = refused.take(proof, reason)?;
        let (Some(name), Some(teams), Some(())) = (name, teams, proof) else {
            return Err(NotDone::Fields(refused));
        };
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        let made = desk.wall_create(caller, key, name, teams).await;
        Ok(made.map_err(|error| match error {
            // A team that is gone, or that the sender has just lost; who lost the page is not shown it in any case.
            AppError::NotFound => AppError::invalid("teams", Problem::NotATeam),
            error => error,
        })?)
    }

    async fn revoke(&self, fields: &[(String, String)]) -> ApiResult<()> {
        let key = key_of(fields)?;
        let wall = WallId::parse(value(fields, "wall")).map_err(|_| AppError::NotFound)?;
        let actor = &self.reader.caller.actor;
        self.reader.desk.wall_revoke(actor, key, wall).await
    }
}

impl FormsPage for Page {
    fn reader(&self) -> &PageReader {
        &self.reader
    }

    fn label(&self, field: &str) -> Option<&'static str> {
        let language = self.reader.language;
        match field {
            "name" => Some(t!(language, walls.name)),
            "teams" => Some(t!(language, walls.teams)),
            "walls" => Some(t!(language, walls.title)),
            _ => None,
        }
    }

    async fn act(&self, fields: &Fields) -> Result<Done, NotDone> {
        let language = self.reader.language;
        match value(fields, "act") {
            "revoke" => {
                self.revoke(fields).await?;
                Ok(Done::saved(PATH, t!(language, walls.revoked_now)))
            }
            "create" => {
                let secret = self.create(fields).await?;
                let address = secret.map(|secret| [&self.base, WALL, &secret].concat());
                Ok(Done::secret(address, PATH, t!(language, walls.again)))
            }
            other => Err(unreadable("act", other).into()),
        }
    }

    async fn content(&self, shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let managed = self.reader.desk.walls_managed(actor).await?;
        let proof = self.reader.asks_for_proof().await?;
        let view = View {
            language: self.reader.language,
            username: &actor.username,
            managed: &managed,
            proof,
            typed: Typed::of(&shown.typed),
            // A form that was refused is sent again under its key.
            key: &|| self.reader.desk.ids().next(),
        };
        Ok(view.page(&shown))
    }
}
