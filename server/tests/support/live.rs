//! A tab's live connection.

use futures_util::{SinkExt, StreamExt};
use shared::live::{ClientFrame, Position, ServerFrame, Topic};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::PATIENCE;

/// One tab's live connection.
pub struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Live {
    /// The connection over a socket, past its greeting.
    pub(super) async fn past_hello(socket: WebSocketStream<MaybeTlsStream<TcpStream>>) -> Self {
        let mut live = Self { socket };
        assert!(matches!(live.next().await, ServerFrame::Hello { .. }));
        live
    }

    pub async fn send(&mut self, frame: &ClientFrame) {
        self.text(serde_json::to_string(frame).expect("a frame"))
            .await;
    }

    pub async fn text(&mut self, text: String) {
        self.message(Message::text(text)).await;
    }

    pub async fn message(&mut self, message: Message) {
        let sent = self.socket.send(message).await;
        sent.expect("the connection is open");
    }

    /// Waits for the end of the connection, with a code or without one.
    pub async fn ended(&mut self) -> Option<u16> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
            match message.expect("it ends") {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    pub async fn subscribe(&mut self, topic: Topic, after: Option<Position>, monitor: bool) {
        self.send(&ClientFrame::Subscribe {
            topic,
            after,
            monitor,
            patches: false,
            number: 0,
        })
        .await;
    }

    /// Follows a projection as a tab of this release does: the whole once, then what changed.
    pub async fn subscribe_patched(&mut self, topic: Topic) {
        self.send(&ClientFrame::Subscribe {
            topic,
            after: None,
            monitor: false,
            patches: true,
            number: 0,
        })
        .await;
    }

    /// The next frame of the host.
    pub async fn next(&mut self) -> ServerFrame {
        match self.next_or_close().await {
            Ok(frame) => frame,
            Err(code) => panic!("the connection was closed with {code}"),
        }
    }

    /// The next frame, or the close code.
    pub async fn next_or_close(&mut self) -> Result<ServerFrame, u16> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.socket.next())
                .await
                .expect("something comes");
            match message
                .expect("the connection is open")
                .expect("a whole frame")
            {
                Message::Text(text) => {
                    return Ok(serde_json::from_str(&text).expect("a known frame"));
                }
                Message::Close(frame) => return Err(frame.map_or(1005, |frame| frame.code.into())),
                _ => {}
            }
        }
    }

    /// Reads until a frame fits; what came before is dropped.
    pub async fn until<T>(&mut self, fits: impl Fn(&ServerFrame) -> Option<T>) -> T {
        loop {
            if let Some(found) = fits(&self.next().await) {
                return found;
            }
        }
    }

    /// Reads until the topic is followed; answers what was sent on the way and the head.
    pub async fn followed(&mut self) -> (Vec<ServerFrame>, i64) {
        let mut before = Vec::new();
        loop {
            match self.next().await {
                ServerFrame::Subscribed { rev, .. } => return (before, rev),
                frame => before.push(frame),
            }
        }
    }

    pub async fn closed_with(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next_or_close().await {
                return code;
            }
        }
    }
}
