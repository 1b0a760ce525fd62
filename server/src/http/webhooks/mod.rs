//! `/admin/webhooks`: receivers of webhooks and the log of their events. A plain page, as that of the tokens: a secret that
//! is shown once belongs into one page.

mod acts;
mod compared;
mod form;
mod log;
mod typed;
mod view;

use app::backend::ApiResult;
use axum::response::Response;
use axum::routing::get;
use i18n::{Language, t};
use shared::ids::{CommandKey, ReceiverId, TeamId};

use self::compared::Receiver;
use self::typed::Typed;
use self::view::View;
use super::forms::{Fields, PageForm, PageQuery, value};
use super::forms_page::{self, Done, FormsPage, Shown};
use super::page_reader::PageReader;
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

/// The page, as it stands.
async fn show(
    reader: PageReader,
    PageQuery(query): PageQuery<Fields>,
) -> Result<Response, Response> {
    let page = Page {
        receiver: receiver_of(&query).map_err(|_| reader.nowhere())?,
        before: value(&query, "before").parse().unwrap_or(i64::MAX),
        reader,
    };
    Ok(forms_page::show(&page).await)
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let reader = reader?;
    let page = Page {
        receiver: receiver_of(&fields).map_err(|_| reader.nowhere())?,
        before: i64::MAX,
        reader,
    };
    Ok(forms_page::answer(&page, fields).await)
}

/// The receiver that an address or a form names, if it names one.
fn receiver_of(fields: &Fields) -> ApiResult<Option<ReceiverId>> {
    match value(fields, "receiver") {
        "" => Ok(None),
        receiver => ReceiverId::parse(receiver).map(Some),
    }
}

/// The page for somebody.
struct Page {
    reader: PageReader,
    /// The receiver that it is about; without one it is about all.
    receiver: Option<ReceiverId>,
    /// The log begins before this number.
    before: i64,
}

impl FormsPage for Page {
    fn reader(&self) -> &PageReader {
        &self.reader
    }

    fn label(&self, field: &str) -> Option<&'static str> {
        let language = self.reader.language;
        match field {
            "name" => Some(t!(language, webhooks.name)),
            "url" => Some(t!(language, webhooks.url)),
            "events" => Some(t!(language, webhooks.events)),
            "teams" => Some(t!(language, webhooks.teams)),
            _ => None,
        }
    }

    async fn act(&self, fields: &Fields) -> Result<Done, NotDone> {
        let key = CommandKey::parse(value(fields, "key"))?;
        match &self.receiver {
            Some(receiver) => self.change(key, receiver, fields).await,
            None => self.create(key, fields).await,
        }
    }

    async fn content(&self, shown: Shown) -> ApiResult<UserPage> {
        match &self.receiver {
            Some(receiver) if !shown.gone => self.one(receiver, shown).await,
            // The list shows what there is besides.
            _ => self.all(shown).await,
        }
    }
}

impl Page {
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

    /// The page of all receivers.
    async fn all(&self, mut shown: Shown) -> ApiResult<UserPage> {
        let (desk, actor) = (&self.reader.desk, &self.reader.caller.actor);
        let receivers = desk.webhook_list(actor).await?;
        let teams = desk.webhook_teams(actor).await?;
        let language = self.reader.language;
        let none = Receiver {
            language,
            teams: &teams,
            row: None,
        };
        shown.compare(language, &none);
        Ok(self.view(&shown, teams).await?.list(&receivers))
    }

    /// The page of one receiver.
    async fn one(&self, receiver: &ReceiverId, mut shown: Shown) -> ApiResult<UserPage> {
        let (desk, actor) = (&self.reader.desk, &self.reader.caller.actor);
        let page = desk.webhook_page(actor, receiver, self.before).await?;
        let teams = desk.webhook_teams(actor).await?;
        let language = self.reader.language;
        let one = Receiver {
            language,
            teams: &teams,
            row: Some(&page.receiver),
        };
        shown.compare(language, &one);
        Ok(self.view(&shown, teams).await?.one(&page))
    }

    async fn view<'a>(
        &'a self,
        shown: &'a Shown,
        teams: Vec<(TeamId, String)>,
    ) -> ApiResult<View<'a>> {
        Ok(View {
            teams,
            language: self.reader.language,
            username: &self.reader.caller.actor.username,
            now: self.reader.desk.clock().now(),
            proof: self.reader.asks_for_proof().await?,
            shown,
            typed: Typed::of(&shown.typed),
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
