//! `/admin/tokens`: tokens of the HTTP API. A plain page, because a secret that is shown once belongs into one answer and
//! not into an app that keeps its data.

mod view;

use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::error::{AppError, Problem};
use shared::ids::{CommandKey, TeamId, TokenId};
use shared::policy::{Action, can, gives};
use shared::text::TokenName;
use shared::tokens::Scope;

use self::view::{Shown, Typed};
use super::forms::{PageForm, unreadable, value};
use super::page_reader::{PageReader, answered};
use super::plain_page::UserPage;
use super::refused::Refused;
use super::routes::Routes;
use crate::desk::Desk;
use crate::desk::tokens::NewToken;

/// The page's address.
pub(crate) const PATH: &str = "/admin/tokens";
/// After how many days a token can be made to expire.
const DAYS: [i64; 4] = [30, 90, 365, 730];

/// The route of the page.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .with_state(desk)
}

/// The page, as it stands.
async fn show(reader: PageReader) -> Response {
    Page { reader }.show(Shown::default()).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Vec<(String, String)>>,
) -> Result<Response, Response> {
    let page = Page { reader: reader? };
    let done = match value(&fields, "act") {
        "revoke" => page.revoke(&fields).await,
        "create" => page.create(&fields).await,
        other => Err(unreadable("act", other)),
    };
    let shown = match done {
        Ok(shown) => shown,
        Err(error) => match page.reader.unshown(&error) {
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

struct Page {
    reader: PageReader,
}

impl Page {
    fn reason(&self, error: &AppError) -> String {
        match error {
            AppError::Invalid { field, .. } if field == "scopes" => {
                let label = t!(self.reader.language, tokens.opens);
                format!("{label}: {}", i18n::error_text(self.reader.language, error))
            }
            error if error.asks_for_proof() => t!(self.reader.language, proof.line).to_owned(),
            error => i18n::error_text(self.reader.language, error),
        }
    }

    async fn create(&self, fields: &[(String, String)]) -> Result<Shown, AppError> {
        let key = CommandKey::parse(value(fields, "key"))?;
        let new = new_token(fields)?;
        self.reader.prove(value(fields, "password")).await?;
        let secret = self
            .reader
            .desk
            .token_create(&self.reader.caller, key, new)
            .await?;
        Ok(match secret {
            Some(secret) => Shown {
                secret: Some(secret),
                ..Shown::default()
            },
            None => Shown {
                problem: Some(t!(self.reader.language, tokens.again).to_owned()),
                ..Shown::default()
            },
        })
    }

    async fn revoke(&self, fields: &[(String, String)]) -> Result<Shown, AppError> {
        let key = CommandKey::parse(value(fields, "key"))?;
        let token = TokenId::parse(value(fields, "token"))?;
        let actor = &self.reader.caller.actor;
        self.reader.desk.token_revoke(actor, key, token).await?;
        Ok(Shown {
            said: Some(t!(self.reader.language, tokens.revoked_now)),
            ..Shown::default()
        })
    }

    async fn show(&self, shown: Shown) -> Response {
        self.reader.page(self.content(shown).await).await
    }

    async fn content(&self, shown: Shown) -> Result<UserPage, AppError> {
        let actor = &self.reader.caller.actor;
        let tokens = self.reader.desk.token_list(actor).await?;
        let teams = self.reader.desk.token_teams(actor).await?;
        let proof = self.reader.asks_for_proof().await?;
        let refused = shown.problem.is_some();
        let view = view::View {
            language: self.reader.language,
            username: &actor.username,
            now: self.reader.desk.clock().now(),
            tokens: &tokens,
            teams: &teams,
            offers: &|scope| {
                let mut teams = teams.iter();
                gives(actor, scope, None) || teams.any(|(team, _)| gives(actor, scope, Some(team)))
            },
            everywhere: can(actor, Action::UserManage).is_ok(),
            proof,
            // A form that was refused is sent again under its key.
            key: &|| self.reader.desk.ids().next(),
        };
        Ok(answered(view.page(&shown), refused))
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
