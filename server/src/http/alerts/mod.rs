//! `/admin/alerts`: the rules by which workitems raise alerts for supervisors. A plain page: the app shows the alerts and never
//! the rules.

mod view;

use app::backend::ApiResult;
use axum::response::Response;
use axum::routing::get;
use i18n::t;
use shared::alerts::{AlertCondition, AlertKind};
use shared::error::{AppError, Problem};
use shared::ids::{AlertRuleId, TeamId};
use shared::text::AlertRuleName;

use self::view::{Shown, View};
use super::forms::{Fields, PageForm, PageQuery, is_overtaken, key_of, unreadable, value};
use super::page_reader::{PageReader, answered};
use super::plain_page::UserPage;
use super::refused::Refused;
use super::routes::Routes;
use crate::desk::Desk;
use crate::desk::alerts::AlertRuleDraft;

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
    let shown = Shown {
        new: AlertKind::from_code(value(&query, "new")),
        ..Shown::default()
    };
    Page { reader }.show(shown).await
}

/// Does what a form of the page asks for. What is no form is refused before anybody is sent to sign in.
async fn act(
    reader: Result<PageReader, Response>,
    PageForm(fields): PageForm<Fields>,
) -> Result<Response, Response> {
    let page = Page { reader: reader? };
    let language = page.reader.language;
    let (saved, deleted) = (t!(language, alerts.saved), t!(language, alerts.deleted));
    let done = match value(&fields, "act") {
        "delete" => page.delete(&fields).await.map(|()| deleted),
        "update" => page.update(&fields).await.map(|()| saved),
        "create" => page.create(&fields).await.map(|()| saved),
        other => Err(unreadable("act", other)),
    };
    let shown = match done {
        Ok(said) => Shown {
            said: Some(said),
            ..Shown::default()
        },
        Err(error) => match page.reader.unshown(&error) {
            Some(answer) => return Ok(answer),
            // The list shows what was not deleted as it reads now.
            None if value(&fields, "act") == "delete" => Shown {
                problem: Some(page.reason(&error)),
                ..Shown::default()
            },
            None => {
                let create = value(&fields, "act") == "create";
                let kind = AlertKind::from_code(value(&fields, "kind"));
                Shown {
                    problem: Some(page.reason(&error)),
                    overtaken: is_overtaken(&error),
                    refused: Refused::of(&error, page.reason(&error)),
                    new: kind.filter(|_| create),
                    typed: page.reader.typed_again(fields, &error),
                    ..Shown::default()
                }
            }
        },
    };
    Ok(page.show(shown).await)
}

/// What a form says of a rule.
fn draft(fields: &Fields) -> ApiResult<AlertRuleDraft> {
    let name = AlertRuleName::parse(value(fields, "name"))?;
    let kind = AlertKind::from_code(value(fields, "kind"));
    let kind = kind.ok_or_else(|| unreadable("kind", value(fields, "kind")))?;
    let number = |field: &str| {
        let typed = value(fields, field).trim().parse::<i64>();
        typed.map_err(|_| AppError::invalid(field, Problem::NotANumber))
    };
    let condition = match kind {
        AlertKind::Words => {
            let lines = value(fields, "words").lines().map(str::to_owned);
            AlertCondition::Words(lines.collect())
        }
        AlertKind::Pattern => AlertCondition::Pattern(value(fields, "pattern").to_owned()),
        AlertKind::Capitals => AlertCondition::Capitals {
            share: number("share")?,
            letters: number("letters")?,
        },
        AlertKind::Queued => AlertCondition::Queued(number("minutes")?),
        AlertKind::Unanswered => AlertCondition::Unanswered(number("minutes")?),
        AlertKind::Handled => AlertCondition::Handled(number("minutes")?),
        AlertKind::ThumbsDown => AlertCondition::ThumbsDown(number("count")?),
    };
    Ok(AlertRuleDraft { name, condition })
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
}

impl Page {
    /// Why a form was refused, behind the name of the field.
    fn reason(&self, error: &AppError) -> String {
        let language = self.reader.language;
        let text = i18n::error_text(language, error);
        let label = match error {
            AppError::Invalid { field, .. } => view::label(language, field),
            _ => None,
        };
        match label {
            Some(label) => format!("{label}: {text}"),
            None => text,
        }
    }

    async fn create(&self, fields: &Fields) -> ApiResult<()> {
        let key = key_of(fields)?;
        let team = match value(fields, "team") {
            "" => None,
            team => Some(
                TeamId::parse(team).map_err(|_| AppError::invalid("team", Problem::NotATeam))?,
            ),
        };
        let draft = draft(fields)?;
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        desk.alert_rule_create(actor, key, team, draft).await
    }

    async fn update(&self, fields: &Fields) -> ApiResult<()> {
        let key = key_of(fields)?;
        let seen = seen(fields)?;
        let draft = draft(fields)?;
        let active = value(fields, "active") == "on";
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        desk.alert_rule_update(actor, key, seen, draft, active)
            .await
    }

    async fn delete(&self, fields: &Fields) -> ApiResult<()> {
        let key = key_of(fields)?;
        let (rule, version) = seen(fields)?;
        let actor = &self.reader.caller.actor;
        let desk = &self.reader.desk;
        desk.alert_rule_delete(actor, key, rule, version).await
    }

    async fn show(&self, shown: Shown) -> Response {
        self.reader.page(self.content(shown).await).await
    }

    async fn content(&self, mut shown: Shown) -> ApiResult<UserPage> {
        let actor = &self.reader.caller.actor;
        let managed = self.reader.desk.alert_rules_managed(actor).await?;
        let view = View {
            language: self.reader.language,
            managed: &managed,
            // A form that was refused is sent again under its key.
            key: &|| self.reader.desk.ids().next(),
        };
        if let Some(problem) = shown.problem.as_mut().filter(|_| shown.overtaken) {
            problem.push_str(&view.stored_now(&shown.typed));
        }
        Ok(answered(view.page(&shown), shown.problem.is_some()))
    }
}
