//! The stream of server-sent events that follows one conversation. The database is the log, and events of
//! the bus may be lost: whatever is missed or late is read from the last line that was sent. Sees nothing but the
//! customer's view.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Event;
use futures_util::{Stream, stream};
use serde_json::json;
use shared::customer::CustomerFrame;
use shared::ids::WorkitemId;
use shared::time::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tracing::{Instrument, Span};

use super::limits::StreamPermit;
use super::stream_cursor::{HistoryTag, StreamCursor};
use super::visits::{BATCH, Visit};
use crate::bus::{self, Audience, BusTopic, Subscription};
use crate::desk::Desk;
use crate::store::{Change, Stored};

/// How many events may wait for one reader; who falls behind further reads from the database.
const QUEUE: usize = 64;
/// How often the stream reads again, in case an event was lost.
const SWEEP: Duration = Duration::from_secs(15);
/// For how long a conversation that is over is followed, in microseconds: its agent may reopen it. The script asks again when
/// somebody looks at the page later.
const LINGER_US: i64 = 900_000_000;

/// One reader of one conversation.
pub(super) struct Follower {
    desk: Desk,
    workitem: WorkitemId,
    began: Timestamp,
    tag: HistoryTag,
    last: i64,
    /// The browser shows another conversation and must clear it first.
    reset: bool,
    ready: VecDeque<CustomerFrame>,
    /// The agent who writes at the moment.
    typing: Option<String>,
    /// The database may hold more than was read.
    behind: bool,
    /// Since when it is over, as far as this stream knows.
    ended: Option<Timestamp>,
    subscription: Subscription,
    events: mpsc::Receiver<Arc<bus::Event>>,
    closing: watch::Receiver<bool>,
    /// Held as long as the stream.
    _permit: StreamPermit,
}

/// At most [`BATCH`] lines of a view after one.
async fn frames(desk: &Desk, workitem: &WorkitemId, last: i64) -> Stored<Vec<CustomerFrame>> {
    let mut rows = desk.store().customer_snapshot().await?;
    rows.customer_frames_after(workitem, last, BATCH).await
}

impl Follower {
    /// Follows after line `last`; joins the bus before anything is read, so that nothing falls between the two.
    /// `None`: what the browser shows is no part of this conversation, so it begins again.
    pub(super) fn new(
        desk: Desk,
        visit: Visit,
        last: Option<i64>,
        closing: watch::Receiver<bool>,
        permit: StreamPermit,
    ) -> Self {
        let (subscription, events) = desk.bus().subscribe(Audience::Customer, QUEUE);
        subscription.join(BusTopic::Customer(visit.0.workitem.clone()));
        let ended = visit.0.ended.then(|| desk.clock().now());
        Self {
            desk,
            workitem: visit.0.workitem,
            began: visit.0.began,
            tag: visit.1,
            last: last.unwrap_or_default(),
            reset: last.is_none(),
            ready: VecDeque::new(),
            typing: None,
            behind: true,
            ended,
            subscription,
            events,
            closing,
            _permit: permit,
        }
    }

    /// The events, until the conversation has been over for a while, the process ends or the database cannot be read; in the
    /// last two cases the browser connects again and goes on where it was.
    pub(super) fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        // The stream outlives the handler; what goes wrong in it is logged under the id of its request.
        let request = Span::current();
        stream::unfold(self, move |mut follower| {
            let next = async move {
                let event = follower.next().await?;
                Some((Ok(event), follower))
            };
            next.instrument(request.clone())
        })
    }

    async fn next(&mut self) -> Option<Event> {
        if std::mem::take(&mut self.reset) {
            return Some(Event::default().event("reset").data("{}"));
        }
        while !self.is_over() {
            if let Some(frame) = self.ready.pop_front() {
                self.last = frame.seq;
                let now = self.desk.clock().now();
                self.ended = frame.body.is_end().then_some(now);
                let id = StreamCursor {
                    began: Some(self.began),
                    seq: frame.seq,
                    tag: Some(self.tag),
                };
                return Event::default().id(id.to_string()).json_data(&frame).ok();
            }
            if let Some(name) = self.typing.take() {
                let event = Event::default().event("typing");
                return event.json_data(json!({ "name": name })).ok();
            }
            if self.behind {
                self.read().await?;
            } else {
                self.wait().await?;
            }
        }
        None
    }

    /// Whether the conversation has been over for long enough; what is there to be sent goes out first.
    fn is_over(&self) -> bool {
        let now = self.desk.clock().now();
        let ended = self.ended.is_some_and(|at| now.0 - at.0 > LINGER_US);
        ended && self.ready.is_empty() && !self.behind
    }

    async fn read(&mut self) -> Option<()> {
        if self.subscription.overflowed() {
            self.rejoin();
        }
        match frames(&self.desk, &self.workitem, self.last).await {
            Ok(frames) => {
                self.behind = i64::try_from(frames.len()).is_ok_and(|count| count == BATCH);
                self.ready.extend(frames);
                Some(())
            }
            Err(error) => {
                tracing::warn!(%error, "a customer's stream ends because the database cannot be read");
                None
            }
        }
    }

    async fn wait(&mut self) -> Option<()> {
        let event = tokio::select! {
            event = timeout(SWEEP, self.events.recv()) => event,
            _ = self.closing.wait_for(|closing| *closing) => return None,
        };
        match event {
            Ok(Some(event)) => match &**event {
                Change::Customer { frame, .. } => match frame.seq - self.last {
                    ..=0 => {}
                    1 => self.ready.push_back(frame.clone()),
                    _ => self.behind = true,
                },
                Change::CustomerHead { seq, .. } => self.behind |= *seq > self.last,
                Change::AgentTyping { name, .. } => self.typing = Some(name.clone()),
                _ => {}
            },
            Ok(None) | Err(_) => self.behind = true,
        }
        self.behind |= self.subscription.overflowed();
        Some(())
    }

    fn rejoin(&mut self) {
        (self.subscription, self.events) = self.desk.bus().subscribe(Audience::Customer, QUEUE);
        self.subscription
            .join(BusTopic::Customer(self.workitem.clone()));
    }
}
