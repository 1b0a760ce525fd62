//! How customers rated their chats, as other systems read it.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Bearer;
use super::input::Query;
use super::page::{Page, before_of, limit_of, place};
use super::workitems::{PersonView, TeamNameView};
use crate::desk::Desk;
use crate::http::problem::Problem;
use crate::store::rows::ListedRating;

/// What a customer said about a chat.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rating)]
pub(super) struct RatingView {
    /// The workitem of the chat.
    workitem: String,
    /// From 1 (very poor) to 5 (very good).
    #[schema(minimum = 1, maximum = 5)]
    rating: i64,
    /// What the customer added.
    comment: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// The team that had the workitem then.
    team: TeamNameView,
    /// Who had it then; `null` where it never left the queue.
    agent: Option<PersonView>,
}

impl From<ListedRating> for RatingView {
    fn from(rating: ListedRating) -> Self {
        Self {
            workitem: rating.workitem.into(),
            rating: rating.score,
            comment: rating.comment,
            at: rating.at.rfc3339(),
            team: TeamNameView::of(rating.team, rating.team_name),
            agent: rating.agent.map(PersonView::from),
        }
    }
}

/// List ratings
///
/// The newest first. A token of one team sees those of its workitems.
#[utoipa::path(
    get,
    path = "/api/v1/ratings",
    operation_id = "rating_list",
    tag = "workitems",
    params(
        ("limit" = Option<i64>, Query, description = "How many rows at most.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Where to read on: `next` of the piece before."),
    ),
    responses((status = 200, description = "A piece of the list.", body = Page<RatingView>)),
    security(("token" = ["workitems:read"]))
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    query: Query,
) -> Result<Json<Page<RatingView>>, Problem> {
    let query = query.only(&["limit", "cursor"])?;
    let (limit, before) = (limit_of(&query)?, before_of(&query)?);
    let rows = desk.api_ratings(&token, before, limit + 1).await?;
    let place = |row: &ListedRating| place(row.at, row.workitem.as_str());
    Ok(Json(Page::of(rows, limit, place, RatingView::from)))
}
