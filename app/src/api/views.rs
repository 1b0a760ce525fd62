//! Views of the dashboard: `backend::Views` over the wire.

use leptos::prelude::*;
use shared::views::{DashboardChoice, DashboardViews};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// The views that the caller may open, and what the dashboard keeps for them.
#[server(protocol = Api)]
pub async fn view_list() -> Result<DashboardViews, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.view_list(&caller.actor).await?)
}

/// Sets what the dashboard keeps for the caller.
#[server(protocol = Api)]
pub async fn view_choose(choice: DashboardChoice) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .view_choose(&caller.actor, choice.checked()?)
        .await?)
}
