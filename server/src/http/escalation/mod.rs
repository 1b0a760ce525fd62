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

use self::view::View;
use super::forms::{Fields, PageForm, key_of, unreadable, value};
use super::forms_page::{self, Done, FormsPage, Shown};
use super::page_reader::PageReader;
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
    forms_page::show(&Page { reader }).await
}

/// Saves the steps of a team. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page { reader: reader? };
    Ok(forms_page::answer(&page, fields).await)
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

impl FormsPage for Page {
    fn reader(&self) -> &PageReader {
        &self.reader
    }

    fn label(&self, field: &str) -> Option<&'static str> {
        let language = self.reader.language;
        match field {
            "all_after" => Some(t!(language, escalation.all_after)),
            "on_call_after" => Some(t!(language, escalation.on_call_after)),
            "on_call" => Some(t!(language, escalation.on_call)),
            _ => None,
        }
    }

    fn reason(&self, error: &AppError) -> String {
        let language = self.reader.language;
        let AppError::Invalid { field, problem } = error else {
            return self.named(error);
        };
        let words = match (problem, &field[..]) {
            (Problem::WithoutRole { .. }, _) => t!(language, escalation.on_call_gone),
            (Problem::Missing, "on_call") => t!(language, escalation.on_call_missing),
            (Problem::Missing, _) => t!(language, escalation.on_call_after_missing),
            _ => return self.named(error),
        };
        words.to_owned()
    }

    async fn act(&self, fields: &Fields) -> Result<Done, NotDone> {
        match value(fields, "act") {
            "save" => self.save(fields).await?,
            other => return Err(unreadable("act", other).into()),
        }
        let said = t!(self.reader.language, escalation.saved);
        Ok(Done::saved(PATH, said))
    }

    async fn content(&self, mut shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let managed = self.reader.desk.escalations_managed(actor).await?;
        let view = View {
            language: self.reader.language,
            managed: &managed,
            key: &|| self.reader.desk.ids().next(),
        };
        shown.compare(self.reader.language, &view);
        Ok(view.page(&shown))
    }
}

impl Page {
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
}
