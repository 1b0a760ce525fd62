//! What administrators delete: `backend::Deletions` over the wire.

use leptos::prelude::*;
use shared::deletion::{Deletable, DeletionExtent};
use shared::ids::{ChannelKey, CommandKey, TeamId, UserId};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// What hangs on something that is about to be deleted.
#[server(protocol = Api)]
pub async fn deletion_preview(of: Deletable) -> Result<DeletionExtent, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.deletion_preview(&caller.actor, of).await?)
}

/// Deletes a user.
#[server(protocol = Api)]
pub async fn user_delete(
    key: Option<CommandKey>,
    user: UserId,
    version: i64,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.user_delete(&caller, key, user, version).await?)
}

/// Deletes a team.
#[server(protocol = Api)]
pub async fn team_delete(
    key: Option<CommandKey>,
    team: TeamId,
    version: i64,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend
        .team_delete(&caller.actor, key, team, version)
        .await?)
}

/// Deletes a channel.
#[server(protocol = Api)]
pub async fn channel_delete(key: Option<CommandKey>, channel: ChannelKey) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.channel_delete(&caller.actor, key, channel).await?)
}
