//! Users and teams: `backend::Administration` over the wire.

use leptos::prelude::*;
use shared::admin::{CapacityChange, ChatChannel, MembershipChange, Team, TeamChange, UserAccount};
use shared::ids::{ChannelKey, CommandKey, TeamId, UserId};
use shared::people::Role;

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
#[cfg(feature = "ssr")]
use shared::admin::UserChange;
#[cfg(feature = "ssr")]
use shared::chat_address::parse_address;
#[cfg(feature = "ssr")]
use shared::text::{CustomerName, DisplayName, Password, Username};

/// All users by name.
#[server(protocol = Api)]
pub async fn user_list() -> Result<Vec<UserAccount>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.user_list(&caller.actor).await?)
}

/// Creates a user.
#[server(protocol = Api)]
pub async fn user_create(
    key: Option<CommandKey>,
    username: String,
    name: String,
    roles: Vec<Role>,
    password: String,
) -> Result<UserAccount, ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend
        .user_create(
            &caller,
            key,
            Username::parse(&username)?,
            DisplayName::parse(&name)?,
            roles,
            Password::parse(&password)?,
        )
        .await?)
}

/// Changes name, roles and an agent's capacity; a page of an older release leaves the capacity as it is.
#[server(protocol = Api)]
pub async fn user_update(
    key: Option<CommandKey>,
    user: UserId,
    version: Option<i64>,
    name: String,
    roles: Vec<Role>,
    capacity: Option<CapacityChange>,
) -> Result<UserAccount, ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    let change = UserChange {
        name: DisplayName::parse(&name)?,
        roles,
        capacity,
        version: version.unwrap_or_default(),
    };
    Ok(backend.user_update(&caller, key, user, change).await?)
}

/// Sets a new password and ends the user's sessions.
#[server(protocol = Api)]
pub async fn user_password_reset(
    key: Option<CommandKey>,
    user: UserId,
    password: String,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend
        .user_password_reset(&caller, key, user, Password::parse(&password)?)
        .await?)
}

/// Deactivates or activates again.
#[server(protocol = Api)]
pub async fn user_activate(
    key: Option<CommandKey>,
    user: UserId,
    active: bool,
) -> Result<UserAccount, ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.user_activate(&caller, key, user, active).await?)
}

/// Ends all sessions of a user.
#[server(protocol = Api)]
pub async fn user_sessions_end(key: Option<CommandKey>, user: UserId) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.user_sessions_end(&caller.actor, key, user).await?)
}

/// Takes a user's second factor away, who has lost it.
#[server(protocol = Api)]
pub async fn user_second_factor_reset(
    key: Option<CommandKey>,
    user: UserId,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.user_second_factor_reset(&caller, key, user).await?)
}

/// All teams by name.
#[server(protocol = Api)]
pub async fn team_list() -> Result<Vec<Team>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.team_list(&caller.actor).await?)
}

/// Creates a team.
#[server(protocol = Api)]
pub async fn team_create(key: Option<CommandKey>, change: TeamChange) -> Result<Team, ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.team_create(&caller, key, change).await?)
}

/// Changes name, members and supervisors.
#[server(protocol = Api)]
pub async fn team_update(
    key: Option<CommandKey>,
    team: TeamId,
    change: TeamChange,
) -> Result<Team, ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.team_update(&caller, key, team, change).await?)
}

/// Puts a user into teams and takes them out of others.
#[server(protocol = Api)]
pub async fn memberships_change(
    key: Option<CommandKey>,
    user: UserId,
    change: MembershipChange,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend
        .memberships_change(&caller, key, user, change)
        .await?)
}

/// Gives a team one more chat channel; a page of an older release chooses no address.
#[server(protocol = Api)]
pub async fn channel_create(
    key: Option<CommandKey>,
    team: TeamId,
    name: String,
    address: Option<String>,
) -> Result<ChatChannel, ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    let name = CustomerName::parse(&name)?;
    let chosen = address.filter(|address| !address.trim().is_empty());
    let address = chosen.as_deref().map(parse_address).transpose()?;
    Ok(backend
        .channel_create(&caller.actor, key, team, name, address)
        .await?)
}

/// Renames a chat channel.
#[server(protocol = Api)]
pub async fn channel_update(
    key: Option<CommandKey>,
    channel: ChannelKey,
    version: i64,
    name: String,
) -> Result<ChatChannel, ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    let name = CustomerName::parse(&name)?;
    Ok(backend
        .channel_update(&caller.actor, key, channel, version, name)
        .await?)
}

/// Switches a chat channel on or off.
#[server(protocol = Api)]
pub async fn channel_activate(
    key: Option<CommandKey>,
    channel: ChannelKey,
    active: bool,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend
        .channel_activate(&caller.actor, key, channel, active)
        .await?)
}
