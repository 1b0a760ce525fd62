//! What nothing can be faster than on this machine, measured in the same run with the same client: a sync of the
//! same file system, a route that does nothing, a socket that says nothing.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::routing::{get, post};
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::failure::{Outcome, While};
use crate::latency::{Latency, Summary};
use crate::load::keep_time;
use crate::plan::{period, plan};
use crate::process::{Process, command};
use crate::wire::{Call, Wire};

/// The hidden argument that makes the bench the floor.
pub const ARGUMENT: &str = "be-the-floor";
/// As large as a page of the write-ahead log with its frame header.
const WRITTEN: usize = 4_096 + 24;
const SYNCS: u32 = 300;
const ROUTE: Duration = Duration::from_secs(8);
const ASKERS: usize = 100;
/// Requests a second, to see what one costs: the system counts processor time in hundredths of a second.
const MANY: f64 = 1_000.0;

/// The floor under the times of a load.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Floor {
    /// A write and its sync, in milliseconds.
    pub sync: Summary,
    /// An empty route of axum, asked as often as the load sends, from when each request was due.
    pub route: Summary,
    /// Processor time for each request there, of a thousand in a second.
    pub route_cpu_micros: f64,
}

/// Serves an empty route and silent sockets until it is ended.
pub async fn serve() -> Outcome<()> {
    let router = Router::new().route("/nothing", post(async || "{}")).route(
        "/live",
        get(async |upgrade: WebSocketUpgrade| {
            // As small as the program's own, so that the comparison is not with an oversized default.
            upgrade
                .read_buffer_size(4 * 1024)
                .write_buffer_size(0)
                .on_upgrade(silent)
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("Listening on http://{}", listener.local_addr()?);
    let mut end = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        served = async { axum::serve(listener, router).await } => Ok(served?),
        _ = end.recv() => Ok(()),
    }
}

async fn silent(mut socket: WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}

/// Starts the floor as a process of its own.
pub async fn start() -> Outcome<Process> {
    let bench = std::env::current_exe()?;
    Process::start(command(&bench, &[ARGUMENT]), false).await
}

/// Writes and syncs in `folder`, one after the other.
fn sync(folder: &Path) -> Outcome<Summary> {
    let path = folder.join("floor");
    let mut file = File::create(&path)?;
    let latency = Latency::default();
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.write_all(&[7; WRITTEN])?;
        file.sync_data()?;
        latency.add(begun.elapsed());
    }
    std::fs::remove_file(path)?;
    Ok(latency.summary())
}

/// Measures the floor for a load of `rate` messages a second.
pub async fn measure(folder: &Path, rate: f64) -> Outcome<Floor> {
    let there = folder.to_owned();
    let sync = tokio::task::spawn_blocking(move || sync(&there))
        .await
        .when("the sync loop")??;
    let floor = start().await?;
    let wire = Arc::new(Wire::new(floor.address));
    let route = ask(&wire, rate, ROUTE).await?;
    let before = floor.cpu_time()?;
    let asked = ask(&wire, MANY, ROUTE / 2).await?.count;
    let cpu = (floor.cpu_time()? - before).as_secs_f64();
    floor.stop().await?;
    Ok(Floor {
        sync,
        route,
        route_cpu_micros: cpu * 1e6 / asked.max(1) as f64,
    })
}

/// Asks the empty route `rate` times a second, whether or not it keeps up.
async fn ask(wire: &Arc<Wire>, rate: f64, length: Duration) -> Outcome<Summary> {
    let latency = Arc::new(Latency::default());
    let (runtime, wire, timed) = (Handle::current(), Arc::clone(wire), Arc::clone(&latency));
    let metronome = tokio::task::spawn_blocking(move || {
        let plan = plan(ASKERS, period(ASKERS, rate), length, 1);
        let begun = Instant::now();
        let mut asks = JoinSet::new();
        let _inside = runtime.enter();
        keep_time(begun, &plan, |number| {
            let (wire, latency) = (Arc::clone(&wire), Arc::clone(&timed));
            let due = begun + plan[number].due;
            asks.spawn(async move {
                let body = json!({ "text": crate::delivery_log::text(0, number) });
                let asked = wire.call(Call::json("/nothing", &body)).await;
                if asked.is_ok_and(|answer| answer.status == 200) {
                    latency.add(due.elapsed());
                }
            });
        });
        asks
    });
    metronome.await.when("the asking stopped")?.join_all().await;
    Ok(latency.summary())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sync_loop_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let summary = sync(folder.path()).expect("it can be written to");
        assert_eq!(summary.count, u64::from(SYNCS));
        assert_eq!(folder.path().read_dir().expect("a folder").count(), 0);
    }
}
