//! `/admin/tokens`: tokens of the HTTP API. A plain page, because a secret that is shown once belongs into one answer and
//! not into an app that keeps its data.

mod view;

use app::backend::{Account, Caller};
use axum::extract::{Extension, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use i18n::{Language, t};
use shared::error::{AppError, Problem};
use shared::ids::{CommandKey, TeamId, TokenId};
use shared::text::{TokenName, TypedPassword};
use shared::tokens::Scope;

use self::view::{Shown, Typed};
use super::SignedIn;
use super::errors::error_response;
use super::forms::PageForm;
use super::pages::language_for;
use super::plain_page::{nowhere, value};
use super::routes::Routes;
use crate::desk::Desk;
use crate::desk::tokens::NewToken;

/// The page's address.
pub(crate) const PATH: &str = "/admin/tokens";
/// Where somebody goes who has to sign in first.
const SIGN_IN: &str = "/login?next=%2Fadmin%2Ftokens";
/// After how many days a token can be made to expire.
const DAYS: [i64; 4] = [30, 90, 365, 730];

/// The route of the page.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .with_state(desk)
}

/// The page, as it stands.
async fn show(
    State(desk): State<Desk>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    headers: HeaderMap,
) -> Response {
    match Page::of(desk, signed_in, &headers).await {
        Ok(page) => page.show(Shown::default()).await,
        Err(response) => response,
    }
}

/// Does what a form of the page asks for.
async fn act(
    State(desk): State<Desk>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    headers: HeaderMap,
    PageForm(fields): PageForm<Vec<(String, String)>>,
) -> Response {
    let page = match Page::of(desk, signed_in, &headers).await {
        Ok(page) => page,
        Err(response) => return response,
    };
    let done = match value(&fields, "act") {
        "revoke" => page.revoke(&fields).await,
        _ => page.create(&fields).await,
    };
    match done {
        Ok(shown) => page.show(shown).await,
        Err(error @ (AppError::Unavailable | AppError::Internal { .. })) => error_response(&error),
        Err(AppError::NotFound) => page.nowhere(),
        Err(error) => {
            let typed = Typed::of(&fields);
            let shown = Shown {
                problem: Some(page.reason(&error)),
                typed,
                ..Shown::default()
            };
            page.show(shown).await
        }
    }
}

struct Page {
    desk: Desk,
    caller: Caller,
    language: Language,
}

impl Page {
    /// For somebody who is signed in; the others sign in first.
    async fn of(
        desk: Desk,
        signed_in: Option<SignedIn>,
        headers: &HeaderMap,
    ) -> Result<Self, Response> {
        let Some(signed_in) = signed_in else {
            return Err((StatusCode::SEE_OTHER, [(LOCATION, SIGN_IN)]).into_response());
        };
        let language = language_for(Some(&signed_in.actor.id), headers, &desk).await;
        Ok(Self {
            desk,
            caller: Caller {
                actor: signed_in.actor,
                session: signed_in.session,
            },
            language,
        })
    }

    fn reason(&self, error: &AppError) -> String {
        match error {
            AppError::Invalid { field, .. } if field == "scopes" => {
                let label = t!(self.language, tokens.opens);
                format!("{label}: {}", i18n::error_text(self.language, error))
            }
            error if error.asks_for_proof() => t!(self.language, proof.line).to_owned(),
            error => i18n::error_text(self.language, error),
        }
    }

    async fn create(&self, fields: &[(String, String)]) -> Result<Shown, AppError> {
        let key = CommandKey::parse(value(fields, "key"))?;
        let new = new_token(fields)?;
        let password = value(fields, "password");
        if !password.is_empty() {
            let typed = TypedPassword::new(password);
            self.desk.password_prove(&self.caller, typed).await?;
        }
        let secret = self.desk.token_create(&self.caller, key, new).await?;
        Ok(match secret {
            Some(secret) => Shown {
                secret: Some(secret),
                ..Shown::default()
            },
            None => Shown {
                problem: Some(t!(self.language, tokens.again).to_owned()),
                ..Shown::default()
            },
        })
    }

    async fn revoke(&self, fields: &[(String, String)]) -> Result<Shown, AppError> {
        let key = CommandKey::parse(value(fields, "key"))?;
        let token = TokenId::parse(value(fields, "token"))?;
        let actor = &self.caller.actor;
        self.desk.token_revoke(actor, key, token).await?;
        Ok(Shown {
            said: Some(t!(self.language, tokens.revoked_now)),
            ..Shown::default()
        })
    }

    /// The page; "not found" for those who may not know of it.
    async fn show(&self, shown: Shown) -> Response {
        match self.content(shown).await {
            Ok(response) => response,
            Err(AppError::NotFound) => self.nowhere(),
            Err(error) => error_response(&error),
        }
    }

    async fn content(&self, shown: Shown) -> Result<Response, AppError> {
        let actor = &self.caller.actor;
        let tokens = self.desk.token_list(actor).await?;
        let teams = self.desk.token_teams(actor).await?;
        let proof = match self.desk.proved(&self.caller).await {
            Ok(()) => false,
            Err(error) if error.asks_for_proof() => true,
            Err(error) => return Err(error),
        };
        let refused = shown.problem.is_some();
        let view = view::View {
            language: self.language,
            username: &actor.username,
            now: self.desk.clock().now(),
            tokens: &tokens,
            teams: &teams,
            proof,
            // A form that was refused is sent again under its key.
            key: &|| self.desk.ids().next(),
        };
        let mut response = view.page(&shown);
        if refused {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(response)
    }

    fn nowhere(&self) -> Response {
        nowhere(self.language)
    }
}

/// What the form says.
fn new_token(fields: &[(String, String)]) -> Result<NewToken, AppError> {
    let name = TokenName::parse(value(fields, "name"))?;
    let chosen = fields.iter().filter(|(name, _)| name == "scope");
    let scope = |code: &str| {
        let scope = Scope::from_code(code);
        scope.ok_or_else(|| unreadable("scopes", code))
    };
    let scopes: Result<Vec<Scope>, AppError> = chosen.map(|(_, code)| scope(code)).collect();
    let team = match value(fields, "team") {
        "" => None,
        team => {
            Some(TeamId::parse(team).map_err(|_| AppError::invalid("team", Problem::NotATeam))?)
        }
    };
    let days = match value(fields, "days") {
        "" => None,
        days => {
            let found = DAYS.into_iter().find(|known| known.to_string() == days);
            Some(found.ok_or_else(|| unreadable("days", days))?)
        }
    };
    Ok(NewToken {
        name,
        scopes: scopes?,
        team,
        days,
    })
}

fn unreadable(field: &str, text: &str) -> AppError {
    let detail = text.chars().take(40).collect();
    AppError::invalid(field, Problem::Unreadable { detail })
}
