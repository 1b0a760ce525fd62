//! What a supervisor of processes asks: is it alive, can it work.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::time::timeout;

use crate::desk::Desk;

/// Who asks has no patience; a database that takes longer than this is of no use to anybody else either.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/healthz` answers while the process runs, `/readyz` while the database can be read. A process that is about to
/// end takes no new connection, which says the same to a balancer.
pub fn router<S>(desk: Desk) -> Router<S> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(desk)
}

async fn ready(State(desk): State<Desk>) -> (StatusCode, &'static str) {
    match timeout(PATIENCE, desk.store().template_list(true)).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        Ok(Err(_)) | Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database cannot be read\n",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;
    use crate::desk::DeskConfig;
    use crate::seeds::Rehearsed;
    use crate::store::sqlite::SqliteStore;

    #[tokio::test]
    async fn a_database_that_cannot_be_read_makes_it_alive_and_not_ready() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("sideline.db"))
            .await
            .unwrap();
        let store = Arc::new(store);
        let seeds = Arc::new(Rehearsed::default());
        let desk = Desk::new(store.clone(), seeds.clone(), seeds, DeskConfig::default());
        let router: Router = router(desk);
        let status = async |path| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap().status()
        };
        assert_eq!(status("/readyz").await, StatusCode::OK);
        store.close().await;
        assert_eq!(status("/readyz").await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(status("/healthz").await, StatusCode::OK);
    }
}
