//! Lists that are saved as files, for those who may see the page that shows them.

use shared::admin::{Team, UserAccount};
use shared::ids::UserId;
use shared::policy::{Action, can};
use shared::time::Timestamp;

use crate::commands::rights;
use crate::store::rows::ListedRequest;
use crate::store::{Snapshot, Stored};

/// At most `limit` requests since some time of the agents over whom `viewer` has authority, the newest first. `Refused` for those
/// who have no dashboard.
pub async fn requests_since(
    rows: &mut dyn Snapshot,
    viewer: &UserId,
    since: Timestamp,
    limit: i64,
) -> Stored<Vec<ListedRequest>> {
    let viewer = rights::ask(rows, viewer, Action::DashboardView).await?;
    let mut requests = rows
        .requests_since(&viewer.supervises, since, limit)
        .await?;
    // Nobody supervises themselves.
    requests.retain(|request| request.agent.id != viewer.id);
    Ok(requests)
}

/// Everybody who can sign in, by name, and the teams, which only those see who manage them. `Refused` for those who do not manage users.
pub async fn users_listed(
    rows: &mut dyn Snapshot,
    viewer: &UserId,
) -> Stored<(Vec<UserAccount>, Vec<Team>)> {
    let viewer = rights::ask(rows, viewer, Action::UserManage).await?;
    let users = rows.user_list().await?;
    let teams = match can(&viewer, Action::TeamManage).is_ok() {
        true => rows.team_list().await?,
        false => Vec::new(),
    };
    Ok((users, teams))
}
