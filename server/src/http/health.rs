//! What a supervisor of processes asks: is it alive, can it work.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::desk::Desk;

/// `/healthz` answers while the process runs, `/readyz` while the database can be read.
pub fn router<S>(desk: Desk) -> Router<S> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(desk)
}

async fn ready(State(desk): State<Desk>) -> (StatusCode, &'static str) {
    match desk.store().template_list(true).await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database cannot be read\n",
        ),
    }
}
