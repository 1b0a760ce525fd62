//! Customers, as administrators erase them: `backend::Customers` over the wire.

use leptos::prelude::*;
use shared::erasure::{CustomerWorkitem, Erasure};
use shared::ids::{CommandKey, WorkitemId};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// Customers whose names have words that begin like these.
#[server(protocol = Api)]
pub async fn customer_find(name: String) -> Result<Vec<CustomerWorkitem>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.customer_find(&caller.actor, name).await?)
}

/// How much would go with the customer of this workitem.
#[server(protocol = Api)]
pub async fn erasure_preview(workitem: WorkitemId) -> Result<Erasure, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.erasure_preview(&caller.actor, workitem).await?)
}

/// Erases the customer of this workitem.
#[server(protocol = Api)]
pub async fn customer_erase(
    key: Option<CommandKey>,
    workitem: WorkitemId,
) -> Result<Erasure, ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.customer_erase(&caller, key, workitem).await?)
}
