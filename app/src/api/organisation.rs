//! The organisation's settings: `backend::Organisation` over the wire.

use leptos::prelude::*;
use shared::ids::CommandKey;
use shared::organisation::{Expiring, OrganisationEdit, SettingChange};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// The settings and their version.
#[server(protocol = Api)]
pub async fn organisation_load() -> Result<OrganisationEdit, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.organisation_load(&caller.actor).await?)
}

/// How much goes at once with these changes, where they delete something sooner than before.
#[server(protocol = Api)]
pub async fn retention_preview(changes: Vec<SettingChange>) -> Result<Expiring, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.retention_preview(&caller.actor, changes).await?)
}

/// Changes some of them.
#[server(protocol = Api)]
pub async fn organisation_save(
    key: CommandKey,
    version: i64,
    changes: Vec<SettingChange>,
) -> Result<OrganisationEdit, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .organisation_save(&caller, key, version, changes)
        .await?)
}
