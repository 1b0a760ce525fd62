//! The audit log: `backend::Audit` over the wire.

use leptos::prelude::*;
use shared::audit::{AuditPage, AuditQuery};

use super::{ApiClient, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
use crate::json::Json;

/// A page of the log, the newest first.
#[server(input = Json, output = Json, client = ApiClient)]
pub async fn audit_list(query: AuditQuery) -> Result<AuditPage, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.audit_list(&caller.actor, query).await?)
}
