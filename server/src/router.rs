//! The host's router, put together in one place. What answers a request stands here beside what every request
//! passes; the modules below know nothing of each other.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::sync::watch;

use crate::channels::webchat;
use crate::desk::Desk;
use crate::http::sign_in::{self, SignInState};
use crate::http::{HttpConfig, assets, health, layers, pages};
use crate::live;

/// Every route of the host. `closing` turns true when the process is about to end.
pub fn router(desk: Desk, config: &HttpConfig, closing: watch::Receiver<bool>) -> Router {
    let state = SignInState::new(desk.clone(), config);
    let staff = Router::new()
        .merge(pages::router(desk.clone()))
        .merge(sign_in::router(state.clone()))
        .merge(live::router(desk.clone(), closing.clone()))
        .layer(from_fn_with_state(Arc::new(state), sign_in::identify));
    let routes = Router::new()
        .merge(staff)
        .merge(webchat::router(desk.clone(), config.secure, closing))
        .merge(assets::router())
        .merge(health::router(desk));
    layers::apply(routes, config)
}
