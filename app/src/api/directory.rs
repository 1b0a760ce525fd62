//! The Company Directory: `backend::Directory` over the wire.

use leptos::prelude::*;
use shared::directory::{Bootstrap, DirectoryMessage, DirectoryPage};
use shared::ids::{CommandKey, DirectoryMessageId, RequestId, TeamId, UserId};
use shared::lenient::List;
use shared::people::Person;

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
#[cfg(feature = "ssr")]
use shared::text::DirectoryText;

/// What the frame begins with. The name of a server function is its address, and an open tab of a release before asks for
/// this one.
#[server(protocol = Api)]
pub async fn desk_load() -> Result<Bootstrap, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.bootstrap_load(&caller.actor).await?)
}

/// Everybody active except the caller.
#[server(protocol = Api)]
pub async fn people_list() -> Result<List<Person>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(List(backend.people_list(&caller.actor).await?))
}

/// The newest messages with somebody, or those before number `before`.
#[server(protocol = Api)]
pub async fn directory_conversation(
    with: UserId,
    before: Option<i64>,
) -> Result<DirectoryPage, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .directory_conversation(&caller.actor, with, before)
        .await?)
}

/// Writes to somebody.
#[server(protocol = Api)]
pub async fn directory_send(
    to: UserId,
    key: CommandKey,
    text: String,
    answers: Option<RequestId>,
) -> Result<DirectoryMessage, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .directory_send(
            &caller.actor,
            to,
            key,
            DirectoryText::parse(&text)?,
            answers,
        )
        .await?)
}

/// Writes to all agents of a team that the caller supervises, and answers how many there are.
#[server(protocol = Api)]
pub async fn team_message_send(
    team: TeamId,
    key: CommandKey,
    text: String,
) -> Result<usize, ApiError> {
    let (caller, backend) = signed_in()?;
    let text = DirectoryText::parse(&text)?;
    Ok(backend
        .team_message_send(&caller.actor, team, key, text)
        .await?)
}

/// The caller has read everything from `with` up to number `through`.
#[server(protocol = Api)]
pub async fn directory_read(with: UserId, through: i64) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.directory_read(&caller.actor, with, through).await?)
}

/// Sends the pop-up of a message to the caller away.
#[server(protocol = Api)]
pub async fn message_dismiss(message: DirectoryMessageId) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.message_dismiss(&caller.actor, message).await?)
}
