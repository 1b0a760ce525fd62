//! The audit log: `backend::Audit` over the wire.

use leptos::prelude::*;
use shared::audit::{AuditPage, AuditQuery};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// A page of the log, the newest first.
#[server(protocol = Api)]
pub async fn audit_list(query: AuditQuery) -> Result<AuditPage, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.audit_list(&caller.actor, query).await?)
}
