//! An agent's work: `backend::Workitems` over the wire.

use leptos::prelude::*;
use shared::ids::{CommandKey, EntryId, WorkitemId};
use shared::lenient::List;
use shared::transcript::{Conversation, Entry, Sent};
use shared::workitem::{AgentWorkitems, CallPlaced, TransferOptions, TransferTo, Workitem};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
#[cfg(feature = "ssr")]
use shared::{
    phone::PhoneNumber,
    text::{MessageText, NoteText},
};

/// The caller's own open workitems.
#[server(protocol = Api)]
pub async fn worklist_load() -> Result<AgentWorkitems, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.worklist_load(&caller.actor).await?)
}

/// The caller's workitems that were closed last, the newest first.
#[server(protocol = Api)]
pub async fn closed_list() -> Result<List<Workitem>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(List(backend.closed_list(&caller.actor).await?))
}

/// The newest page of a conversation.
#[server(protocol = Api)]
pub async fn conversation_load(workitem: WorkitemId) -> Result<Conversation, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.conversation_load(&caller.actor, workitem).await?)
}

/// The page before entry number `before`.
#[server(protocol = Api)]
pub async fn conversation_older(
    workitem: WorkitemId,
    before: i64,
) -> Result<List<Entry>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(List(
        backend
            .conversation_older(&caller.actor, workitem, before)
            .await?,
    ))
}

/// Answers the customer.
#[server(protocol = Api)]
pub async fn message_send(
    workitem: WorkitemId,
    key: CommandKey,
    text: String,
) -> Result<Sent, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .message_send(&caller.actor, workitem, key, MessageText::parse(&text)?)
        .await?)
}

/// Sends a message again that its provider did not deliver.
#[server(protocol = Api)]
pub async fn delivery_retry(
    workitem: WorkitemId,
    key: CommandKey,
    entry: EntryId,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .delivery_retry(&caller.actor, workitem, key, entry)
        .await?)
}

/// The agent has seen everything up to entry number `through`.
#[server(protocol = Api)]
pub async fn workitem_read(workitem: WorkitemId, through: i64) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .workitem_read(&caller.actor, workitem, through)
        .await?)
}

/// Ends the conversation with the customer.
#[server(protocol = Api)]
pub async fn workitem_wrap_up(workitem: WorkitemId, key: CommandKey) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .workitem_wrap_up(&caller.actor, workitem, key)
        .await?)
}

/// Goes on with the conversation of a workitem in wrap-up.
#[server(protocol = Api)]
pub async fn workitem_reopen(workitem: WorkitemId, key: CommandKey) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .workitem_reopen(&caller.actor, workitem, key)
        .await?)
}

/// Closes a workitem in wrap-up.
#[server(protocol = Api)]
pub async fn workitem_close(workitem: WorkitemId, key: CommandKey) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.workitem_close(&caller.actor, workitem, key).await?)
}

/// To whom the caller can hand work.
#[server(protocol = Api)]
pub async fn transfer_options_load() -> Result<TransferOptions, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.transfer_options_load(&caller.actor).await?)
}

/// Hands an active workitem over.
#[server(protocol = Api)]
pub async fn workitem_transfer(
    workitem: WorkitemId,
    key: CommandKey,
    to: TransferTo,
    // A tab of the release before does not know it.
    #[server(default)] confirmed: bool,
    // For those who get it.
    #[server(default)] note: Option<String>,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let note = note.as_deref().map(NoteText::parse).transpose()?;
    Ok(backend
        .workitem_transfer(&caller.actor, workitem, key, to, confirmed, note)
        .await?)
}

/// The agents to whom a supervisor can hand on work.
#[server(protocol = Api)]
pub async fn reassign_options_load() -> Result<TransferOptions, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.reassign_options_load(&caller.actor).await?)
}

/// Hands on the work of somebody under the caller's authority.
#[server(protocol = Api)]
pub async fn workitem_reassign(
    workitem: WorkitemId,
    key: CommandKey,
    to: TransferTo,
    #[server(default)] confirmed: bool,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .workitem_reassign(&caller.actor, workitem, key, to, confirmed)
        .await?)
}

/// Records a call and answers the address that places it.
#[server(protocol = Api)]
pub async fn call_place(key: CommandKey, number: String) -> Result<CallPlaced, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .call_place(&caller.actor, key, PhoneNumber::parse(&number)?)
        .await?)
}
