//! Raising a hand: `backend::Assistance` over the wire.

use leptos::prelude::*;
use shared::assistance::{Ask, Asked, AssistanceOptions, Claim, Settled};
use shared::ids::{CommandKey, RequestId};

use super::{Api, ApiError};
#[cfg(feature = "ssr")]
use crate::backend::signed_in;

/// Active templates, and the caller's supervisors with their presence.
#[server(protocol = Api)]
pub async fn assistance_options_load() -> Result<AssistanceOptions, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.assistance_options_load(&caller.actor).await?)
}

/// Raises a hand.
#[server(protocol = Api)]
pub async fn assistance_request(key: CommandKey, ask: Ask) -> Result<Asked, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.assistance_request(&caller.actor, key, ask).await?)
}

/// Takes back a request of the caller's own.
#[server(protocol = Api)]
pub async fn request_withdraw(key: CommandKey, request: RequestId) -> Result<Settled, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .request_withdraw(&caller.actor, key, request)
        .await?)
}

/// Takes a request on, so that nobody else has to.
#[server(protocol = Api)]
pub async fn request_claim(key: CommandKey, request: RequestId) -> Result<Claim, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.request_claim(&caller.actor, key, request).await?)
}

/// Gives a request back that the caller has claimed.
#[server(protocol = Api)]
pub async fn request_hand_back(key: CommandKey, request: RequestId) -> Result<(), ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend
        .request_hand_back(&caller.actor, key, request)
        .await?)
}

/// Settles a request without a word.
#[server(protocol = Api)]
pub async fn request_handle(key: CommandKey, request: RequestId) -> Result<Settled, ApiError> {
    let (caller, backend) = signed_in()?;
    Ok(backend.request_handle(&caller.actor, key, request).await?)
}
