//! A supervisor steps in: `backend::SteppingIn` over the wire.

use leptos::prelude::*;
use shared::ids::{CommandKey, UserId, WorkitemId};
use shared::transcript::{Peek, Sent};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
#[cfg(feature = "ssr")]
use shared::text::MessageText;

/// Says something to the customer beside the agent, under the caller's name.
#[server(protocol = Api)]
pub async fn barge_send(
    workitem: WorkitemId,
    key: CommandKey,
    text: String,
) -> Result<Sent, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .barge_send(&caller.actor, workitem, key, MessageText::parse(&text)?)
        .await?)
}

/// Takes a workitem over from the agent who has it.
#[server(protocol = Api)]
pub async fn workitem_take_over(
    workitem: WorkitemId,
    key: CommandKey,
    from: UserId,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .workitem_take_over(&caller.actor, workitem, key, from)
        .await?)
}

/// Gives a workitem back that the caller took over.
#[server(protocol = Api)]
pub async fn workitem_give_back(workitem: WorkitemId, key: CommandKey) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .workitem_give_back(&caller.actor, workitem, key)
        .await?)
}

/// Ends the conversation of an agent with a customer.
#[server(protocol = Api)]
pub async fn conversation_end(workitem: WorkitemId, key: CommandKey) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .conversation_end(&caller.actor, workitem, key)
        .await?)
}

/// Closes what an agent left in wrap-up.
#[server(protocol = Api)]
pub async fn wrap_up_close(workitem: WorkitemId, key: CommandKey) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.wrap_up_close(&caller.actor, workitem, key).await?)
}

/// Peeks at the last lines, which the audit log records.
#[server(protocol = Api)]
pub async fn workitem_peek(workitem: WorkitemId) -> Result<Peek, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.workitem_peek(&caller.actor, workitem).await?)
}
