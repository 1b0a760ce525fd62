//! Users and teams, as other systems read them.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::admin::{Team, UserAccount};
use utoipa::ToSchema;

use super::caller::Bearer;
use super::input::Query;
use super::page::Page;
use super::workitems::PersonView;
use crate::desk::Desk;
use crate::http::problem::Problem;

/// Somebody who can sign in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserView {
    /// Which.
    id: String,
    /// What they sign in with.
    username: String,
    /// Display name.
    name: String,
    /// `agent`, `supervisor`, `administrator`; the first one first.
    roles: Vec<String>,
    /// Whether they can sign in.
    active: bool,
}

impl From<UserAccount> for UserView {
    fn from(user: UserAccount) -> Self {
        let roles = user.roles.iter().map(|role| role.code().to_owned());
        Self {
            id: user.id.into(),
            username: user.username,
            name: user.name,
            roles: roles.collect(),
            active: user.active,
        }
    }
}

/// A team with its people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Team)]
pub(super) struct TeamView {
    /// Which.
    id: String,
    /// Its name.
    name: String,
    /// Its agents.
    agents: Vec<PersonView>,
    /// Who supervises it.
    supervisors: Vec<PersonView>,
}

impl From<Team> for TeamView {
    fn from(team: Team) -> Self {
        let people = |people: Vec<_>| people.into_iter().map(PersonView::from).collect();
        Self {
            id: team.id.into(),
            name: team.name,
            agents: people(team.members),
            supervisors: people(team.supervisors),
        }
    }
}

/// List users
///
/// By name. A token of one team sees those who are in it.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    operation_id = "user_list",
    tag = "people",
    params(
        ("limit" = Option<i64>, Query, description = "How many rows at most.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Where to read on: `next` of the piece before."),
    ),
    responses((status = 200, description = "A piece of the list.", body = Page<UserView>)),
    security(("token" = ["users:read"]))
)]
pub(super) async fn users(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    query: Query,
) -> Result<Json<Page<UserView>>, Problem> {
    let query = query.only(&["limit", "cursor"])?;
    let users = desk.api_users(&token).await?;
    let id = |user: &UserAccount| user.id.as_str().to_owned();
    Page::within(users, &query, id, UserView::from).map(Json)
}

/// List teams
///
/// By name. A token of one team sees that one.
#[utoipa::path(
    get,
    path = "/api/v1/teams",
    operation_id = "team_list",
    tag = "people",
    params(
        ("limit" = Option<i64>, Query, description = "How many rows at most.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Where to read on: `next` of the piece before."),
    ),
    responses((status = 200, description = "A piece of the list.", body = Page<TeamView>)),
    security(("token" = ["teams:read"]))
)]
pub(super) async fn teams(
    State(desk): State<Desk>,
    Bearer(token): Bearer,
    query: Query,
) -> Result<Json<Page<TeamView>>, Problem> {
    let query = query.only(&["limit", "cursor"])?;
    let teams = desk.api_teams(&token).await?;
    let id = |team: &Team| team.id.as_str().to_owned();
    Page::within(teams, &query, id, TeamView::from).map(Json)
}
