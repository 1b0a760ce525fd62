//! Alerts: `backend::Alerts` over the wire.

use leptos::prelude::*;
use shared::ids::{AlertRuleId, CommandKey, WorkitemId};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// Dismisses an alert, for everybody who sees it.
#[server(protocol = Api)]
pub async fn alert_dismiss(
    workitem: WorkitemId,
    key: CommandKey,
    rule: AlertRuleId,
    about: i64,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .alert_dismiss(&caller.actor, workitem, key, rule, about)
        .await?)
}
