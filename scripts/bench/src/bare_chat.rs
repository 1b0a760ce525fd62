//! The bare chat: the least axum program that does what any chat must do with a message. It stores the message in SQLite
//! with a sync, answers, and hands it to the three sockets of its conversation: two WebSockets and an event stream.
//! It knows no people, rights, keys, order or resume. What Sideline costs above it is the price of those.

use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use axum::Router;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Json, Path as InPath, Query, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use futures_util::stream::{self, Stream};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use crate::failure::Outcome;

/// The hidden argument that makes the bench the bare chat; a folder for its database and the number of conversations follow.
pub const ARGUMENT: &str = "be-the-bare-chat";

/// A message on its way to the database.
struct Write {
    conversation: usize,
    text: String,
    stored: oneshot::Sender<i64>,
}

/// What each request needs.
struct Chat {
    writer: mpsc::Sender<Write>,
    /// Who follows each conversation.
    followers: Vec<Mutex<Vec<UnboundedSender<Utf8Bytes>>>>,
}

/// A message as the sockets get it.
#[derive(Debug, Deserialize, Serialize)]
pub struct Shown {
    pub conversation: usize,
    pub seq: i64,
    pub text: String,
}

#[derive(Deserialize)]
struct Typed {
    text: String,
}

/// The conversations that a socket follows: the first one, and the one behind the last one.
#[derive(Clone, Copy, Deserialize)]
struct Span {
    from: usize,
    to: usize,
}

/// Serves it until it is ended. `folder`: for the database.
pub async fn serve(folder: &Path, conversations: usize) -> Outcome<()> {
    let connection = Connection::open(folder.join("bare-chat.db"))?;
    connection.execute_batch(
        "pragma journal_mode = wal; pragma synchronous = full;
         create table messages (id integer primary key, conversation integer not null, text text not null) strict;",
    )?;
    let (writer, writes) = mpsc::channel();
    std::thread::spawn(move || write(connection, &writes));
    let chat = Chat {
        writer,
        followers: (0..conversations).map(|_| Mutex::default()).collect(),
    };
    let router = Router::new()
        .route("/{conversation}/messages", post(message))
        .route("/socket", get(socket))
        .route("/{conversation}/stream", get(event_stream))
        .with_state(Arc::new(chat));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("Listening on http://{}", listener.local_addr()?);
    let mut end = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    tokio::select! {
        served = async { axum::serve(listener, router).await } => Ok(served?),
        _ = end.recv() => Ok(()),
    }
}

/// Stores what is queued in one transaction, again and again.
fn write(mut connection: Connection, writes: &mpsc::Receiver<Write>) {
    let mut store = |batch: Vec<Write>| -> rusqlite::Result<()> {
        let transaction = connection.transaction()?;
        let mut answers = Vec::with_capacity(batch.len());
        for write in batch {
            transaction
                .prepare_cached("insert into messages (conversation, text) values (?1, ?2)")?
                .execute((write.conversation as i64, &write.text))?;
            answers.push((write.stored, transaction.last_insert_rowid()));
        }
        transaction.commit()?;
        for (stored, seq) in answers {
            let _ = stored.send(seq);
        }
        Ok(())
    };
    while let Ok(first) = writes.recv() {
        let batch = std::iter::once(first).chain(writes.try_iter()).collect();
        // The sender of a write that failed is answered with 500, because the answer is dropped.
        let _ = store(batch);
    }
}

async fn message(
    State(chat): State<Arc<Chat>>,
    InPath(conversation): InPath<usize>,
    Json(Typed { text }): Json<Typed>,
) -> Response {
    let (stored, answer) = oneshot::channel();
    let write = Write {
        conversation,
        text: text.clone(),
        stored,
    };
    let sent = chat.writer.send(write).is_ok();
    let (true, Ok(seq)) = (sent, answer.await) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let shown = Shown {
        conversation,
        seq,
        text,
    };
    let Ok(frame) = serde_json::to_string(&shown).map(Utf8Bytes::from) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let followers = chat.followers[conversation].lock();
    followers
        .unwrap_or_else(PoisonError::into_inner)
        .retain(|follower| follower.send(frame.clone()).is_ok());
    Json(serde_json::json!({ "seq": seq })).into_response()
}

fn follow(chat: &Chat, Span { from, to }: Span) -> UnboundedReceiver<Utf8Bytes> {
    let (follower, inbox) = unbounded_channel();
    for followers in &chat.followers[from..to] {
        let mut followers = followers.lock().unwrap_or_else(PoisonError::into_inner);
        followers.push(follower.clone());
    }
    inbox
}

async fn socket(
    State(chat): State<Arc<Chat>>,
    Query(span): Query<Span>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let inbox = follow(&chat, span);
    upgrade
        .read_buffer_size(4 * 1024)
        .write_buffer_size(0)
        .on_upgrade(|socket| forward(socket, inbox))
}

async fn forward(mut socket: WebSocket, mut inbox: UnboundedReceiver<Utf8Bytes>) {
    loop {
        tokio::select! {
            frame = inbox.recv() => {
                let Some(frame) = frame else { return };
                if socket.send(Message::Text(frame)).await.is_err() { return }
            }
            heard = socket.recv() => if !matches!(heard, Some(Ok(_))) { return },
        }
    }
}

async fn event_stream(
    State(chat): State<Arc<Chat>>,
    InPath(conversation): InPath<usize>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let inbox = follow(
        &chat,
        Span {
            from: conversation,
            to: conversation + 1,
        },
    );
    Sse::new(stream::unfold(inbox, async |mut inbox| {
        let frame = inbox.recv().await?;
        Some((Ok(Event::default().data(frame.as_str())), inbox))
    }))
}
