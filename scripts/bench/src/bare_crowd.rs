//! The people of the bare chat: as many sockets and streams as the program's own population, and the same messages.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use http_body_util::BodyExt;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

use crate::bare_chat::{ARGUMENT, Shown};
use crate::delivery_log::{Board, Viewer};
use crate::failure::Outcome;
use crate::load::Crowd;
use crate::plan::{Kind, Planned};
use crate::population::customer::Events;
use crate::population::tab::{self, Socket};
use crate::population::{Size, spans};
use crate::process::{Process, command};
use crate::wire::{Call, Wire};

/// Everybody who is connected to a bare chat.
pub struct BareCrowd {
    wire: Wire,
    size: Size,
    board: Board,
    /// Sockets and streams that were closed. They do not come back.
    closed: Arc<AtomicUsize>,
    /// Ends with the crowd.
    _browsers: JoinSet<()>,
}

/// Starts the bare chat as a process of its own. `folder`: for its database.
pub async fn start(folder: &Path, size: Size) -> Outcome<Process> {
    let bench = std::env::current_exe()?;
    let folder = folder.to_string_lossy();
    let conversations = size.conversations().to_string();
    let arguments = [ARGUMENT, folder.as_ref(), &conversations];
    Process::start(command(&bench, &arguments), false).await
}

impl BareCrowd {
    /// Opens a socket for each agent and supervisor, and a stream for each customer.
    pub async fn gather(process: &Process, size: Size) -> Outcome<Self> {
        let mut crowd = Self {
            wire: Wire::new(process.address),
            size,
            board: Board::default(),
            closed: Arc::default(),
            _browsers: JoinSet::new(),
        };
        for (number, (viewer, span)) in spans(size).into_iter().enumerate() {
            let path = format!("/socket?from={}&to={}", span.start, span.end);
            let socket = tab::open_at(&crowd.wire, &path, "none=1", number).await?;
            let (board, closed) = (crowd.board.clone(), Arc::clone(&crowd.closed));
            crowd._browsers.spawn(async move {
                watch(socket, viewer, &board).await;
                closed.fetch_add(1, Ordering::Relaxed);
            });
        }
        for conversation in 0..size.conversations() {
            let number = size.agents + size.supervisors + conversation;
            let path = format!("/{conversation}/stream");
            let stream = crowd.wire.stream(&path, "", "", number).await?;
            let (board, closed) = (crowd.board.clone(), Arc::clone(&crowd.closed));
            crowd._browsers.spawn(async move {
                read(stream.into_body(), &board).await;
                closed.fetch_add(1, Ordering::Relaxed);
            });
        }
        Ok(crowd)
    }
}

fn seen(board: &Board, viewer: Viewer, frame: &str) {
    if let Ok(shown) = serde_json::from_str::<Shown>(frame) {
        board.seen(viewer, shown.conversation, &shown.text);
    }
}

async fn watch(mut socket: Socket, viewer: Viewer, board: &Board) {
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Text(frame) = message {
            seen(board, viewer, &frame);
        }
    }
}

async fn read(mut body: hyper::body::Incoming, board: &Board) {
    let mut events = Events::default();
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(bytes) = frame.into_data() else {
            continue;
        };
        for data in events.take(&bytes) {
            seen(board, Viewer::Customer, &data);
        }
    }
}

impl Crowd for BareCrowd {
    fn board(&self) -> &Board {
        &self.board
    }

    fn conversations(&self) -> usize {
        self.size.conversations()
    }

    /// It knows one kind of message, which everybody is shown.
    fn sends(&self, kind: Kind) -> bool {
        kind != Kind::Coaching
    }

    fn reconnected(&self) -> usize {
        self.closed.load(Ordering::Relaxed)
    }

    async fn send(
        &self,
        _load: usize,
        _number: usize,
        planned: Planned,
        text: &str,
    ) -> Outcome<bool> {
        let path = format!("/{}/messages", planned.conversation);
        let body = json!({ "text": text });
        Ok(self.wire.call(Call::json(&path, &body)).await?.status == 200)
    }
}
