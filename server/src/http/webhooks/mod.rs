//! `/admin/webhooks`: receivers of webhooks and the log of their events. A plain page, as that of the tokens: a secret that
//! is shown once belongs into one answer.

mod acts;
mod form;
mod log;
mod typed;
mod view;

use axum::response::Response;
use axum::routing::get;
use i18n::{Language, t};
use shared::error::AppError;
use shared::ids::ReceiverId;

use self::typed::Typed;
use self::view::{Shown, View};
use super::forms::{PageForm, PageQuery, is_overtaken, value};
use super::page_reader::{PageReader, answered};
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};
use super::routes::Routes;
use crate::desk::Desk;
use crate::desk::event_sender::UrlProblem;
use crate::desk::webhooks::NotSaved;

/// The page's address. With `receiver` it is about one, and with `before` its log begins there.
pub(crate) const PATH: &str = "/admin/webhooks";

/// The route of the page.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .with_state(desk)
}

type Fields = Vec<(String, String)>;

/// The page, as it stands.
async fn show(reader: PageReader, PageQuery(query): PageQuery<Fields>) -> Response {
    let page = Page { reader };
    let shown = Shown {
        before: value(&query, "before").parse().unwrap_or(i64::MAX),
        ..Shown::default()
    };
    match value(&query, "receiver") {
        "" => page.list(shown).await,
        receiver => match ReceiverId::parse(receiver) {
            Ok(receiver) => page.one(&receiver, shown).await,
            Err(_) => page.reader.nowhere(),
        },
    }
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page { reader: reader? };
    let receiver = match value(&fields, "receiver") {
        "" => None,
        receiver => match ReceiverId::parse(receiver) {
            Ok(receiver) => Some(receiver),
            Err(_) => return Err(page.reader.nowhere()),
        },
    };
    let done = page.done(receiver.clone(), &fields).await;
    let (receiver, shown) = match done {
        Ok(done) => done,
        Err(NotDone::Fields(refused)) => (receiver, wrong_fields(refused, &fields)),
        Err(NotDone::Error(error)) => match page.reader.unshown(&error) {
            Some(answer) => return Err(answer),
            None => (receiver, page.refused(&error, fields)),
        },
    };
    Ok(match receiver {
        Some(receiver) => page.one(&receiver, shown).await,
        None => page.list(shown).await,
    })
}

/// Which fields of a form are wrong, with what was typed into it.
fn wrong_fields(refused: Refused, fields: &Fields) -> Shown {
    Shown {
        problem: refused.reasons(),
        refused,
        typed: Typed::of(fields),
        ..Shown::default()
    }
}

/// The page for somebody.
struct Page {
    reader: PageReader,
}

impl Page {
    /// Why a form was refused, with what was typed into it.
    fn refused(&self, error: &AppError, fields: Fields) -> Shown {
        Shown {
            problem: Some(self.reason(error)),
            overtaken: is_overtaken(error),
            refused: Refused::of(error, self.reason(error)),
            typed: Typed::of(&self.reader.typed_again(fields, error)),
            ..Shown::default()
        }
    }

    /// Why a receiver was not saved, as an answer of the page.
    fn not_saved(&self, error: NotSaved) -> NotDone {
        match error {
            NotSaved::App(error) => error.into(),
            NotSaved::Url(problem) => {
                let mut refused = Refused::default();
                refused.add("url", self.url_reason(problem));
                NotDone::Fields(refused)
            }
        }
    }

    fn url_reason(&self, problem: UrlProblem) -> String {
        let language = self.reader.language;
        let label = t!(language, webhooks.url);
        format!("{label}: {}", url_problem(language, problem))
    }

    fn reason(&self, error: &AppError) -> String {
        let language = self.reader.language;
        let text = i18n::error_text(language, error);
        let label = match error {
            error if error.asks_for_proof() => return t!(language, proof.empty).to_owned(),
            AppError::Invalid { field, .. } => match &field[..] {
                "name" => t!(language, webhooks.name),
                "url" => t!(language, webhooks.url),
                "events" => t!(language, webhooks.events),
                "teams" => t!(language, webhooks.teams),
                _ => return text,
            },
            _ => return text,
        };
        format!("{label}: {text}")
    }

    /// The page of all receivers.
    async fn list(&self, shown: Shown) -> Response {
        self.reader.page(self.list_content(&shown).await).await
    }

    async fn list_content(&self, shown: &Shown) -> Result<UserPage, AppError> {
        let receivers = self
            .reader
            .desk
            .webhook_list(&self.reader.caller.actor)
            .await?;
        let view = self.view(shown).await?;
        Ok(answered(view.list(&receivers), shown.problem.is_some()))
    }

    /// The page of one receiver.
    async fn one(&self, receiver: &ReceiverId, shown: Shown) -> Response {
        let content = self.one_content(receiver, &shown).await;
        self.reader.page(content).await
    }

    async fn one_content(
        &self,
        receiver: &ReceiverId,
        shown: &Shown,
    ) -> Result<UserPage, AppError> {
        let actor = &self.reader.caller.actor;
        let page = self.reader.desk.webhook_page(actor, receiver, shown.before);
        let page = page.await?;
        let view = self.view(shown).await?;
        Ok(answered(view.one(&page), shown.problem.is_some()))
    }

    async fn view<'a>(&'a self, shown: &'a Shown) -> Result<View<'a>, AppError> {
        let proof = self.reader.asks_for_proof().await?;
        let desk = &self.reader.desk;
        let teams = desk.webhook_teams(&self.reader.caller.actor).await?;
        Ok(View {
            teams,
            language: self.reader.language,
            username: &self.reader.caller.actor.username,
            now: self.reader.desk.clock().now(),
            proof,
            shown,
            ids: self.reader.desk.ids(),
        })
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
