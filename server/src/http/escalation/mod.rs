//! `/admin/escalation`: what becomes of requests for assistance that nobody has claimed, for each team. A plain page: the app needs
//! nothing of it.

mod view;

use app::backend::ApiResult;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::error::{AppError, Problem};
use shared::escalation::{Escalation, later, minutes};
use shared::ids::{TeamId, UserId};

use self::view::{Shown, Typed, View};
use super::forms::{Fields, PageForm, is_overtaken, key_of, unreadable, value};
use super::page_reader::{PageReader, answered};
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};
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
        other => Err(unreadable("act", other).into()),
    };
    let shown = match done {
        Ok(()) => Shown {
            said: Some(t!(page.reader.language, escalation.saved)),
            ..Shown::default()
        },
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
                overtaken: is_overtaken(&error),
                refused: Refused::of(&error, page.reason(&error)),
                typed: Typed::of(&page.reader.typed_again(fields, &error)),
                ..Shown::default()
            },
        },
    };
    Ok(page.show(shown).await)
}

/// The minutes of a step, if it has some.
type Minutes = ApiResult<Option<i64>>;

/// The two times of a form: that after which all are asked, and that after which the person on call is, where there shall be one.
fn times(fields: &Fields, on_call: bool) -> (Minutes, Minutes) {
    let all = minutes("all_after", value(fields, "all_after"));
    let after = minutes("on_call_after", value(fields, "on_call_after"));
    let wrong = match (&all, &after) {
        (_, Ok(None)) if on_call => Err(("on_call_after", Problem::Missing)),
        (Ok(first), Ok(Some(second))) => later(*first, *second),
        _ => Ok(()),
    };
    match wrong {
        Ok(()) => (all, after),
        Err((field @ "all_after", problem)) => (Err(AppError::invalid(field, problem)), after),
        Err((field, problem)) => (all, Err(AppError::invalid(field, problem))),
    }
}

/// Who is on call, if anybody; somebody has to be where there is a time for it.
fn on_call(fields: &Fields) -> ApiResult<Option<UserId>> {
    let timed = !value(fields, "on_call_after").trim().is_empty();
    match value(fields, "on_call") {
        "" if timed => Err(AppError::invalid("on_call", Problem::Missing)),
        "" => Ok(None),
        who => match UserId::parse(who) {
            Ok(who) => Ok(Some(who)),
            Err(_) => Err(unreadable("on_call", who)),
        },
    }
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

    /// What the form says.
    fn wanted(&self, fields: &Fields) -> Result<Escalation, NotDone> {
        let reason = |error: &AppError| self.reason(error);
        let team = TeamId::parse(value(fields, "team")).map_err(|_| AppError::NotFound)?;
        let version = value(fields, "version");
        let version = version
            .parse()
            .map_err(|_| unreadable("version", version))?;
        let (all, after) = times(fields, !value(fields, "on_call").is_empty());
        let mut refused = Refused::default();
        let all = refused.take(all, reason)?;
        let after = refused.take(after, reason)?;
        let who = refused.take(on_call(fields), reason)?;
        let (Some(all_after_min), Some(after), Some(who)) = (all, after, who) else {
            return Err(NotDone::Fields(refused));
        };
        Ok(Escalation {
            team,
            all_after_min,
            // There is both or none.
            on_call: after.zip(who),
            version,
        })
    }

    async fn save(&self, fields: &Fields) -> Result<(), NotDone> {
        let (key, wanted) = (key_of(fields)?, self.wanted(fields)?);
        let actor = &self.reader.caller.actor;
        Ok(self.reader.desk.escalation_save(actor, key, wanted).await?)
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
