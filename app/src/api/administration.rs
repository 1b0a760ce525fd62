//! Users and teams: `backend::Administration` over the wire.

use leptos::prelude::*;
use shared::admin::{ChatChannel, Team, TeamChange, UserAccount};
use shared::ids::{ChannelKey, TeamId, UserId};
use shared::people::Role;

use super::{ApiError, Wire};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
#[cfg(feature = "ssr")]
use shared::text::{CustomerName, DisplayName, Password, Username};

/// All users by name.
#[server(protocol = Wire)]
pub async fn user_list() -> Result<Vec<UserAccount>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.user_list(&caller.actor).await?)
}

/// Creates a user.
#[server(protocol = Wire)]
pub async fn user_create(
    username: String,
    name: String,
    roles: Vec<Role>,
    password: String,
) -> Result<UserAccount, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .user_create(
            &caller,
            Username::parse(&username)?,
            DisplayName::parse(&name)?,
            roles,
            Password::parse(&password)?,
        )
        .await?)
}

/// Changes name and roles.
#[server(protocol = Wire)]
pub async fn user_update(
    user: UserId,
    name: String,
    roles: Vec<Role>,
) -> Result<UserAccount, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .user_update(&caller, user, DisplayName::parse(&name)?, roles)
        .await?)
}

/// Sets a new password and ends the user's sessions.
#[server(protocol = Wire)]
pub async fn user_password_reset(user: UserId, password: String) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .user_password_reset(&caller, user, Password::parse(&password)?)
        .await?)
}

/// Deactivates or activates again.
#[server(protocol = Wire)]
pub async fn user_activate(user: UserId, active: bool) -> Result<UserAccount, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.user_activate(&caller, user, active).await?)
}

/// All teams by name.
#[server(protocol = Wire)]
pub async fn team_list() -> Result<Vec<Team>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.team_list(&caller.actor).await?)
}

/// Creates a team.
#[server(protocol = Wire)]
pub async fn team_create(change: TeamChange) -> Result<Team, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.team_create(&caller.actor, change).await?)
}

/// Changes name, members and supervisors.
#[server(protocol = Wire)]
pub async fn team_update(team: TeamId, change: TeamChange) -> Result<Team, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.team_update(&caller.actor, team, change).await?)
}

/// Gives a team one more chat channel.
#[server(protocol = Wire)]
pub async fn channel_create(team: TeamId, name: String) -> Result<ChatChannel, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .channel_create(&caller.actor, team, CustomerName::parse(&name)?)
        .await?)
}

/// Switches a chat channel on or off.
#[server(protocol = Wire)]
pub async fn channel_activate(channel: ChannelKey, active: bool) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .channel_activate(&caller.actor, channel, active)
        .await?)
}
