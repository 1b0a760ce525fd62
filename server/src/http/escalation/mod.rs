//! `/admin/escalation`: what becomes of requests for assistance that nobody has claimed, for each team. A plain page: the app needs
//! nothing of it.

mod view;

use app::backend::ApiResult;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::error::{AppError, Problem};
use shared::escalation::{Escalation, minutes};
use shared::ids::{TeamId, UserId};

use self::view::{Shown, Typed, View};
use super::forms::{Fields, PageForm, is_overtaken, key_of, unreadable, value};
use super::page_reader::{PageReader, answered};
use super::plain_page::UserPage;
use super::refused::Refused;
use super::routes::Routes;
use crate::desk::Desk;

/// The page's address.
pub(crate) const PATH: &str = "/admin/escalation";

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

/// Saves the steps of a team. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page { reader: reader? };
    let done = match value(&fields, "act") {
        "save" => page.save(&fields).await,
        other => Err(unreadable("act", other)),
    };
    let shown = match done {
        Ok(()) => Shown {
            said: Some(t!(page.reader.language, escalation.saved)),
            ..Shown::default()
        },
        Err(error) => match page.reader.unshown(&error) {
            Some(answer) => return Ok(answer),
            None => Shown {
                problem: Some(page.reason(&error)),
                overtaken: is_overtaken(&error),
                refused: Refused::of(&error, page.reason(&error)),
                typed: Typed::of(&page.reader.typed_again(fields, &error)),
                ..Shown::default()
            },
        },
    };
    Ok(page.show(shown).await)
}

/// What the form says.
fn wanted(fields: &Fields) -> ApiResult<Escalation> {
    let missing = |field| AppError::invalid(field, Problem::Missing);
    let version = value(fields, "version");
    let after = minutes("on_call_after", value(fields, "on_call_after"))?;
    let on_call = match (after, value(fields, "on_call")) {
        (None, "") => None,
        (Some(_), "") => return Err(missing("on_call")),
        (None, _) => return Err(missing("on_call_after")),
        (Some(after), who) => {
            let who = UserId::parse(who).map_err(|_| unreadable("on_call", who))?;
            Some((after, who))
        }
    };
    Ok(Escalation {
        team: TeamId::parse(value(fields, "team")).map_err(|_| AppError::NotFound)?,
        all_after_min: minutes("all_after", value(fields, "all_after"))?,
        on_call,
        version: version
            .parse()
            .map_err(|_| unreadable("version", version))?,
    })
}

struct Page {
    reader: PageReader,
}

impl Page {
    fn reason(&self, error: &AppError) -> String {
        let language = self.reader.language;
        let text = i18n::error_text(language, error);
        let label = match error {
            AppError::Invalid {
                problem: Problem::WithoutRole { .. },
                ..
            } => return t!(language, escalation.on_call_gone).to_owned(),
            AppError::Invalid {
                field,
                problem: Problem::Missing,
            } => {
                return match &field[..] {
                    "on_call" => t!(language, escalation.on_call_missing).to_owned(),
                    _ => t!(language, escalation.on_call_after_missing).to_owned(),
                };
            }
            AppError::Invalid { field, .. } => match &field[..] {
                "all_after" => t!(language, escalation.all_after),
                "on_call_after" => t!(language, escalation.on_call_after),
                "on_call" => t!(language, escalation.on_call),
                _ => return text,
            },
            _ => return text,
        };
        format!("{label}: {text}")
    }

    async fn save(&self, fields: &Fields) -> ApiResult<()> {
        let (key, wanted) = (key_of(fields)?, wanted(fields)?);
        let actor = &self.reader.caller.actor;
        self.reader.desk.escalation_save(actor, key, wanted).await
    }

    async fn show(&self, shown: Shown) -> Response {
        self.reader.page(self.content(shown).await).await
    }

    async fn content(&self, mut shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let managed = self.reader.desk.escalations_managed(actor).await?;
        let view = View {
            language: self.reader.language,
            managed: &managed,
            key: &|| self.reader.desk.ids().next(),
        };
        if let Some(problem) = shown.problem.as_mut().filter(|_| shown.overtaken) {
            problem.push_str(&view.stored_now(&shown.typed));
        }
        Ok(answered(view.page(&shown), shown.problem.is_some()))
    }
}
