//! Lists that are saved as files, for those who may see the page that shows them.

use shared::admin::{Team, UserAccount};
use shared::ids::{TeamId, UserId};
use shared::policy::{Action, can};
use shared::time::Timestamp;

use crate::commands::rights;
use crate::store::rows::ListedRequest;
use crate::store::{Snapshot, StoreError, Stored};

/// Which requests are listed.
#[derive(Clone, Debug)]
pub struct RequestsAsked {
    /// Of the agents of which team; nothing: of all over which the viewer has authority.
    pub team: Option<TeamId>,
    /// From when.
    pub from: Timestamp,
    /// Until when; the end is not part of it.
    pub until: Timestamp,
}

/// At most `limit` requests of agents over whom `viewer` has authority, the newest first. `Refused` for those who have no dashboard,
/// `NotFound` for a team that is not theirs.
pub async fn requests_between(
    rows: &mut dyn Snapshot,
    viewer: &UserId,
    asked: &RequestsAsked,
    limit: i64,
) -> Stored<Vec<ListedRequest>> {
    let viewer = rights::ask(rows, viewer, Action::DashboardView).await?;
    let teams = match &asked.team {
        Some(team) if !viewer.supervises.contains(team) => return Err(StoreError::NotFound),
        Some(team) => std::slice::from_ref(team),
        None => &viewer.supervises[..],
    };
    let mut requests = rows
        .requests_between(teams, asked.from, asked.until, limit)
        .await?;
    // Nobody supervises themselves.
    requests.retain(|request| request.agent.id != viewer.id);
    Ok(requests)
}

/// All users by name, with the names of the built roles that they hold. Who may know of them is asked by the caller.
pub async fn accounts(rows: &mut dyn Snapshot) -> Stored<Vec<UserAccount>> {
    let mut users = rows.user_list().await?;
    let roles = rows.custom_role_list().await?;
    if roles.is_empty() {
        return Ok(users);
    }
    for holder in rows.role_holders().await? {
        let built = roles
            .iter()
            .find(|role| Some(&role.id) == holder.role.as_ref());
        let Some(built) = built else {
            continue;
        };
        if let Some(user) = users.iter_mut().find(|user| user.id == holder.user) {
            user.built.push(built.name.clone());
        }
    }
    Ok(users)
}

/// Everybody who can sign in, by name, and the teams, which only those see who manage them. `Refused` for those who do not manage users.
pub async fn users_listed(
    rows: &mut dyn Snapshot,
    viewer: &UserId,
) -> Stored<(Vec<UserAccount>, Vec<Team>)> {
    let viewer = rights::ask(rows, viewer, Action::UserManage).await?;
    let users = accounts(rows).await?;
    let teams = match can(&viewer, Action::TeamManage).is_ok() {
        true => rows.team_list().await?,
        false => Vec::new(),
    };
    Ok((users, teams))
}
