//! Assistance templates, as other systems read them.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::assistance::Template;
use utoipa::ToSchema;

use super::caller::Bearer;
use super::input::Query;
use super::page::Page;
use crate::desk::Desk;
use crate::http::problem::Problem;

/// A predefined message with which an agent asks for help.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Template)]
pub(super) struct TemplateView {
    /// Which.
    id: String,
    /// Its title.
    title: String,
    /// What is sent.
    text: String,
    /// Whether agents are offered it.
    active: bool,
    /// Within how many minutes somebody should have seen to a request; `null` where nobody said.
    target_minutes: Option<i64>,
}

impl From<Template> for TemplateView {
    fn from(template: Template) -> Self {
        Self {
            id: template.id.into(),
            title: template.title,
            text: template.text,
            active: template.active,
            target_minutes: template.target_min,
        }
    }
}

/// List assistance templates
///
/// In the order that administrators gave them, those that are switched off included.
#[utoipa::path(
    get,
    path = "/api/v1/templates",
    operation_id = "template_list",
    tag = "assistance",
    params(
        ("limit" = Option<i64>, Query, description = "How many rows at most.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Where to read on: `next` of the piece before."),
    ),
    responses((status = 200, description = "A piece of the list.", body = Page<TemplateView>)),
    security(("token" = ["templates:read"]))
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    query: Query,
) -> Result<Json<Page<TemplateView>>, Problem> {
    let query = query.only(&["limit", "cursor"])?;
    let templates = desk.api_templates(&token).await?;
    let id = |template: &Template| template.id.as_str().to_owned();
    Page::within(templates, &query, id, TemplateView::from).map(Json)
}
