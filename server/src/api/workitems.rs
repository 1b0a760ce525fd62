//! Workitems, as other systems read them: where they stand, never what was said.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::error::{AppError, Problem as Reason};
use shared::ids::TeamId;
use shared::labels::{LabelKind, LabelRef};
use shared::people::PersonRef;
use shared::workitem::{Channel, Workitem, WorkitemState};
use utoipa::ToSchema;

use super::caller::Bearer;
use super::input::{Named, Query};
use super::page::{Page, before_of, limit_of, place};
use crate::commands::WorkitemSummary;
use crate::desk::Desk;
use crate::http::problem::Problem;

/// On which way the customer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Channel)]
pub(super) enum ChannelView {
    Chat,
    Social,
    Sms,
    Phone,
    Email,
}

/// Where a workitem stands: it waits for an agent, an agent has it, its conversation is over, or it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WorkitemState)]
pub(super) enum StateView {
    Queued,
    Active,
    WrapUp,
    Closed,
}

/// Somebody of the organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub(super) struct PersonView {
    /// Which user.
    id: String,
    /// Display name. Of several people with one name, with the username behind it.
    name: String,
}

impl From<PersonRef> for PersonView {
    fn from(person: PersonRef) -> Self {
        Self {
            id: person.id.into(),
            name: person.name,
        }
    }
}

/// A team by its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamName)]
pub(super) struct TeamNameView {
    /// Which team.
    id: String,
    /// Its name.
    name: String,
}

impl TeamNameView {
    /// A team.
    pub(super) fn of(id: TeamId, name: String) -> Self {
        Self {
            id: id.into(),
            name,
        }
    }
}

/// One interaction that an agent handles.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Workitem)]
pub(super) struct WorkitemView {
    /// Which.
    id: String,
    /// On which way the customer came.
    channel: ChannelView,
    /// Where it stands.
    state: StateView,
    /// How the customer is called.
    customer: String,
    /// What it is about: for a chat the beginning of the first message.
    subject: String,
    /// The team that it belongs to.
    team: TeamNameView,
    /// Who has it; `null` while it is queued.
    agent: Option<PersonView>,
    /// When it came in.
    #[schema(format = DateTime)]
    started_at: String,
    /// When customer or agent last said something.
    #[schema(format = DateTime)]
    last_activity_at: String,
    /// Since when the customer waits for an answer.
    #[schema(format = DateTime)]
    waiting_since: Option<String>,
    /// How it ended: the name of its outcome.
    outcome: Option<String>,
    /// What it is about: the names of its tags.
    tags: Vec<String>,
    /// How its customer rated it, from 1 (very poor) to 5 (very good); `null` where they did not. Ratings are given on chat pages.
    #[schema(minimum = 1, maximum = 5)]
    rating: Option<i64>,
    /// What the customer added to the rating.
    rating_comment: Option<String>,
}

impl From<WorkitemState> for StateView {
    fn from(state: WorkitemState) -> Self {
        match state {
            WorkitemState::Queued => StateView::Queued,
            WorkitemState::Active => StateView::Active,
            WorkitemState::WrapUp => StateView::WrapUp,
            WorkitemState::Closed => StateView::Closed,
        }
    }
}

impl From<Workitem> for WorkitemView {
    fn from(workitem: Workitem) -> Self {
        WorkitemSummary::from(workitem).into()
    }
}

impl From<WorkitemSummary> for WorkitemView {
    fn from(workitem: WorkitemSummary) -> Self {
        Self {
            id: workitem.id.into(),
            channel: match workitem.channel {
                Channel::Chat => ChannelView::Chat,
                Channel::Social => ChannelView::Social,
                Channel::Sms => ChannelView::Sms,
                Channel::Phone => ChannelView::Phone,
                Channel::Email => ChannelView::Email,
            },
            state: workitem.state.into(),
            customer: workitem.customer,
            subject: workitem.subject,
            team: TeamNameView {
                id: workitem.team.into(),
                name: workitem.team_name,
            },
            agent: workitem.agent.map(PersonView::from),
            started_at: workitem.started_at.rfc3339(),
            last_activity_at: workitem.last_activity_at.rfc3339(),
            waiting_since: workitem.waiting_since.map(|since| since.rfc3339()),
            outcome: named(&workitem.labels, LabelKind::Outcome).pop(),
            tags: named(&workitem.labels, LabelKind::Tag),
            rating: workitem.rating.as_ref().map(|rating| rating.score.number()),
            rating_comment: workitem
                .rating
                .and_then(|rating| rating.comment)
                .map(String::from),
        }
    }
}

/// The names of the labels of a kind.
fn named(labels: &[LabelRef], kind: LabelKind) -> Vec<String> {
    let labels = labels.iter().filter(|label| label.kind == kind);
    labels.map(|label| label.name.clone()).collect()
}

/// List workitems
///
/// The newest first, of one team or of all.
#[utoipa::path(
    get,
    path = "/api/v1/workitems",
    operation_id = "workitem_list",
    tag = "workitems",
    params(
        ("team" = Option<String>, Query, description = "Only workitems of this team."),
        ("limit" = Option<i64>, Query, description = "How many rows at most.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Where to read on: `next` of the piece before."),
    ),
    responses((status = 200, description = "A piece of the list.", body = Page<WorkitemView>)),
    security(("token" = ["workitems:read"]))
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    query: Query,
) -> Result<Json<Page<WorkitemView>>, Problem> {
    let query = query.only(&["team", "limit", "cursor"])?;
    let team = match query.value("team") {
        None => None,
        Some(team) => {
            let wrong = |_| Problem::of(&AppError::invalid("team", Reason::NotATeam));
            Some(TeamId::parse(team).map_err(wrong)?)
        }
    };
    let (limit, before) = (limit_of(&query)?, before_of(&query)?);
    let rows = desk.api_workitems(&token, team, before, limit + 1).await?;
    let place = |row: &Workitem| place(row.started_at, row.id.as_str());
    Ok(Json(Page::of(rows, limit, place, WorkitemView::from)))
}

/// Read a workitem
#[utoipa::path(
    get,
    path = "/api/v1/workitems/{workitem}",
    operation_id = "workitem_read",
    tag = "workitems",
    params(("workitem" = String, Path, description = "Which workitem.")),
    responses((status = 200, description = "The workitem.", body = WorkitemView)),
    security(("token" = ["workitems:read"]))
)]
pub(super) async fn one(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    Named(workitem): Named,
    query: Query,
) -> Result<Json<WorkitemView>, Problem> {
    query.only(&[])?;
    let workitem = desk.api_workitem(&token, &workitem).await?;
    Ok(Json(workitem.into()))
}
