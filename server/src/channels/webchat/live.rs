//! The stream of server-sent events that follows one conversation. The database is the log, and events of
//! the bus may be lost: whatever is missed or late is read from the last line that was sent. Sees nothing but the
//! customer's view.
//!
//! A stream is as good as what it was opened by: who reads is asked again after joining the bus, at every sweep, and at once
//! when the channel's secret or the visitor may be others.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Event;
use futures_util::{Stream, stream};
use serde_json::json;
use shared::customer::CustomerFrame;
use shared::error::AppError;
use shared::ids::{ChannelKey, WorkitemId};
use shared::time::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tracing::{Instrument, Span};

use super::Chat;
use super::limits::StreamPermit;
use super::stream_cursor::{HistoryTag, StreamCursor};
use super::visitor::Visitor;
use super::visits::{self, BATCH, Visit};
use crate::bus::{self, Audience, BusTopic, Subscription};
use crate::desk::chat_channels::IdentityClaim;
use crate::desk::{Desk, to_app_error};
use crate::store::Change;

/// How many events may wait for one reader; who falls behind further reads from the database.
const QUEUE: usize = 64;
/// How often the stream asks who reads and reads again, in case an event was lost.
const SWEEP: Duration = Duration::from_secs(15);
/// For how long a conversation that is over is followed, in microseconds: its agent may reopen it. The script asks again when
/// somebody looks at the page later.
const LINGER_US: i64 = 900_000_000;

/// Who reads a stream, and by what: a secret of their own, or the proof of the page around the frame.
pub(super) struct Reader {
    pub(super) channel: ChannelKey,
    pub(super) visitor: Visitor,
    pub(super) claim: Option<IdentityClaim>,
}

impl Reader {
    /// At most [`BATCH`] lines of a view after one, if they may still read. `NotFound` where the channel is gone or does not know the
    /// visitor any more, `Invalid` where the proof counts no more.
    async fn read(
        &self,
        desk: &Desk,
        workitem: &WorkitemId,
        last: i64,
    ) -> Result<Vec<CustomerFrame>, AppError> {
        if let Some(claim) = &self.claim {
            let channel = visits::channel(desk, self.channel.as_str()).await?;
            let known = desk.identity_prove(&channel.key, claim).await?;
            let visitor = Visitor::proven(claim.user.clone(), known);
            // Under the same id somebody else is known, once the first one was forgotten.
            if visitor.hash() != self.visitor.hash() {
                return Err(AppError::NotFound);
            }
        }
        let visitor = self.visitor.hash();
        let rows = desk.store().customer_look().await;
        let mut rows = rows.map_err(to_app_error)?;
        let lines = rows.customer_frames_for(&self.channel, &visitor, workitem, last, BATCH);
        lines.await.map_err(to_app_error)?.ok_or(AppError::NotFound)
    }
}

/// One reader of one conversation.
pub(super) struct Follower {
    desk: Desk,
    reader: Reader,
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

impl Follower {
    /// Follows after line `last`; joins the bus before anything is read, so that nothing falls between the two.
    /// `None`: what the browser shows is no part of this conversation, so it begins again.
    pub(super) fn new(
        chat: &Chat,
        reader: Reader,
        visit: Visit,
        last: Option<i64>,
        permit: StreamPermit,
    ) -> Self {
        let (desk, closing) = (chat.desk.clone(), chat.closing.clone());
        let (subscription, events) = joined(&desk, &reader.channel, &visit.0.workitem);
        let ended = visit.0.ended.then(|| desk.clock().now());
        Self {
            desk,
            reader,
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

    /// The events, until the conversation has been over for a while, its reader may read it no more, the process ends or the
    /// database cannot be read. The browser connects again then and goes on where it was, or hears why it cannot.
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
        match self
            .reader
            .read(&self.desk, &self.workitem, self.last)
            .await
        {
            Ok(frames) => {
                self.behind = i64::try_from(frames.len()).is_ok_and(|count| count == BATCH);
                self.ready.extend(frames);
                Some(())
            }
            Err(AppError::NotFound | AppError::Invalid { .. }) => None,
            Err(error) => {
                tracing::warn!(?error, "a customer's stream ends because it cannot be read");
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
                // Who reads is asked before anything else goes out.
                Change::ChatAccess(_) | Change::CustomerAccess(_) => self.behind = true,
                _ => {}
            },
            Ok(None) | Err(_) => self.behind = true,
        }
        self.behind |= self.subscription.overflowed();
        Some(())
    }

    fn rejoin(&mut self) {
        (self.subscription, self.events) = joined(&self.desk, &self.reader.channel, &self.workitem);
    }
}

/// What happens in a conversation, and to what its customer may read on the channel.
fn joined(
    desk: &Desk,
    channel: &ChannelKey,
    workitem: &WorkitemId,
) -> (Subscription, mpsc::Receiver<Arc<bus::Event>>) {
    let (subscription, events) = desk.bus().subscribe(Audience::Customer, QUEUE);
    subscription.join(BusTopic::Customer(workitem.clone()));
    subscription.join(BusTopic::ChatChannel(channel.clone()));
    (subscription, events)
}
