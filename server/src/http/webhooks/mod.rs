//! `/admin/webhooks`: receivers of webhooks and the log of their events. A plain page, as that of the tokens: a secret that
//! is shown once belongs into one answer.

mod acts;
mod form;
mod log;
mod view;

use app::backend::Caller;
use axum::extract::{Extension, Form, Query, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use i18n::{Language, t};
use shared::error::AppError;
use shared::ids::ReceiverId;

use self::view::{Shown, View};
use super::SignedIn;
use super::errors::error_response;
use super::pages::language_for;
use super::plain_page::{nowhere, value};
use super::routes::Routes;
use crate::desk::Desk;
use crate::desk::event_sender::UrlProblem;
use crate::desk::webhooks::NotSaved;

/// The page's address. With `receiver` it is about one, and with `before` its log begins there.
pub(crate) const PATH: &str = "/admin/webhooks";
/// Where somebody goes who has to sign in first.
const SIGN_IN: &str = "/login?next=%2Fadmin%2Fwebhooks";

/// The route of the page.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .with_state(desk)
}

type Fields = Vec<(String, String)>;

/// The page, as it stands.
async fn show(
    State(desk): State<Desk>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    headers: HeaderMap,
    Query(query): Query<Fields>,
) -> Response {
    let page = match Page::of(desk, signed_in, &headers).await {
        Ok(page) => page,
        Err(response) => return response,
    };
    let shown = Shown {
        before: value(&query, "before").parse().unwrap_or(i64::MAX),
        ..Shown::default()
    };
    match value(&query, "receiver") {
        "" => page.list(shown).await,
        receiver => match ReceiverId::parse(receiver) {
            Ok(receiver) => page.one(&receiver, shown).await,
            Err(_) => page.nowhere(),
        },
    }
}

/// Does what a form of the page asks for.
async fn act(
    State(desk): State<Desk>,
    Extension(signed_in): Extension<Option<SignedIn>>,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    let page = match Page::of(desk, signed_in, &headers).await {
        Ok(page) => page,
        Err(response) => return response,
    };
    let receiver = match value(&fields, "receiver") {
        "" => None,
        receiver => match ReceiverId::parse(receiver) {
            Ok(receiver) => Some(receiver),
            Err(_) => return page.nowhere(),
        },
    };
    let (receiver, shown) = match page.done(receiver.clone(), &fields).await {
        Ok(done) => done,
        Err(NotSaved::App(error @ (AppError::Unavailable | AppError::Internal { .. }))) => {
            return error_response(&error);
        }
        Err(NotSaved::App(AppError::NotFound)) => return page.nowhere(),
        Err(error) => (receiver, page.refused(&error, &fields)),
    };
    match receiver {
        Some(receiver) => page.one(&receiver, shown).await,
        None => page.list(shown).await,
    }
}

/// The page for somebody.
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

    /// Why a form was refused, with what was typed into it.
    fn refused(&self, error: &NotSaved, fields: &[(String, String)]) -> Shown {
        Shown {
            problem: Some(self.reason(error)),
            typed: form::Typed::of(fields),
            ..Shown::default()
        }
    }

    fn reason(&self, error: &NotSaved) -> String {
        let language = self.language;
        let error = match error {
            NotSaved::Url(problem) => {
                let label = t!(language, webhooks.url);
                return format!("{label}: {}", url_problem(language, *problem));
            }
            NotSaved::App(error) => error,
        };
        let text = i18n::error_text(language, error);
        let label = match error {
            error if error.asks_for_proof() => return t!(language, proof.line).to_owned(),
            AppError::Invalid { field, .. } => match &field[..] {
                "name" => t!(language, webhooks.name),
                "url" => t!(language, webhooks.url),
                "events" => t!(language, webhooks.events),
                _ => return text,
            },
            _ => return text,
        };
        format!("{label}: {text}")
    }

    /// The page of all receivers; "not found" for those who may not know of it.
    async fn list(&self, shown: Shown) -> Response {
        match self.list_content(&shown).await {
            Ok(response) => response,
            Err(AppError::NotFound) => self.nowhere(),
            Err(error) => error_response(&error),
        }
    }

    async fn list_content(&self, shown: &Shown) -> Result<Response, AppError> {
        let receivers = self.desk.webhook_list(&self.caller.actor).await?;
        let view = self.view(shown).await?;
        Ok(self.answered(view.list(&receivers), shown))
    }

    /// The page of one receiver.
    async fn one(&self, receiver: &ReceiverId, shown: Shown) -> Response {
        match self.one_content(receiver, &shown).await {
            Ok(response) => response,
            Err(AppError::NotFound) => self.nowhere(),
            Err(error) => error_response(&error),
        }
    }

    async fn one_content(
        &self,
        receiver: &ReceiverId,
        shown: &Shown,
    ) -> Result<Response, AppError> {
        let actor = &self.caller.actor;
        let page = self.desk.webhook_page(actor, receiver, shown.before);
        let page = page.await?;
        let view = self.view(shown).await?;
        Ok(self.answered(view.one(&page), shown))
    }

    async fn view<'a>(&'a self, shown: &'a Shown) -> Result<View<'a>, AppError> {
        let proof = match self.desk.proved(&self.caller).await {
            Ok(()) => false,
            Err(error) if error.asks_for_proof() => true,
            Err(error) => return Err(error),
        };
        Ok(View {
            language: self.language,
            username: &self.caller.actor.username,
            now: self.desk.clock().now(),
            proof,
            shown,
            ids: self.desk.ids(),
        })
    }

    fn answered(&self, mut response: Response, shown: &Shown) -> Response {
        if shown.problem.is_some() {
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        response
    }

    fn nowhere(&self) -> Response {
        nowhere(self.language)
    }
}

fn url_problem(language: Language, problem: UrlProblem) -> &'static str {
    match problem {
        UrlProblem::Unreadable => t!(language, webhooks.url_unreadable),
        UrlProblem::TooLong => t!(language, webhooks.url_too_long),
        UrlProblem::NotHttps => t!(language, webhooks.url_not_https),
        UrlProblem::UserInfo => t!(language, webhooks.url_user_info),
        UrlProblem::UnknownHost => t!(language, webhooks.url_unknown_host),
        UrlProblem::AddressRefused => t!(language, webhooks.url_address_refused),
    }
}
