//! `/admin/tokens`: tokens of the HTTP API. A plain page, because a secret that is shown once belongs into one page and
//! not into an app that keeps its data.

mod view;

use app::backend::ApiResult;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::error::{AppError, Problem};
use shared::ids::{CommandKey, TokenId};
use shared::policy::{Action, can, gives};
use shared::text::TokenName;
use shared::tokens::Scope;

use self::view::{Typed, View};
use super::forms::{Fields, PageForm, team_of, unreadable, value};
use super::forms_page::{self, Done, FormsPage, Shown};
use super::page_reader::PageReader;
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};
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
            "name" => Some(t!(language, tokens.name)),
            "scopes" => Some(t!(language, tokens.opens)),
            "team" => Some(t!(language, tokens.team)),
            "days" => Some(t!(language, tokens.expires)),
            _ => None,
        }
    }

    async fn act(&self, fields: &Fields) -> Result<Done, NotDone> {
        let language = self.reader.language;
        match value(fields, "act") {
            "revoke" => {
                self.revoke(fields).await?;
                Ok(Done::saved(PATH, t!(language, tokens.revoked_now)))
            }
            "create" => {
                let secret = self.create(fields).await?;
                Ok(Done::secret(secret, PATH, t!(language, tokens.again)))
            }
            other => Err(unreadable("act", other).into()),
        }
    }

    async fn content(&self, shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let tokens = self.reader.desk.token_list(actor).await?;
        let teams = self.reader.desk.token_teams(actor).await?;
        let proof = self.reader.asks_for_proof().await?;
        let view = View {
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
            typed: Typed::of(&shown.typed),
            // A form that was refused is sent again under its key.
            key: &|| self.reader.desk.ids().next(),
        };
        Ok(view.page(&shown))
    }
}

impl Page {
    /// What the form says.
    async fn new_token(&self, fields: &[(String, String)]) -> Result<NewToken, NotDone> {
        let reason = |error: &AppError| self.reason(error);
        let proof = self.reader.proved(value(fields, "password")).await;
        let mut refused = Refused::default();
        let name = refused.take(TokenName::parse(value(fields, "name")), reason)?;
        let scopes = refused.take(scopes_of(fields), reason)?;
        let team = refused.take(team_of(fields), reason)?;
        let days = refused.take(days_of(fields), reason)?;
        let proof = refused.take(proof, reason)?;
        match (name, scopes, team, days, proof) {
            (Some(name), Some(scopes), Some(team), Some(days), Some(())) => Ok(NewToken {
                name,
                scopes,
                team,
                days,
            }),
            _ => Err(NotDone::Fields(refused)),
        }
    }

    /// Makes a token: its secret, unless the form was sent before.
    async fn create(&self, fields: &[(String, String)]) -> Result<Option<String>, NotDone> {
        let key = CommandKey::parse(value(fields, "key"))?;
        let new = self.new_token(fields).await?;
        let (desk, caller) = (&self.reader.desk, &self.reader.caller);
        Ok(desk.token_create(caller, key, new).await?)
    }

    async fn revoke(&self, fields: &[(String, String)]) -> ApiResult<()> {
        let key = CommandKey::parse(value(fields, "key"))?;
        let token = TokenId::parse(value(fields, "token"))?;
        let actor = &self.reader.caller.actor;
        self.reader.desk.token_revoke(actor, key, token).await
    }
}

/// What a token shall open; at least one thing.
fn scopes_of(fields: &[(String, String)]) -> Result<Vec<Scope>, AppError> {
    let chosen = fields.iter().filter(|(name, _)| name == "scope");
    let scope = |code: &str| Scope::from_code(code).ok_or_else(|| unreadable("scopes", code));
    let scopes: Result<Vec<Scope>, AppError> = chosen.map(|(_, code)| scope(code)).collect();
    match scopes {
        Ok(scopes) if scopes.is_empty() => Err(AppError::invalid("scopes", Problem::NoneChosen)),
        scopes => scopes,
    }
}

/// After how many days it shall expire, if ever.
fn days_of(fields: &[(String, String)]) -> Result<Option<i64>, AppError> {
    match value(fields, "days") {
        "" => Ok(None),
        typed => {
            let known = DAYS.into_iter().find(|days| days.to_string() == typed);
            known.map(Some).ok_or_else(|| unreadable("days", typed))
        }
    }
}
