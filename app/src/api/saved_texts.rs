//! Texts that people keep to use again: `backend::SavedTexts` over the wire.

use leptos::prelude::*;
use shared::saved_texts::{SavedFor, SavedText};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// One's own and those of one's teams, by title.
#[server(protocol = Api)]
pub async fn saved_text_list(written_for: SavedFor) -> Result<Vec<SavedText>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.saved_text_list(&caller.actor, written_for).await?)
}
