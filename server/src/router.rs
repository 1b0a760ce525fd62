//! The host's router, put together in one place. What answers a request stands here beside what every request
//! passes; the modules below know nothing of each other.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::sync::watch;

use crate::api;
use crate::channels::{self, webchat};
use crate::desk::Desk;
use crate::http::routes::Routes;
use crate::http::send_rate::SendRates;
use crate::http::session::{self, SessionState};
use crate::http::sign_in;
use crate::http::{
    HttpConfig, alerts, analytics, assets, audit_export, chat_channel, escalation, file, file_send,
    form_rate, guards, health, history_export, labels, layers, list_export, pages, push, roles,
    saved_texts, single_sign_on, tokens, user_import, views, waiting, walls, webhooks, well_known,
};
use crate::live;

/// The host, ready to be served. `closing` turns true when the process is about to end.
pub fn router(desk: Desk, config: &HttpConfig, closing: watch::Receiver<bool>) -> Router {
    router_with(desk, config, closing, Routes::new())
}

/// The host with routes that only some programs have, such as those of the demo.
pub fn router_with(
    desk: Desk,
    config: &HttpConfig,
    closing: watch::Receiver<bool>,
    more: Routes,
) -> Router {
    serve(
        routes(desk.clone(), config, closing).merge(more),
        desk,
        config,
    )
}

/// The routes with what every request passes.
pub fn serve(routes: Routes, desk: Desk, config: &HttpConfig) -> Router {
    let record = from_fn_with_state(desk, guards::record_cross_site);
    layers::apply(routes.into_router(), config).layer(record)
}

/// Every route of the host.
pub fn routes(desk: Desk, config: &HttpConfig, closing: watch::Receiver<bool>) -> Routes {
    let state = SessionState::new(desk.clone(), config);
    let sends = Arc::new(SendRates::new(config.send_rate, config.command_rate));
    let forms = plain_pages(&desk, config).layer(from_fn_with_state(
        (desk.clone(), Arc::clone(&sends)),
        form_rate::at_pace,
    ));
    let staff = Routes::new()
        .merge(pages::router(desk.clone(), config, Arc::clone(&sends)))
        .merge(forms)
        .merge(audit_export::router(desk.clone()))
        .merge(file::router(desk.clone()))
        .merge(file_send::router(desk.clone(), sends))
        .merge(history_export::router(desk.clone()))
        .merge(list_export::router(desk.clone()))
        .merge(sign_in::router(state.clone()))
        .merge(live::router(desk.clone(), closing.clone()))
        .layer(from_fn_with_state(Arc::new(state), session::identify));
    Routes::new()
        .merge(staff)
        .merge(api::router(desk.clone(), config))
        .merge(webchat::router(desk.clone(), config.secure, closing))
        .merge(channels::router(desk.clone(), config.trust_forwarded))
        .merge(assets::router())
        .merge(well_known::router(desk.clone(), config))
        .merge(health::router(desk))
}

/// The host's own pages with forms, and what scripts of pages send beside the app's functions.
fn plain_pages(desk: &Desk, config: &HttpConfig) -> Routes {
    Routes::new()
        .merge(analytics::router(desk.clone()))
        .merge(escalation::router(desk.clone()))
        .merge(alerts::router(desk.clone()))
        .merge(labels::router(desk.clone()))
        .merge(push::router(desk.clone()))
        .merge(roles::router(desk.clone()))
        .merge(single_sign_on::router(desk.clone(), config.secure))
        .merge(saved_texts::router(desk.clone()))
        .merge(views::router(desk.clone()))
        .merge(waiting::router(desk.clone()))
        .merge(walls::router(desk.clone(), config.secure))
        .merge(tokens::router(desk.clone()))
        .merge(user_import::router(desk.clone()))
        .merge(chat_channel::router(desk.clone(), config.secure))
        .merge(webhooks::router(desk.clone()))
}
