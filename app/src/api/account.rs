//! A user's own account: `backend::Account` over the wire.

use leptos::prelude::*;
use shared::account::SessionInfo;
use shared::directory::Settings;
use shared::ids::{CommandKey, SessionId};
use shared::language::Language;
use shared::people::Presence;

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;
#[cfg(feature = "ssr")]
use shared::directory::Switches;
#[cfg(feature = "ssr")]
use shared::text::{Password, TypedPassword};

/// Sets what others see while the caller is connected.
#[server(protocol = Api)]
pub async fn presence_set(key: Option<CommandKey>, presence: Presence) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.presence_set(&caller.actor, key, presence).await?)
}

/// Switches what the caller has on or off; what is not named stays.
#[server(protocol = Api)]
pub async fn settings_save(
    key: Option<CommandKey>,
    pop_up: Option<bool>,
    letter_keys: Option<bool>,
) -> Result<Settings, ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    let switches = Switches {
        pop_up,
        letter_keys,
    };
    Ok(backend.settings_save(&caller.actor, key, switches).await?)
}

/// Sets the language of the caller's pages; none is the browser's.
#[server(protocol = Api)]
pub async fn language_set(
    key: Option<CommandKey>,
    language: Option<Language>,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.language_set(&caller.actor, key, language).await?)
}

/// Changes the caller's password and ends their other sessions.
#[server(protocol = Api)]
pub async fn password_change(
    key: Option<CommandKey>,
    old: String,
    new: String,
) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    let new = Password::parse(&new).map_err(|error| error.at("new"))?;
    Ok(backend
        .password_change(&caller, key, TypedPassword::new(&old), new)
        .await?)
}

/// Proves once more that it is the caller who sits here.
#[server(protocol = Api)]
pub async fn password_prove(password: String) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .password_prove(&caller, TypedPassword::new(&password))
        .await?)
}

/// Ends every other session of the caller.
#[server(protocol = Api)]
pub async fn sessions_end_elsewhere(key: Option<CommandKey>) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.sessions_end_elsewhere(&caller, key).await?)
}

/// The caller's sessions, the one that was used last first.
#[server(protocol = Api)]
pub async fn session_list() -> Result<Vec<SessionInfo>, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.session_list(&caller).await?)
}

/// Ends one of the caller's sessions.
#[server(protocol = Api)]
pub async fn session_end(key: Option<CommandKey>, session: SessionId) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    let key = key.unwrap_or_else(|| backend.key_fresh());
    Ok(backend.session_end(&caller.actor, key, session).await?)
}
