//! What was said, and what is over: `backend::History` over the wire.

use leptos::prelude::*;
use shared::history::{HistoryPage, HistoryQuery, HistoryReading};
use shared::ids::WorkitemId;
use shared::lenient::List;
use shared::workitem::Workitem;

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// A page of what is found in the workitems that the caller may read, the newest first.
#[server(protocol = Api)]
pub async fn history_search(query: HistoryQuery) -> Result<HistoryPage, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.history_search(&caller.actor, query).await?)
}

/// The newest page of a conversation that no agent has, or that none has any more. The audit log names who reads another's.
#[server(protocol = Api)]
pub async fn history_read(workitem: WorkitemId) -> Result<HistoryReading, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.history_read(&caller.actor, workitem).await?)
}

/// The conversations that the customer of a workitem had before it, the newest first.
#[server(protocol = Api)]
pub async fn conversations_before(workitem: WorkitemId) -> Result<List<Workitem>, ApiError> {
    let (caller, backend) = signed_in()?;
    let before = backend.conversations_before(&caller.actor, workitem);
    Ok(List(before.await?))
}
