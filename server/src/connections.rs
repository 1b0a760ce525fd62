//! The connections of the host: how many there may be, and which of them are silent.
//!
//! Each takes an open file, and a process has a limited number. When they run out, the connection is closed that has
//! been silent longest, at the address with most silent ones. A connection in use is never closed for another.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::http::client_address::ClientAddress;

#[derive(Debug, Default)]
struct State {
    open: usize,
    /// Rises with each connection that falls silent.
    moment: u64,
    /// Those without a request under way, by address and by when they fell silent.
    silent: HashMap<ClientAddress, BTreeMap<u64, Arc<Notify>>>,
}

#[derive(Debug)]
struct Inner {
    most: usize,
    /// From here on each new one makes a silent one go, which takes a moment.
    crowded: usize,
    state: Mutex<State>,
    /// One was closed.
    closed: Notify,
}

/// All connections of one listener. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Connections(Arc<Inner>);

impl Connections {
    /// There may be this many.
    pub(crate) fn new(most: usize) -> Self {
        let most = most.max(1);
        Self(Arc::new(Inner {
            most,
            crowded: most - (most / 16).min(64),
            state: Mutex::default(),
            closed: Notify::new(),
        }))
    }

    /// Waits until there is room for one more, and makes some if it can.
    pub(crate) async fn room(&self) {
        loop {
            let closed = self.0.closed.notified();
            if self.lock().open < self.0.most {
                return;
            }
            self.close_a_silent_one();
            closed.await;
        }
    }

    /// Takes in a connection: what is read and written, and what is known of its silence.
    pub(crate) fn take(&self, stream: TcpStream, address: ClientAddress) -> (Counted, Line) {
        let open = {
            let mut state = self.lock();
            state.open += 1;
            state.open
        };
        if open > self.0.crowded {
            self.close_a_silent_one();
        }
        let counted = Counted {
            stream,
            _open: Open(self.clone()),
        };
        let line = Line(Arc::new(Talk {
            connections: self.clone(),
            address,
            close: Arc::default(),
            silent_since: Mutex::default(),
            has_spoken: AtomicBool::new(false),
        }));
        line.0.fall_silent();
        (counted, line)
    }

    fn close_a_silent_one(&self) {
        let mut state = self.lock();
        let most = state.silent.values_mut().max_by_key(|silent| silent.len());
        if let Some((_, close)) = most.and_then(BTreeMap::pop_first) {
            close.notify_one();
        }
        state.silent.retain(|_, silent| !silent.is_empty());
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock can panic half-way through a change.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts as open until it is dropped.
#[derive(Debug)]
struct Open(Connections);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.lock().open -= 1;
        self.0.0.closed.notify_one();
    }
}

#[derive(Debug)]
struct Talk {
    connections: Connections,
    address: ClientAddress,
    close: Arc<Notify>,
    silent_since: Mutex<Option<u64>>,
    has_spoken: AtomicBool,
}

impl Talk {
    fn fall_silent(&self) {
        let mut since = self.since();
        let mut state = self.connections.lock();
        state.moment += 1;
        let moment = state.moment;
        let of_address = state.silent.entry(self.address).or_default();
        of_address.insert(moment, Arc::clone(&self.close));
        *since = Some(moment);
    }

    fn speak(&self) {
        let Some(moment) = self.since().take() else {
            return;
        };
        let mut state = self.connections.lock();
        if let Some(of_address) = state.silent.get_mut(&self.address) {
            of_address.remove(&moment);
            if of_address.is_empty() {
                state.silent.remove(&self.address);
            }
        }
    }

    fn since(&self) -> MutexGuard<'_, Option<u64>> {
        self.silent_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of a connection's silence, as long as it carries requests; afterwards nobody closes it for another.
#[derive(Debug)]
pub(crate) struct Line(Arc<Talk>);

impl Line {
    /// A request begins. It ends when the answer it is given to, or this itself, is dropped.
    pub(crate) fn request(&self) -> UnderWay {
        self.0.speak();
        self.0.has_spoken.store(true, Ordering::Relaxed);
        UnderWay(Arc::clone(&self.0))
    }

    /// Another handle to the same connection, for those who begin its requests.
    pub(crate) fn handle(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// Done when this one has to go: whether it was ever answered, so that the last words may still be on their way.
    pub(crate) async fn has_to_go(&self) -> bool {
        loop {
            self.0.close.notified().await;
            // A request may have begun in the same moment; then it stays.
            if self.0.since().is_some() {
                return self.0.has_spoken.load(Ordering::Relaxed);
            }
        }
    }

    /// It carries no more requests.
    pub(crate) fn end(self) {
        self.0.speak();
    }
}

/// A request under way.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<Talk>);

impl UnderWay {
    /// The request lasts until its answer has been handed over to its end.
    pub(crate) fn until_answered(self, answer: Response) -> Response {
        answer.map(|body| {
            Body::new(AnsweredBody {
                body,
                _under_way: self,
            })
        })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fall_silent();
    }
}

struct AnsweredBody {
    body: Body,
    _under_way: UnderWay,
}

impl HttpBody for AnsweredBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket that counts as open as long as anybody holds it, also when it carries a live connection later.
#[derive(Debug)]
pub(crate) struct Counted {
    stream: TcpStream,
    _open: Open,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
