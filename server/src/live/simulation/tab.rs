//! A browser's tab with the app's own registry, and the wire between it and a node.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use app::live::registry::Registry;
use axum::extract::ws::Message;
use futures_util::{Sink, Stream};
use shared::directory::Notification;
use shared::live::{ClientFrame, Position, ServerFrame, Topic};
use shared::transcript::{Entry, WorkitemChange};
use shared::workitem::Workitem;

use super::beginning::Beginning;
use crate::http::SignedIn;
use crate::queries;

#[derive(Default)]
struct Ends {
    /// What the tab has sent; nothing: it is gone.
    sent: VecDeque<Option<String>>,
    /// What of it has arrived.
    arrived: VecDeque<Option<String>>,
    /// What the host has sent.
    answered: VecDeque<Message>,
    host: Option<Waker>,
}

/// A connection. What is sent lies there until the dice say that it arrives.
#[derive(Default)]
pub(super) struct Wire(Mutex<Ends>);

impl Wire {
    fn ends(&self) -> MutexGuard<'_, Ends> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, frame: &ClientFrame) {
        let text = serde_json::to_string(frame).expect("a frame");
        self.ends().sent.push_back(Some(text));
    }

    /// Whether something is on its way to the host.
    pub(super) fn is_used(&self) -> bool {
        !self.ends().sent.is_empty()
    }

    /// The next thing arrives at the host. Answers what it is.
    pub(super) fn arrive(&self) -> String {
        let (next, host) = {
            let mut ends = self.ends();
            let next = ends.sent.pop_front().expect("something was sent");
            ends.arrived.push_back(next.clone());
            (next, ends.host.take())
        };
        if let Some(host) = host {
            host.wake();
        }
        next.unwrap_or_else(|| "its end".to_owned())
    }
}

/// The host's end of a wire.
pub(super) struct Socket(pub(super) Arc<Wire>);

impl Stream for Socket {
    type Item = Result<Message, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut ends = self.0.ends();
        match ends.arrived.pop_front() {
            Some(frame) => Poll::Ready(frame.map(|text| Ok(Message::Text(text.into())))),
            None => {
                ends.host = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Sink<Message> for Socket {
    type Error = axum::Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Poll::Ready(Ok(()))
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

/// What a tab was handed.
#[derive(Default)]
struct Seen {
    /// By their place in the conversation.
    entries: BTreeMap<i64, Entry>,
    heading: Option<Workitem>,
    /// The head of the user's own log when the page was loaded, and what came behind it.
    since: i64,
    own: Vec<(i64, Notification)>,
}

impl Seen {
    /// # Panics
    /// If something of the user's own log stands twice or out of order, or something is refused.
    fn take(&mut self, frame: &ServerFrame) {
        match frame {
            // A conversation may take a change twice: what was read of a gap has no number for a heading that a later one replaced, so
            // the tab asks for it.
            ServerFrame::Workitem { change, .. } => match change {
                WorkitemChange::Entry(entry) => {
                    self.entries.insert(entry.seq, entry.clone());
                }
                WorkitemChange::Workitem(workitem) => {
                    self.heading = Some((**workitem).clone());
                }
            },
            ServerFrame::Notification { seq, event } => {
                let last = self.own.last().map_or(self.since, |(seq, _)| *seq);
                assert_eq!(*seq, last + 1, "a user's own log has no gap");
                self.own.push((*seq, event.clone()));
            }
            ServerFrame::Refused { .. }
            | ServerFrame::Snapshot(_)
            | ServerFrame::NotificationsReset => panic!("{frame:?}"),
            _ => {}
        }
    }
}

/// A tab that follows the conversation and its user's own log.
pub(super) struct Tab {
    pub(super) name: String,
    pub(super) signed_in: SignedIn,
    /// Its connection, and to which node.
    pub(super) wire: Option<(usize, Arc<Wire>)>,
    registry: Registry,
    seen: Rc<RefCell<Seen>>,
}

impl Tab {
    /// A page that was loaded when the user's own log stood at `since`.
    pub(super) fn open(beginning: &Beginning, signed_in: SignedIn, since: i64) -> Self {
        let seen = Rc::new(RefCell::new(Seen {
            since,
            ..Seen::default()
        }));
        let mut registry = Registry::default();
        let topics = [
            (Topic::Workitem(beginning.chat.clone()), beginning.page.rev),
            (Topic::Notifications, since),
        ];
        for (topic, rev) in topics {
            let epoch = beginning.database.epoch().to_owned();
            let sees = Rc::clone(&seen);
            let listener = Rc::new(move |frame: &ServerFrame| sees.borrow_mut().take(frame));
            registry.join(topic, Some(Position { epoch, rev }), false, listener);
        }
        Self {
            name: format!("the tab of {}", signed_in.actor.id),
            signed_in,
            wire: None,
            registry,
            seen,
        }
    }

    pub(super) fn connected(&mut self, node: usize, wire: Arc<Wire>) {
        self.wire = Some((node, wire));
    }

    /// Its network is gone: the host will learn of it, and what was on its way is lost.
    pub(super) fn lose(&mut self) {
        if let Some((_, wire)) = self.wire.take() {
            wire.ends().sent.push_back(None);
        }
    }

    /// Whether a frame is on its way to it.
    pub(super) fn is_answered(&self) -> bool {
        let wire = self.wire.as_ref();
        wire.is_some_and(|(_, wire)| !wire.ends().answered.is_empty())
    }

    /// The next frame arrives. Answers what it is.
    pub(super) fn hear(&mut self) -> String {
        let Some((_, wire)) = self.wire.clone() else {
            return "nothing".to_owned();
        };
        let message = wire.ends().answered.pop_front();
        match message {
            Some(Message::Text(text)) => {
                let frame: ServerFrame =
                    serde_json::from_str(text.as_str()).expect("a known frame");
                for frame in self.dispatch(&frame) {
                    wire.send(&frame);
                }
                text.as_str().to_owned()
            }
            Some(Message::Close(_)) => {
                self.wire = None;
                "the end".to_owned()
            }
            other => format!("{other:?}"),
        }
    }

    /// Hands a frame on. Answers what is sent then.
    fn dispatch(&mut self, frame: &ServerFrame) -> Vec<ClientFrame> {
        if let ServerFrame::Hello { epoch, .. } = frame {
            return self.registry.connected(epoch);
        }
        let dispatch = self.registry.dispatch(frame);
        for listener in dispatch.listeners {
            listener(frame);
        }
        dispatch.send.into_iter().collect()
    }

    /// What differs from the database.
    pub(super) async fn wrong(&self, beginning: &Beginning) -> Option<String> {
        let user = &self.signed_in.actor.id;
        let mut rows = beginning.database.look();
        let page = queries::conversation_page(&mut *rows, &beginning.chat, user, None).await;
        let page = page.expect("they may read it");
        let since = self.seen.borrow().since;
        let own = queries::notifications_missed(&mut *rows, user, since, i64::MAX).await;
        let own = own.expect("it can be read").expect("they are few");
        let seen = self.seen.borrow();
        let entries = page.entries.iter();
        let new = entries.filter(|entry| entry.seq > beginning.last_entry());
        let heading = seen.heading.as_ref().unwrap_or(&beginning.page.workitem);
        let what = if !new.eq(seen.entries.values()) {
            "entries"
        } else if *heading != page.workitem {
            "the heading"
        } else if own != seen.own {
            "notifications"
        } else {
            return None;
        };
        Some(format!("{} has other {what} than the database", self.name))
    }
}
