//! Requests for assistance, as other systems read them.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::assistance::{Claim, RequestState, Settled, SettledHow};
use utoipa::ToSchema;

use super::caller::Bearer;
use super::input::Query;
use super::page::{Page, before_of, limit_of, place};
use super::workitems::PersonView;
use crate::desk::Desk;
use crate::http::problem::Problem;
use crate::store::rows::ListedRequest;

/// How a request ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settled)]
pub(super) struct SettledView {
    /// `answered`, `handled`, `withdrawn`, or why nobody had to answer any more. Whether the answer was coaching is not said here.
    how: String,
    /// Who answered, if somebody did.
    by: Option<PersonView>,
    /// When.
    #[schema(format = DateTime)]
    at: String,
}

impl From<Settled> for SettledView {
    fn from(settled: Settled) -> Self {
        Self {
            how: match settled.how {
                // A token that may not know of coaching learns only that there was an answer.
                SettledHow::Coached => SettledHow::Answered,
                how => how,
            }
            .code()
            .to_owned(),
            by: settled.by.map(PersonView::from),
            at: settled.at.rfc3339(),
        }
    }
}

/// Who sees to a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Claim)]
pub(super) struct ClaimView {
    /// Who.
    by: PersonView,
    /// Since when.
    #[schema(format = DateTime)]
    at: String,
}

impl From<Claim> for ClaimView {
    fn from(claim: Claim) -> Self {
        Self {
            by: claim.by.into(),
            at: claim.at.rfc3339(),
        }
    }
}

/// A raised hand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AssistanceRequest)]
pub(super) struct RequestView {
    /// Which.
    id: String,
    /// Who asked.
    agent: PersonView,
    /// What was asked.
    text: String,
    /// The workitem that it was raised from.
    workitem: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// `open`, `claimed` while somebody sees to it, `done`, `withdrawn` by its agent, or `lapsed`: nobody has to answer any
    /// more.
    state: String,
    /// Within how many minutes somebody should have seen to it; `null` where its template did not say.
    target_minutes: Option<i64>,
    /// Who sees to it, or did until it ended; `null` where nobody has claimed it.
    claim: Option<ClaimView>,
    /// How it ended; `null` while nobody has answered.
    settled: Option<SettledView>,
}

impl From<ListedRequest> for RequestView {
    fn from(request: ListedRequest) -> Self {
        let state = RequestState::of(request.claim.as_ref(), request.settled.as_ref());
        Self {
            state: state.code().to_owned(),
            target_minutes: request.target_min,
            claim: request.claim.map(ClaimView::from),
            id: request.id.into(),
            agent: request.agent.into(),
            text: request.text,
            workitem: request.workitem.map(String::from),
            at: request.at.rfc3339(),
            settled: request.settled.map(SettledView::from),
        }
    }
}

/// List requests for assistance
///
/// The newest first. A token of one team sees those of its agents.
#[utoipa::path(
    get,
    path = "/api/v1/requests",
    operation_id = "request_list",
    tag = "assistance",
    params(
        ("limit" = Option<i64>, Query, description = "How many rows at most.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Where to read on: `next` of the piece before."),
    ),
    responses((status = 200, description = "A piece of the list.", body = Page<RequestView>)),
    security(("token" = ["requests:read"]))
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    query: Query,
) -> Result<Json<Page<RequestView>>, Problem> {
    let query = query.only(&["limit", "cursor"])?;
    let (limit, before) = (limit_of(&query)?, before_of(&query)?);
    let rows = desk.api_requests(&token, before, limit + 1).await?;
    let place = |row: &ListedRequest| place(row.at, row.id.as_str());
    Ok(Json(Page::of(rows, limit, place, RequestView::from)))
}
