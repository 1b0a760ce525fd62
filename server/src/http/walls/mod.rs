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

use self::view::{Shown, Typed, View};
use super::errors::error_response;
use super::forms::{Fields, PageForm, key_of, unreadable, value};
use super::language::language_for;
use super::page_reader::{PageReader, answered};
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
    let page = Page::of(&host, reader, &headers);
    page.show(Shown::default()).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    State(host): State<Host>,
    reader: Result<PageReader, Response>,
    headers: HeaderMap,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page::of(&host, reader?, &headers);
    let done = match value(&fields, "act") {
        "revoke" => page.revoke(&fields).await.map_err(NotDone::from),
        "create" => page.create(&fields).await,
        other => Err(unreadable("act", other).into()),
    };
    // A team that is gone, or that the sender has just lost; who lost the page is not shown it in any case.
    let chosen = !value(&fields, "team").is_empty();
    let done = done.map_err(|not_done| match not_done {
        NotDone::Error(AppError::NotFound) if chosen => {
            AppError::invalid("teams", Problem::NotATeam).into()
        }
        not_done => not_done,
    });
    let shown = match done {
        Ok(shown) => shown,
        Err(NotDone::Fields(refused)) => Shown {
            problem: refused.reasons(),
            refused,
            typed: Typed::of(&fields),
            ..Shown::default()
        },
        Err(NotDone::Error(error)) => match page.reader.unshown(&error) {
            Some(answer) => return Ok(answer),
            None => Shown {
                problem: Some(page.reason(&error)),
                refused: Refused::of(&error, page.reason(&error)),
                typed: Typed::of(&page.reader.typed_again(fields, &error)),
                ..Shown::default()
            },
        },
    };
    Ok(page.show(shown).await)
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

    fn reason(&self, error: &AppError) -> String {
        let language = self.reader.language;
        let text = i18n::error_text(language, error);
        let label = match error {
            error if error.asks_for_proof() => return t!(language, proof.empty).to_owned(),
            AppError::Invalid { field, .. } => match &field[..] {
                "name" => t!(language, walls.name),
                "teams" => t!(language, walls.teams),
                "walls" => t!(language, walls.title),
                _ => return text,
            },
            _ => return text,
        };
        format!("{label}: {text}")
    }

    async fn create(&self, fields: &[(String, String)]) -> Result<Shown, NotDone> {
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
        let secret = desk.wall_create(caller, key, name, teams).await?;
        Ok(match secret {
            Some(secret) => Shown {
                address: Some([&self.base, WALL, &secret].concat()),
                ..Shown::default()
            },
            None => Shown {
                problem: Some(t!(self.reader.language, walls.again).to_owned()),
                ..Shown::default()
            },
        })
    }

    async fn revoke(&self, fields: &[(String, String)]) -> ApiResult<Shown> {
        let key = key_of(fields)?;
        let wall = WallId::parse(value(fields, "wall")).map_err(|_| AppError::NotFound)?;
        let actor = &self.reader.caller.actor;
        self.reader.desk.wall_revoke(actor, key, wall).await?;
        Ok(Shown {
            said: Some(t!(self.reader.language, walls.revoked_now)),
            ..Shown::default()
        })
    }

    async fn show(&self, shown: Shown) -> Response {
        self.reader.page(self.content(shown).await).await
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
            // A form that was refused is sent again under its key.
            key: &|| self.reader.desk.ids().next(),
        };
        Ok(answered(view.page(&shown), shown.problem.is_some()))
    }
}
