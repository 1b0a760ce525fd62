//! The wire between a tab and a node: what is sent lies there until the dice say that it arrives.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use axum::extract::ws::Message;
use futures_util::{Sink, Stream};
use shared::live::ClientFrame;

/// How many messages of the host the wire holds; with more the host waits until the tab takes one.
const ROOM: usize = 6;

#[derive(Default)]
struct Ends {
    /// What the browser has sent; nothing: its connection is gone.
    sent: VecDeque<Option<Message>>,
    /// What of it has arrived.
    arrived: VecDeque<Option<Message>>,
    /// What the host has sent.
    answered: VecDeque<Message>,
    /// The host has heard that the connection is gone: what it sends goes nowhere.
    is_gone: bool,
    /// The host has ended the connection.
    has_hung_up: bool,
    /// The network is gone, and neither end hears of it.
    is_cut: bool,
    reads: Option<Waker>,
    writes: Option<Waker>,
}

/// A connection.
#[derive(Default)]
pub(super) struct Wire(Mutex<Ends>);

impl Wire {
    fn ends(&self) -> MutexGuard<'_, Ends> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn send(&self, frame: &ClientFrame) {
        let text = serde_json::to_string(frame).expect("a frame");
        self.ends().sent.push_back(Some(Message::Text(text.into())));
    }

    /// The browser answers a ping.
    pub(super) fn pong(&self) {
        let pong = Message::Pong(Default::default());
        self.ends().sent.push_back(Some(pong));
    }

    /// The browser's end is gone: the host will learn of it, and what was on its way is lost.
    pub(super) fn leave(&self) {
        self.ends().sent.push_back(None);
    }

    /// Whether something is on its way to the host.
    pub(super) fn is_used(&self) -> bool {
        let ends = self.ends();
        !ends.is_cut && !ends.sent.is_empty()
    }

    /// The next thing arrives at the host. Answers what it is.
    pub(super) fn arrive(&self) -> String {
        let (next, wakers) = {
            let mut ends = self.ends();
            let next = ends.sent.pop_front().expect("something was sent");
            ends.is_gone |= next.is_none();
            ends.arrived.push_back(next.clone());
            (next, [ends.reads.take(), ends.writes.take()])
        };
        wakers.into_iter().flatten().for_each(Waker::wake);
        match next {
            Some(Message::Text(text)) => text.as_str().to_owned(),
            Some(other) => format!("{other:?}"),
            None => "its end".to_owned(),
        }
    }

    /// Whether something is on its way to the tab, be it the end.
    pub(super) fn is_answered(&self) -> bool {
        let ends = self.ends();
        !ends.is_cut && (ends.has_hung_up || !ends.answered.is_empty())
    }

    /// The next thing arrives at the tab; nothing: the host has hung up.
    pub(super) fn take(&self) -> Option<Message> {
        let (message, host) = {
            let mut ends = self.ends();
            (ends.answered.pop_front(), ends.writes.take())
        };
        if let Some(host) = host {
            host.wake();
        }
        message
    }

    /// The network is gone, and neither end hears of it.
    pub(super) fn cut(&self) {
        self.ends().is_cut = true;
    }

    pub(super) fn is_cut(&self) -> bool {
        self.ends().is_cut
    }

    /// Whether the host gave the connection up because nothing came from the browser, or because it took nothing.
    pub(super) fn was_given_up(&self) -> bool {
        let ends = self.ends();
        let has_said_so = matches!(ends.answered.back(), Some(Message::Close(_)));
        ends.has_hung_up && !ends.is_gone && !has_said_so
    }
}

/// The host's end of a wire.
pub(super) struct Socket(pub(super) Arc<Wire>);

impl Drop for Socket {
    fn drop(&mut self) {
        self.0.ends().has_hung_up = true;
    }
}

impl Stream for Socket {
    type Item = Result<Message, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut ends = self.0.ends();
        match ends.arrived.pop_front() {
            Some(message) => Poll::Ready(message.map(Ok)),
            None => {
                ends.reads = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Sink<Message> for Socket {
    type Error = axum::Error;

    fn poll_ready(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), axum::Error>> {
        let mut ends = self.0.ends();
        if ends.is_gone || ends.answered.len() < ROOM {
            return Poll::Ready(Ok(()));
        }
        ends.writes = Some(context.waker().clone());
        Poll::Pending
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), axum::Error> {
        self.0.ends().answered.push_back(message);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
    }
}
