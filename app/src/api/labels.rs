//! Labels of workitems: `backend::Labels` over the wire.

use leptos::prelude::*;
use shared::ids::{CommandKey, LabelId, WorkitemId};
use shared::labels::LabelRef;
use shared::lenient::List;

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// The labels that a workitem can be given, by kind and name.
#[server(protocol = Api)]
pub async fn label_list(workitem: WorkitemId) -> Result<List<LabelRef>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(List(backend.label_list(&caller.actor, workitem).await?))
}

/// Gives a workitem a label, or takes it back.
#[server(protocol = Api)]
pub async fn label_set(
    workitem: WorkitemId,
    key: CommandKey,
    label: LabelId,
    on: bool,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .label_set(&caller.actor, workitem, key, label, on)
        .await?)
}
