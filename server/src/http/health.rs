//! The health checks: whether the process is alive, and whether it can work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::routes::Routes;
use crate::bus::link::{LinkState, Obstacle};
use crate::desk::Desk;

/// The caller has no patience; a database that takes longer than this is of no use to anybody else either.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Readiness {
    desk: Desk,
    /// When the last probe began and what it found: a request that came before it began needs none of their own.
    last: Arc<Mutex<Option<(Instant, bool)>>>,
}

/// `/healthz` answers while the process runs, `/readyz` while the database can be written and read. A process that is
/// about to end takes no new connection, which says the same to a balancer.
pub fn router<S: Clone + Send + Sync + 'static>(desk: Desk) -> Routes<S> {
    Routes::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(Readiness {
            desk,
            last: Arc::default(),
        })
}

/// A node without NATS is ready all the same: it works, and hears of what others change a few seconds later.
async fn ready(State(readiness): State<Readiness>) -> (StatusCode, &'static str) {
    match timeout(PATIENCE, readiness.probe()).await {
        Ok(true) => (StatusCode::OK, words(readiness.desk.link_state())),
        Ok(false) | Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database cannot be written or read\n",
        ),
    }
}

/// What a node that works says of its link to others, which a process without `--bus` does not have.
fn words(link: Option<LinkState>) -> &'static str {
    let Some(link) = link.filter(|link| !link.connected) else {
        return "ready\n";
    };
    match link.obstacle {
        Obstacle::Unreachable => {
            "ready, but NATS cannot be reached: what other nodes change is seen later\n"
        }
        Obstacle::Untrusted => {
            "ready, but NATS speaks no TLS that can be trusted: what other nodes change is seen later\n"
        }
        Obstacle::Refused => {
            "ready, but NATS refuses this node: what other nodes change is seen later\n"
        }
    }
}

impl Readiness {
    /// One probe at a time, however many ask.
    async fn probe(&self) -> bool {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((begun, works)) = *last
            && begun >= asked
        {
            return works;
        }
        let begun = Instant::now();
        let works = self.desk.store().probe().await.is_ok();
        *last = Some((begun, works));
        works
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
    use crate::deterministic::{DeterministicIds, FixedClock};
    use crate::store::sqlite::SqliteStore;

    #[tokio::test]
    async fn a_database_that_cannot_be_read_makes_it_alive_and_not_ready() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("sideline.db"))
            .await
            .unwrap();
        let store = Arc::new(store);
        let (clock, ids) = (FixedClock::default(), DeterministicIds::default());
        let config = DeskConfig::default();
        let desk = Desk::new(store.clone(), Arc::new(clock), Arc::new(ids), config);
        let router = router::<()>(desk).into_router();
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
