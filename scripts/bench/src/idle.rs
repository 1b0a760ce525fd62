//! What a live connection costs that does nothing: memory as the slope between few and many sockets, and processor
//! time while they are only kept open.

use std::path::Path;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use rustix::process::{Resource, getrlimit, setrlimit};
use serde::Serialize;
use shared::live::{ClientFrame, ServerFrame};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

use crate::failure::{Outcome, While};
use crate::floor;
use crate::population::Size;
use crate::population::accounts::{self, Staff};
use crate::population::tab::{self, Socket};
use crate::process::{self, Process};
use crate::wire::Wire;

/// Agents whose tabs these are: many tabs of few people, which cost the program the same.
const PEOPLE: usize = 20;
const FEW: usize = 1_000;
/// Files that bench and program need beside the sockets.
const RESERVE: usize = 500;
const AT_ONCE: usize = 32;
/// Longer than the program's heartbeat of 20 s, so that each connection has had one.
const SETTLED: Duration = Duration::from_secs(24);

/// The cost of idle connections.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Idle {
    pub few: usize,
    pub many: usize,
    /// Memory of the program for one more connection.
    pub bytes: f64,
    /// The same of axum with a socket that says nothing.
    pub floor_bytes: f64,
    /// Processor time of the program for a connection and a minute.
    pub cpu_micros_per_minute: f64,
}

/// Raises the limit of open files as far as it may be raised; how many that are. Programs that are started later
/// have the same.
pub fn raise_file_limit() -> Outcome<usize> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).when("the limit of open files")?;
    let files = limit.maximum.unwrap_or(u64::MAX);
    Ok(usize::try_from(files).unwrap_or(usize::MAX))
}

/// Reads and forgets, which is how a socket answers its pings.
async fn listen(mut socket: Socket) {
    while let Some(Ok(message)) = socket.next().await {
        if matches!(message, Message::Close(_)) {
            return;
        }
    }
}

/// A tab of the workspace with nothing going on: it follows what the real one does.
async fn workspace(wire: &Wire, agent: &Staff, number: usize) -> Outcome<Socket> {
    let mut socket = tab::open(wire, &agent.cookie, number).await?;
    let topics = agent.topics()?;
    let mut missing = topics.len();
    for topic in topics {
        let frame = ClientFrame::Subscribe {
            patches: topic.has_patches(),
            number: 0,
            topic,
            after: None,
            monitor: false,
        };
        tab::follow(&mut socket, &frame).await?;
    }
    while missing > 0 {
        let message = socket.next().await.ok_or("a live socket was closed")??;
        let Message::Text(text) = message else {
            continue;
        };
        if let Ok(ServerFrame::Subscribed { .. }) = serde_json::from_str(&text) {
            missing -= 1;
        }
    }
    Ok(socket)
}

/// Memory at `FEW` and at `many` sockets, and processor time while all were open.
async fn grow<F: Future<Output = Outcome<Socket>>>(
    process: &Process,
    many: usize,
    open: impl Fn(usize) -> F,
) -> Outcome<(f64, Duration)> {
    let mut listening = JoinSet::new();
    let mut sizes = Vec::new();
    let mut cpu = Duration::ZERO;
    for count in [FEW, many] {
        let more = listening.len()..count;
        let mut sockets = stream::iter(more).map(&open).buffer_unordered(AT_ONCE);
        while let Some(socket) = sockets.try_next().await? {
            listening.spawn(listen(socket));
        }
        drop(sockets);
        let before = process.cpu_time()?;
        tokio::time::sleep(SETTLED).await;
        cpu = process.cpu_time()? - before;
        sizes.push(process.resident_bytes()? as f64);
        if listening.try_join_next().is_some() {
            return Err("an idle socket was closed".into());
        }
    }
    Ok(((sizes[1] - sizes[0]) / (many - FEW) as f64, cpu))
}

/// Measures with at most `wanted` sockets, as far as the limit of open `files` goes.
pub async fn measure(program: &Path, data: &Path, wanted: usize, files: usize) -> Outcome<Idle> {
    let many = wanted.min(files.saturating_sub(RESERVE)).max(2 * FEW);
    process::administrator_add(program, data, &[]).await?;
    let served = Process::serve(program, data).await?;
    let wire = Wire::new(served.address);
    let people = accounts::open(&wire, Size::of(PEOPLE)).await?.agents;
    let opened = grow(&served, many, |number| {
        workspace(&wire, &people[number % PEOPLE], number)
    });
    let (bytes, cpu) = opened.await?;
    served.stop().await?;

    let silent = floor::start().await?;
    let wire = Wire::new(silent.address);
    let opened = grow(&silent, many, |number| tab::open(&wire, "none=1", number));
    let (floor_bytes, _) = opened.await?;
    silent.stop().await?;
    Ok(Idle {
        few: FEW,
        many,
        bytes,
        floor_bytes,
        cpu_micros_per_minute: cpu.as_secs_f64() * 1e6 / many as f64 * 60.0 / SETTLED.as_secs_f64(),
    })
}
