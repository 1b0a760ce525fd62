//! `/admin/alerts`: the rules by which workitems raise alerts for supervisors. A plain page: the app shows the alerts and never
//! the rules.

mod view;

use app::backend::ApiResult;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::alerts::{
    ALERT_LETTERS, ALERT_MINUTES, ALERT_SHARE, ALERT_THUMBS, AlertCondition, AlertKind,
    typed_number,
};
use shared::error::AppError;
use shared::ids::AlertRuleId;
use shared::text::AlertRuleName;

use self::view::View;
use super::forms::{Fields, PageForm, PageQuery, key_of, team_of, unreadable, value};
use super::forms_page::{self, Done, FormsPage, Shown};
use super::page_reader::PageReader;
use super::plain_page::UserPage;
use super::refused::{NotDone, Refused};
use super::routes::Routes;
use crate::desk::Desk;
use crate::desk::alerts::{AlertRuleDraft, CheckedCondition};

/// The page's address.
pub(crate) const PATH: &str = "/admin/alerts";

/// The route of the page.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route(PATH, get(show).post(act))
        .with_state(desk)
}

/// The page, as it stands: with the form of a new rule of the kind that the address names.
async fn show(reader: PageReader, PageQuery(query): PageQuery<Fields>) -> Response {
    let new = AlertKind::from_code(value(&query, "new"));
    forms_page::show(&Page { reader, new }).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page {
        reader: reader?,
        new: new_kind(&fields),
    };
    Ok(forms_page::answer(&page, fields).await)
}

/// Of which kind the new rule of a form shall be.
fn new_kind(fields: &Fields) -> Option<AlertKind> {
    let kind = AlertKind::from_code(value(fields, "kind"));
    kind.filter(|_| value(fields, "act") == "create")
}

/// Which rule a form is about, and the version that its sender saw.
fn seen(fields: &Fields) -> ApiResult<(AlertRuleId, i64)> {
    let rule = AlertRuleId::parse(value(fields, "id")).map_err(|_| AppError::NotFound)?;
    let version = value(fields, "version");
    let seen = version.parse().map_err(|_| unreadable("version", version));
    Ok((rule, seen?))
}

struct Page {
    reader: PageReader,
    /// Of which kind a new rule shall be.
    new: Option<AlertKind>,
}

impl FormsPage for Page {
    fn reader(&self) -> &PageReader {
        &self.reader
    }

    fn label(&self, field: &str) -> Option<&'static str> {
        view::label(self.reader.language, field)
    }

    async fn act(&self, fields: &Fields) -> Result<Done, NotDone> {
        let language = self.reader.language;
        let said = match value(fields, "act") {
            "delete" => {
                self.delete(fields).await?;
                t!(language, alerts.deleted)
            }
            "update" => {
                self.update(fields).await?;
                t!(language, alerts.saved)
            }
            "create" => {
                self.create(fields).await?;
                t!(language, alerts.saved)
            }
            other => return Err(unreadable("act", other).into()),
        };
        Ok(Done::saved(PATH, said))
    }

    async fn content(&self, mut shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let managed = self.reader.desk.alert_rules_managed(actor).await?;
        let view = View {
            language: self.reader.language,
            managed: &managed,
            new: self.new,
            // A form that was refused is sent again under its key.
            key: &|| self.reader.desk.ids().next(),
        };
        shown.compare(self.reader.language, &view);
        Ok(view.page(&shown))
    }
}

impl Page {
    /// What a form says of a rule.
    fn draft(&self, fields: &Fields, refused: &mut Refused) -> ApiResult<Option<AlertRuleDraft>> {
        let reason = |error: &AppError| self.reason(error);
        let kind = AlertKind::from_code(value(fields, "kind"));
        let kind = kind.ok_or_else(|| unreadable("kind", value(fields, "kind")))?;
        let name = refused.take(AlertRuleName::parse(value(fields, "name")), reason)?;
        let mut number = |field: &'static str, limits| {
            refused.take(typed_number(field, value(fields, field), limits), reason)
        };
        let typed = match kind {
            AlertKind::Words => {
                let lines = value(fields, "words").lines().map(str::to_owned);
                Some(AlertCondition::Words(lines.collect()))
            }
            AlertKind::Pattern => {
                let pattern = value(fields, "pattern").to_owned();
                Some(AlertCondition::Pattern(pattern))
            }
            AlertKind::Capitals => {
                let share = number("share", ALERT_SHARE)?;
                let both = share.zip(number("letters", ALERT_LETTERS)?);
                both.map(|(share, letters)| AlertCondition::Capitals { share, letters })
            }
            AlertKind::Queued => number("minutes", ALERT_MINUTES)?.map(AlertCondition::Queued),
            AlertKind::Unanswered => {
                number("minutes", ALERT_MINUTES)?.map(AlertCondition::Unanswered)
            }
            AlertKind::Handled => number("minutes", ALERT_MINUTES)?.map(AlertCondition::Handled),
            AlertKind::ThumbsDown => number("count", ALERT_THUMBS)?.map(AlertCondition::ThumbsDown),
        };
        let condition = match typed {
            Some(typed) => refused.take(CheckedCondition::of(typed), reason)?,
            None => None,
        };
        let both = name.zip(condition);
        Ok(both.map(|(name, condition)| AlertRuleDraft { name, condition }))
    }

    async fn create(&self, fields: &Fields) -> Result<(), NotDone> {
        let key = key_of(fields)?;
        let mut refused = Refused::default();
        let draft = self.draft(fields, &mut refused)?;
        let team = refused.take(team_of(fields), |error| self.reason(error))?;
        let (Some(draft), Some(team)) = (draft, team) else {
            return Err(NotDone::Fields(refused));
        };
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        Ok(desk.alert_rule_create(actor, key, team, draft).await?)
    }

    async fn update(&self, fields: &Fields) -> Result<(), NotDone> {
        let key = key_of(fields)?;
        let seen = seen(fields)?;
        let mut refused = Refused::default();
        let Some(draft) = self.draft(fields, &mut refused)? else {
            return Err(NotDone::Fields(refused));
        };
        let active = value(fields, "active") == "on";
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        let update = desk.alert_rule_update(actor, key, seen, draft, active);
        Ok(update.await?)
    }

    async fn delete(&self, fields: &Fields) -> ApiResult<()> {
        let key = key_of(fields)?;
        let (rule, version) = seen(fields)?;
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        desk.alert_rule_delete(actor, key, rule, version).await
    }
}
