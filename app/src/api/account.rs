//! A user's own account: `backend::Account` over the wire.

use leptos::prelude::*;
use shared::directory::Settings;
use shared::people::Presence;

use super::{ApiError, Wire};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
#[cfg(feature = "ssr")]
use shared::text::{Password, TypedPassword};

/// Sets what others see while the caller is connected.
#[server(protocol = Wire)]
pub async fn presence_set(presence: Presence) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.presence_set(&caller.actor, presence).await?)
}

/// Switches Agent Message Notification.
#[server(protocol = Wire)]
pub async fn settings_save(pop_up: bool) -> Result<Settings, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.settings_save(&caller.actor, pop_up).await?)
}

/// Changes the caller's password and ends their other sessions.
#[server(protocol = Wire)]
pub async fn password_change(old: String, new: String) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let new = Password::parse(&new).map_err(|error| error.at("new"))?;
    Ok(backend
        .password_change(&caller, TypedPassword::new(&old), new)
        .await?)
}

/// Proves once more that it is the caller who sits here.
#[server(protocol = Wire)]
pub async fn password_prove(password: String) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .password_prove(&caller, TypedPassword::new(&password))
        .await?)
}

/// Ends every other session of the caller.
#[server(protocol = Wire)]
pub async fn sessions_end_elsewhere() -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.sessions_end_elsewhere(&caller).await?)
}
