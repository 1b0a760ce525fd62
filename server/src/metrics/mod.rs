//! Metrics for Prometheus on a separate listener: numbers, never a name, an id or a text. The bus and the writer count;
//! this module reads the counters and encodes them.

mod collector;

use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;

use self::collector::Readings;
use crate::desk::Desk;
use crate::serve::answer;
use crate::store::OwnedStore;

/// The format that [`encode`] writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All measures of the process.
#[derive(Clone)]
pub struct Metrics(Arc<Registry>);

impl Metrics {
    /// The measures of a store and of the desk over it. `startup`: from the start of the program until it accepted connections.
    pub fn new(store: Arc<dyn OwnedStore>, desk: Desk, startup: Duration) -> Self {
        let mut registry = Registry::with_prefix("sideline");
        let writer = store.writer_measures();
        registry.register(
            "store_group_size",
            "Writes that shared one committed transaction",
            writer.group_size.clone(),
        );
        registry.register(
            "store_write_seconds",
            "Time from asking for a write until it was on disk and answered",
            writer.acknowledged.clone(),
        );
        registry.register(
            "store_failed_transactions",
            "Transactions that the disk or the database refused",
            writer.failed.clone(),
        );
        registry.register(
            "store_retried_transactions",
            "Transactions that met another one in PostgreSQL and were tried again",
            writer.retried.clone(),
        );
        let started = Gauge::<f64, AtomicU64>::default();
        started.set(startup.as_secs_f64());
        registry.register(
            "startup_seconds",
            "Time from the start of the program until it could be reached",
            started,
        );
        registry.register_collector(Box::new(Readings { store, desk }));
        Self(Arc::new(registry))
    }

    /// All measures as they are now.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.0)?;
        Ok(text)
    }
}

/// Answers `GET /metrics` on `listener` until `stop` is done. Does not wait for open requests.
pub async fn serve(metrics: Metrics, listener: TcpListener, stop: impl Future<Output = ()>) {
    let app = Router::new()
        .route("/metrics", get(scrape))
        .with_state(metrics);
    tokio::select! {
        () = answer(listener, app, pending()) => {}
        () = stop => {}
    }
}

async fn scrape(
    State(metrics): State<Metrics>,
) -> Result<([(HeaderName, &'static str); 1], String), StatusCode> {
    metrics
        .text()
        .map(|text| ([(CONTENT_TYPE, OPEN_METRICS)], text))
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
