//! The audit log: `backend::Audit` over the wire.

use leptos::prelude::*;
use shared::audit::{AuditPage, AuditQuery};
use shared::language::Language;

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// A page of the log, the newest first, with its values in the words of a language. None: a page of a release before, which says
/// the codes itself.
#[server(protocol = Api)]
pub async fn audit_list(
    query: AuditQuery,
    language: Option<Language>,
) -> Result<AuditPage, ApiError> {
    let (caller, backend) = signed_in()?;
    let page = backend.audit_list(&caller.actor, query, language).await?;
    Ok(page)
}
