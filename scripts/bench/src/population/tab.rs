//! A browser tab of staff: one live socket that follows topics, notes what it is shown, and comes back where it
//! was when it is closed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use shared::ids::WorkitemId;
use shared::live::{ClientFrame, Position, ServerFrame, Topic};
use shared::transcript::{EntryBody, WorkitemChange};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::pages::{Pages, tells};
use crate::delivery_log::{Board, Viewer};
use crate::failure::{Outcome, While};
use crate::wire::{Wire, connect};

/// A browser waits half a second at least before it comes back.
pub const BACK_AFTER: Duration = Duration::from_millis(500);

pub type Socket = WebSocketStream<TcpStream>;

/// Opens a live socket, past the upgrade.
pub async fn open(wire: &Wire, cookie: &str, number: usize) -> Outcome<Socket> {
    open_at(wire, "/live", cookie, number).await
}

/// The same at another path.
pub async fn open_at(wire: &Wire, path: &str, cookie: &str, number: usize) -> Outcome<Socket> {
    let mut request = format!("ws://{}{path}", wire.target(0)).into_client_request()?;
    request.headers_mut().insert("cookie", cookie.parse()?);
    // The default takes 128 KiB for each connection, and a population has thousands.
    let config = WebSocketConfig::default().read_buffer_size(4 * 1024);
    let stream = connect(wire.target(number), number).await?;
    let (socket, _) = tokio_tungstenite::client_async_with_config(request, stream, Some(config))
        .await
        .when(path)?;
    Ok(socket)
}

/// Asks to follow a topic.
pub async fn follow(socket: &mut Socket, frame: &ClientFrame) -> Outcome<()> {
    let text = serde_json::to_string(frame)?;
    Ok(socket.send(Message::text(text)).await?)
}

/// A topic that a tab follows, and for a conversation its number.
pub struct Following {
    pub topic: Topic,
    pub monitor: bool,
    pub conversation: Option<usize>,
}

/// What all tabs of a population count together.
#[derive(Default)]
pub struct Tally {
    /// Topics that are followed, each counted once.
    pub followed: AtomicUsize,
    /// Topics that were refused.
    pub refused: AtomicUsize,
    /// Sockets and streams that the program closed and that were opened again.
    pub reconnected: AtomicUsize,
}

/// One tab.
pub struct Tab {
    pub wire: Arc<Wire>,
    pub cookie: String,
    pub number: usize,
    pub viewer: Viewer,
    pub board: Board,
    pub tally: Arc<Tally>,
    pub pages: Pages,
    pub orders: mpsc::UnboundedReceiver<Following>,
}

/// Where a tab stands.
#[derive(Default)]
struct StreamCursor {
    following: Vec<Following>,
    epoch: String,
    /// The last notification that was taken apart.
    own: Option<i64>,
    conversations: HashMap<WorkitemId, (usize, Option<i64>)>,
}

impl StreamCursor {
    fn frame(&self, following: &Following) -> ClientFrame {
        let after = match &following.topic {
            Topic::Workitem(id) => self.conversations.get(id).and_then(|(_, rev)| *rev),
            Topic::Notifications => self.own,
            _ => None,
        };
        ClientFrame::Subscribe {
            topic: following.topic.clone(),
            after: after.map(|rev| Position {
                epoch: self.epoch.clone(),
                rev,
            }),
            monitor: following.monitor,
            patches: following.topic.has_patches(),
            number: 0,
        }
    }
}

impl Tab {
    /// Runs until the population is dropped. `socket`: already open.
    pub async fn stay(mut self, mut socket: Socket) {
        let mut cursor = StreamCursor::default();
        loop {
            self.watch(&mut socket, &mut cursor).await;
            self.tally.reconnected.fetch_add(1, Ordering::Relaxed);
            socket = loop {
                tokio::time::sleep(BACK_AFTER).await;
                if let Ok(socket) = self.come_back(&cursor).await {
                    break socket;
                }
            };
        }
    }

    async fn come_back(&self, cursor: &StreamCursor) -> Outcome<Socket> {
        let mut socket = open(&self.wire, &self.cookie, self.number).await?;
        for following in &cursor.following {
            follow(&mut socket, &cursor.frame(following)).await?;
        }
        Ok(socket)
    }

    /// Reads until the socket is closed.
    async fn watch(&mut self, socket: &mut Socket, cursor: &mut StreamCursor) {
        loop {
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.shown(&text, cursor),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => {}
                },
                Some(following) = self.orders.recv() => {
                    if let (Topic::Workitem(id), Some(number)) = (&following.topic, following.conversation) {
                        cursor.conversations.insert(id.clone(), (number, None));
                    }
                    let asked = follow(socket, &cursor.frame(&following)).await;
                    cursor.following.push(following);
                    if asked.is_err() {
                        return;
                    }
                }
            }
        }
    }

    fn shown(&self, text: &str, cursor: &mut StreamCursor) {
        if tells(text) {
            cursor.own = self.pages.shown(self.number, text).or(cursor.own);
            return;
        }
        // Lists are of no interest here, and taking them apart would cost the machine as much as a browser's.
        let known = [
            "{\"workitem\"",
            "{\"subscribed\"",
            "{\"refused\"",
            "{\"snapshot\"",
            "{\"hello\"",
        ];
        if !known.iter().any(|begin| text.starts_with(begin)) {
            return;
        }
        match serde_json::from_str(text) {
            Ok(ServerFrame::Hello { epoch, .. }) => cursor.epoch = epoch,
            Ok(ServerFrame::Subscribed { .. }) => {
                self.tally.followed.fetch_add(1, Ordering::Relaxed);
            }
            Ok(ServerFrame::Refused { .. }) | Err(_) => {
                self.tally.refused.fetch_add(1, Ordering::Relaxed);
            }
            Ok(ServerFrame::Snapshot(conversation)) => {
                if let Some((_, rev)) = cursor.conversations.get_mut(&conversation.workitem.id) {
                    *rev = Some(conversation.rev);
                }
            }
            Ok(ServerFrame::Workitem { id, rev, change }) => {
                let Some((number, known)) = cursor.conversations.get_mut(&id) else {
                    return;
                };
                *known = Some(rev);
                if let WorkitemChange::Entry(entry) = change
                    && let EntryBody::Message { text, .. } | EntryBody::Coaching { text, .. } =
                        &entry.body
                {
                    self.board.seen(self.viewer, *number, text);
                }
            }
            Ok(_) => {}
        }
    }
}
