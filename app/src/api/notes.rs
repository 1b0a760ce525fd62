//! Notes of staff: `backend::Notes` over the wire.

use leptos::prelude::*;
use shared::ids::{CommandKey, WorkitemId};
use shared::transcript::Sent;

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
#[cfg(feature = "ssr")]
use shared::text::NoteText;

/// Writes a note for staff into a workitem that the caller works on or has authority over.
#[server(protocol = Api)]
pub async fn note_add(
    workitem: WorkitemId,
    key: CommandKey,
    text: String,
) -> Result<Sent, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .note_add(&caller.actor, workitem, key, NoteText::parse(&text)?)
        .await?)
}
