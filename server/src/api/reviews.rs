//! Flags for review, as other systems read them.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::ids::WorkitemId;
use shared::reviews::Review;
use utoipa::ToSchema;

use super::caller::Bearer;
use super::input::Query;
use super::page::{Page, before_of, limit_of, place};
use super::workitems::PersonView;
use crate::desk::Desk;
use crate::http::problem::Problem;
use crate::store::rows::ListedReview;

/// A flag for review. It is between supervisors: neither the agent nor the customer of the workitem may learn of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Review)]
pub(super) struct ReviewView {
    /// Which workitem.
    workitem: String,
    /// Which of the workitem's flags, from 1. The last one alone can be open.
    number: i64,
    /// Who flagged it.
    flagged_by: PersonView,
    /// When.
    #[schema(format = DateTime)]
    flagged_at: String,
    /// Why. Once the customer is erased it is `—`.
    comment: String,
    /// Who marked it as reviewed; `null` while nobody has.
    reviewed_by: Option<PersonView>,
    /// When.
    #[schema(format = DateTime)]
    reviewed_at: Option<String>,
}

impl ReviewView {
    /// A flag of a workitem.
    pub(super) fn of(workitem: &WorkitemId, review: Review) -> Self {
        let (reviewed_by, reviewed_at) = match review.done {
            Some(done) => (Some(done.by.into()), Some(done.at.rfc3339())),
            None => (None, None),
        };
        Self {
            workitem: workitem.to_string(),
            number: review.number,
            flagged_by: review.by.into(),
            flagged_at: review.at.rfc3339(),
            comment: review.comment,
            reviewed_by,
            reviewed_at,
        }
    }
}

impl From<ListedReview> for ReviewView {
    fn from(listed: ListedReview) -> Self {
        Self::of(&listed.workitem, listed.review)
    }
}

/// List flags for review
///
/// The newest first. A token of one team sees those of its workitems.
#[utoipa::path(
    get,
    path = "/api/v1/reviews",
    operation_id = "review_list",
    tag = "workitems",
    params(
        ("limit" = Option<i64>, Query, description = "How many rows at most.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Where to read on: `next` of the piece before."),
    ),
    responses((status = 200, description = "A piece of the list.", body = Page<ReviewView>)),
    security(("token" = ["reviews:read"]))
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    query: Query,
) -> Result<Json<Page<ReviewView>>, Problem> {
    let query = query.only(&["limit", "cursor"])?;
    let (limit, before) = (limit_of(&query)?, before_of(&query)?);
    let rows = desk.api_reviews(&token, before, limit + 1).await?;
    let place = |row: &ListedReview| place(row.review.at, row.workitem.as_str());
    Ok(Json(Page::of(rows, limit, place, ReviewView::from)))
}
