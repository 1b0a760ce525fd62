//! What a supervisor of processes asks: is it alive, can it work.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::desk::Desk;

/// Who asks has no patience; a database that takes longer than this is of no use to anybody else either.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Health {
    desk: Desk,
    closing: watch::Receiver<bool>,
}

/// `/healthz` answers while the process runs; `/readyz` while the database can be read and nobody has asked the
/// process to end, so that a balancer sends new work elsewhere.
pub fn router<S>(desk: Desk, closing: watch::Receiver<bool>) -> Router<S> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(Health { desk, closing })
}

async fn ready(State(health): State<Health>) -> (StatusCode, &'static str) {
    if *health.closing.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "ending\n");
    }
    match timeout(PATIENCE, health.desk.store().template_list(true)).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        Ok(Err(_)) | Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database cannot be read\n",
        ),
    }
}
