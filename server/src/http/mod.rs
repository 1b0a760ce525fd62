//! The host's face: router, sign-in, the checks that every request passes, health. No use-case lives here.

pub mod assets;
pub mod client_address;
mod cookies;
pub(crate) mod errors;
mod guards;
mod health;
mod pages;
pub(crate) mod shares;
mod sign_in;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use shared::people::Actor;
use tokio::sync::watch;
use tower_http::timeout::TimeoutLayer;

use crate::channels::webchat;
use crate::desk::Desk;
use crate::live;

/// The largest request body, in bytes: 4,000 characters of four bytes, each escaped as JSON may.
pub const BODY_MAX: usize = 64 * 1024;

/// Who sent a request. In the extensions of every request as `Option<SignedIn>`.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// On whose behalf.
    pub actor: Actor,
    /// The session's id.
    pub session: String,
}

/// What an operator can set about the face.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Browsers reach this host over TLS: cookies are Secure and carry the `__Host-` prefix.
    pub secure: bool,
    /// A proxy in front names the client in `X-Forwarded-For`; without one, anybody could.
    pub trust_forwarded: bool,
    /// How long a request may take until its answer begins: whoever sends byte by byte is not waited for any longer.
    pub answer_within: Duration,
    /// How many connections there may be; silent ones make room for others.
    pub connections: usize,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            secure: false,
            trust_forwarded: false,
            answer_within: Duration::from_secs(60),
            connections: usize::MAX,
        }
    }
}

/// Everything that can be asked of this host. `closing` turns true when the process is about to end.
pub fn router(desk: Desk, config: HttpConfig, closing: watch::Receiver<bool>) -> Router {
    let in_time = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, config.answer_within);
    let state = sign_in::SignInState::new(desk.clone(), &config);
    let staff = Router::new()
        .merge(pages::router(desk.clone()))
        .merge(sign_in::router(state.clone()))
        .merge(live::router(desk.clone(), closing.clone()))
        .layer(from_fn_with_state(Arc::new(state), sign_in::identify));
    Router::new()
        .merge(staff)
        .merge(webchat::router(desk.clone(), config.secure, closing))
        .merge(assets::router())
        .merge(health::router(desk))
        .layer(from_fn(guards::detach))
        .layer(from_fn(guards::receive))
        .layer(in_time)
        .layer(from_fn(errors::speak_plainly))
        .layer(from_fn(guards::throw_away))
        .layer(from_fn(guards::same_origin))
        .layer(from_fn(errors::catch_panics))
        .layer(from_fn_with_state(config.secure, guards::headers))
        .layer(from_fn_with_state(
            config.trust_forwarded,
            client_address::identify,
        ))
        .layer(from_fn(guards::request_id))
}
