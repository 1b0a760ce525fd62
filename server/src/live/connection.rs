//! One live connection: reads the browser's frames, sends the host's, and ends with the session. It knows a stream and a sink of
//! messages, so a simulation serves it without a network.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use shared::live::{
    CLOSE_BAD_FRAME, CLOSE_OVERFLOW, CLOSE_SIGNED_OUT, ClientFrame, SIGNED_OUT, ServerFrame, Topic,
};
use shared::people::Actor;
use shared::transcript::EndReason;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tracing::Instrument;

use super::followed::{Followed, Stale};
use super::{
    BATCH, FRAME_COUNTS, FRAMES_AT_ONCE, HEARTBEAT, HELLO_EVERY, QUEUE, SEND_LIMIT, SILENCE_LIMIT,
    TYPING_PAUSE,
};
use crate::bus::{Audience, BusTopic, Event, Subscription};
use crate::desk::Desk;
use crate::desk::monitoring::Leaving;
use crate::desk::presence::{Connected, Farewell};
use crate::http::SignedIn;
use crate::http::assets::pkg_path;
use crate::queries::{LiveAnswer, LiveQuestion};
use crate::reads::View;
use crate::store::{Change, Session, Stored};
use crate::traces::traced;

/// The code of RFC 6455 for a server that goes away and will be back.
const CLOSE_RESTART: u16 = 1012;

/// The code of RFC 6455 for a browser that goes away from the page.
const CLOSE_GOING_AWAY: u16 = 1001;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Whether a frame, or the topic in it, has a name that only a later release knows: its tab is of that release, and what else it follows
/// goes on. serde says so in words alone.
fn is_later(error: &serde_json::Error) -> bool {
    error.is_data() && error.to_string().starts_with("unknown variant")
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The browser closed the socket, or it broke.
    Gone,
    /// The browser closed it because its page goes away: a closed tab, a link, a reload.
    PageLeft,
    /// The browser does not respond.
    Dead,
    /// The host closes it with this code.
    Close(u16),
    /// The user signed out, here or in another window of the browser.
    SignedOut,
}

/// The state of one connection.
pub(super) struct Connection {
    pub(super) desk: Desk,
    pub(super) actor: Actor,
    pub(super) session: String,
    pub(super) id: u64,
    pub(super) subscription: Subscription,
    pub(super) followed: HashMap<Topic, Followed>,
    /// What changed in projections since they were sent.
    pub(super) stale: Vec<Stale>,
    /// When that is sent; unknown as long as nothing waits.
    pub(super) projection_due: Option<Instant>,
    /// When something of it was last sent.
    pub(super) projected: Option<Instant>,
    /// When the whole list of people was last sent.
    pub(super) list_sent: Option<Instant>,
    sink: Pin<Box<dyn Sink<Message, Error = axum::Error> + Send + Sync>>,
    /// Frames wait to leave.
    unflushed: bool,
    connected: Connected,
    /// The deadline for a sign of life from the browser, set when the agent is assigned work on this connection.
    proof_due: Option<Instant>,
    /// When all frames of the browser have ceased to count.
    frames_until: Instant,
    /// When the next sign is due that the user writes to a customer.
    typing_due: Option<Instant>,
    /// When the next sign is due that they write to whom they coach or are coached by.
    coaching_typing_due: Option<Instant>,
    /// Whether replies were sent that the user has not seen.
    pub(super) replies_sent: bool,
}

/// Serves a browser's tab until it ends.
pub(super) async fn serve<S>(
    socket: S,
    desk: Desk,
    signed_in: SignedIn,
    closing: watch::Receiver<bool>,
) where
    S: Stream<Item = Result<Message, axum::Error>>
        + Sink<Message, Error = axum::Error>
        + Send
        + 'static,
{
    let (sink, stream) = socket.split::<Message>();
    let (subscription, events) = desk.bus().subscribe(Audience::Staff, QUEUE);
    subscription.join(BusTopic::Control(signed_in.actor.id.clone()));
    let connected = desk.presence_connect(&signed_in.actor.id);
    let mut connection = Connection {
        id: NEXT.fetch_add(1, Ordering::Relaxed),
        actor: signed_in.actor,
        session: signed_in.session,
        followed: HashMap::new(),
        stale: Vec::new(),
        projection_due: None,
        projected: None,
        list_sent: None,
        desk,
        subscription,
        sink: Box::pin(sink),
        unflushed: false,
        connected,
        proof_due: None,
        frames_until: Instant::now(),
        typing_due: None,
        coaching_typing_due: None,
        replies_sent: false,
    };
    let end = match connection.run(stream, events, closing.clone()).await {
        Ok(()) => End::Gone,
        Err(end) => end,
    };
    let signed_out = matches!(end, End::Close(CLOSE_SIGNED_OUT) | End::SignedOut);
    connection.connected.farewell = match end {
        _ if signed_out => Farewell::SignedOut,
        End::Dead => Farewell::Silent,
        _ => Farewell::Closed,
    };
    let close = match end {
        End::Gone | End::PageLeft | End::Dead => None,
        End::Close(code) => Some((code, "")),
        End::SignedOut => Some((CLOSE_SIGNED_OUT, SIGNED_OUT)),
    };
    if let Some((code, reason)) = close {
        let close = Message::Close(Some(CloseFrame {
            code,
            reason: Utf8Bytes::from_static(reason),
        }));
        let _ = tokio::time::timeout(SEND_LIMIT, connection.sink.send(close)).await;
    }
    let leaving = match end {
        _ if signed_out => Leaving::Now(EndReason::SignedOut),
        End::PageLeft => Leaving::PageLeft,
        _ => Leaving::Lost,
    };
    Box::pin(connection.leave_all(leaving)).await;
    // Held until here: the process waits until all receivers are dropped, so it does not end before the close frame is sent.
    drop(closing);
}

/// A browser that takes nothing for [`SEND_LIMIT`] is dead.
async fn in_time<E>(sending: impl Future<Output = Result<(), E>>) -> Result<(), End> {
    match tokio::time::timeout(SEND_LIMIT, sending).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Dead),
    }
}

/// Completes at `due`; never without one.
async fn overdue(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Completes when the process is about to end.
async fn ending(closing: &mut watch::Receiver<bool>) {
    // The watched value may not be held across an await. A dropped sender means the end as well.
    let _ = closing.wait_for(|closing| *closing).await.map(|_| ());
}

/// Whether a sign of writing is passed on: sent more often than [`TYPING_PAUSE`] allows, it counts no more. `due` is when the
/// next one is due. One may come early: what is written after a text was sent is announced at once.
fn counts(due: &mut Option<Instant>, now: Instant) -> bool {
    let next = due.map_or(now, |due| due.max(now));
    let counts = next.duration_since(now) <= TYPING_PAUSE;
    if counts {
        *due = Some(next + TYPING_PAUSE);
    }
    counts
}

impl Connection {
    async fn run(
        &mut self,
        mut stream: impl Stream<Item = Result<Message, axum::Error>> + Unpin,
        mut events: mpsc::Receiver<Arc<Event>>,
        mut closing: watch::Receiver<bool>,
    ) -> Result<(), End> {
        // The session may have ended between the upgrade and the subscription to its control topic.
        Box::pin(self.check_session()).await?;
        self.hello().await?;
        self.flush().await?;
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let mut beat = 0_u32;
        let mut was_frame = false;
        // Rare futures are boxed, so that an idle connection does not reserve memory for them.
        loop {
            // A frame comes first, so that nobody whose sign of life has arrived is taken for dead; then everything else has its turn,
            // so that a browser that sends without end delays nothing. Nothing is left to chance, which a simulation could not repeat.
            let may_be_frame = !std::mem::take(&mut was_frame);
            let projection_due = self.projection_due();
            tokio::select! {
                biased;
                () = ending(&mut closing) => return Err(End::Close(CLOSE_RESTART)),
                frame = stream.next(), if may_be_frame => {
                    was_frame = true;
                    if let Some(Ok(_)) = frame {
                        heard = Instant::now();
                        self.proof_due = None;
                        self.connected.heard();
                        self.count_frame()?;
                    }
                    match frame {
                        Some(Ok(Message::Text(text))) => Box::pin(self.frame(&text)).await?,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                        Some(Ok(Message::Binary(_))) => return Err(End::Close(CLOSE_BAD_FRAME)),
                        Some(Ok(Message::Close(Some(CloseFrame {
                            code: CLOSE_GOING_AWAY,
                            ..
                        })))) => return Err(End::PageLeft),
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                    }
                }
                () = overdue(self.proof_due) => return Err(End::Dead),
                _ = heartbeat.tick() => {
                    if heard.elapsed() > SILENCE_LIMIT {
                        return Err(End::Dead);
                    }
                    self.message(Message::Ping(Default::default())).await?;
                    beat += 1;
                    if beat.is_multiple_of(HELLO_EVERY) {
                        Box::pin(self.check_session()).await?;
                        self.hello().await?;
                    }
                }
                // Four times a second at most: they delay no event.
                () = overdue(projection_due) => Box::pin(self.project()).await?,
                event = events.recv() => match event {
                    Some(event) => Box::pin(self.on_events(event, &mut events)).await?,
                    None => return Ok(()),
                },
                () = std::future::ready(()), if !may_be_frame => {}
            }
            self.flush().await?;
            if self.subscription.overflowed() {
                return Err(End::Close(CLOSE_OVERFLOW));
            }
        }
    }

    /// Ends with a browser that sends faster than any page does.
    fn count_frame(&mut self) -> Result<(), End> {
        let now = Instant::now();
        self.frames_until = self.frames_until.max(now) + FRAME_COUNTS;
        match self.frames_until - now > FRAMES_AT_ONCE {
            true => Err(End::Close(CLOSE_OVERFLOW)),
            false => Ok(()),
        }
    }

    async fn hello(&mut self) -> Result<(), End> {
        let epoch = self.desk.store().epoch().to_owned();
        let now = self.desk.clock().now();
        let release = format!("/{}", pkg_path());
        self.send(&ServerFrame::Hello {
            epoch,
            now,
            release,
        })
        .await
    }

    /// Ends with a session that nobody has used for too long; an open tab is no use. Rights that changed between
    /// the upgrade and the subscription to the control topic are noticed here too.
    async fn check_session(&mut self) -> Result<(), End> {
        let now = self.desk.clock().now();
        match self.desk.reads().session_find(&self.session, now).await {
            Ok(Some(session)) if session.actor == self.actor => Ok(()),
            Ok(Some(_)) => self.review().await,
            Ok(None) => Err(End::Close(CLOSE_SIGNED_OUT)),
            Err(error) => {
                tracing::warn!(%error, "a live session could not be checked");
                Ok(())
            }
        }
    }

    /// Brings the actor up to date before anything is read on their behalf. Unlike at a heartbeat, a failure ends the
    /// connection.
    pub(super) async fn refresh(&mut self) -> Result<(), End> {
        let now = self.desk.clock().now();
        let found = self.desk.reads().session_find(&self.session, now).await;
        self.refreshed(found).await
    }

    /// The same, as the view shows it.
    pub(super) async fn refresh_in(&mut self, view: &mut View<'_>) -> Result<(), End> {
        let now = self.desk.clock().now();
        let found = view.session_find(&self.session, now).await;
        if let Ok(Some(session)) = &found
            && session.actor != self.actor
        {
            // Others look meanwhile.
            view.renew();
        }
        self.refreshed(found).await
    }

    async fn refreshed(&mut self, found: Stored<Option<Session>>) -> Result<(), End> {
        match found {
            Ok(Some(session)) if session.actor == self.actor => Ok(()),
            Ok(Some(_)) => self.review().await,
            Ok(None) => Err(End::Close(CLOSE_SIGNED_OUT)),
            Err(_) => Err(End::Close(CLOSE_OVERFLOW)),
        }
    }

    async fn frame(&mut self, text: &str) -> Result<(), End> {
        match serde_json::from_str(text) {
            Ok(ClientFrame::Subscribe {
                topic,
                after,
                monitor,
                patches,
                number,
            }) => self.subscribe(topic, after, monitor, patches, number).await,
            Ok(ClientFrame::Unsubscribe { topic }) => {
                self.leave(&topic, Leaving::Now(EndReason::Left)).await;
                Ok(())
            }
            Ok(ClientFrame::Typing { workitem }) => {
                if counts(&mut self.typing_due, Instant::now()) {
                    self.desk.agent_typing(&self.actor, &workitem).await;
                }
                Ok(())
            }
            Ok(ClientFrame::CoachingTyping { workitem }) => {
                if counts(&mut self.coaching_typing_due, Instant::now()) {
                    self.desk.coaching_typing(&self.actor, &workitem).await;
                }
                Ok(())
            }
            Err(error) if is_later(&error) => {
                tracing::debug!("a live frame was not understood");
                Ok(())
            }
            Err(_) => Err(End::Close(CLOSE_BAD_FRAME)),
        }
    }

    /// What one command published arrives together, so it leaves together.
    async fn on_events(
        &mut self,
        first: Arc<Event>,
        more: &mut mpsc::Receiver<Arc<Event>>,
    ) -> Result<(), End> {
        let mut events = vec![first];
        while events.len() < BATCH
            && let Ok(event) = more.try_recv()
        {
            events.push(event);
        }
        self.read_ahead(&events).await?;
        for event in events {
            self.on_event(&event).await?;
        }
        Ok(())
    }

    async fn on_event(&mut self, event: &Event) -> Result<(), End> {
        if event.origin().is_known() {
            let span = traced!("deliver", user = %self.actor.id);
            event.origin().continue_in(&span);
            return Box::pin(self.deliver(event).instrument(span)).await;
        }
        self.deliver(event).await
    }

    async fn deliver(&mut self, event: &Event) -> Result<(), End> {
        match &**event {
            Change::Workitem { id, rev, change } => self.on_workitem(id, *rev, change, event).await,
            Change::FormerCoaching {
                id,
                rev,
                entry,
                author,
                team,
            } => {
                self.on_former_coaching(id, *rev, entry, (author, team))
                    .await
            }
            Change::CustomerTyping(id) => self.on_typing(id, event).await,
            // Nobody needs to be told that they write.
            Change::CoachingTyping { by, .. } if by.id == self.actor.id => Ok(()),
            Change::CoachingTyping { id, .. } => self.on_typing(id, event).await,
            Change::Review(id) => self.on_review(id).await,
            Change::Replies(_) => self.send_replies().await,
            Change::WorkitemHead { id, rev } => self.on_workitem_head(id, *rev).await,
            Change::Notification { seq, .. } => self.on_notification(*seq, event).await,
            Change::NotificationHead { seq, .. } => self.on_notification_head(*seq).await,
            // Nobody's list shows it.
            Change::Monitors { agent: None, .. } => Ok(()),
            Change::Agent(_)
            | Change::Monitors { .. }
            | Change::Hands(_)
            | Change::Queue(_)
            | Change::Alerts(_)
            | Change::People
            | Change::Presence(_)
            | Change::Assistance => {
                self.on_projection(event);
                Ok(())
            }
            Change::PeopleRows { version, .. } => self.on_people(*version, event).await,
            Change::PeopleHead(version) => {
                self.on_people_head(*version);
                Ok(())
            }
            Change::Authority(_) => self.review().await,
            Change::SignedOut { session, .. } if *session == self.session => Err(End::SignedOut),
            Change::SessionsEnded { except, .. } if except.as_ref() != Some(&self.session) => {
                Err(End::Close(CLOSE_SIGNED_OUT))
            }
            Change::SignedOut { .. }
            | Change::SessionsEnded { .. }
            | Change::Customer { .. }
            | Change::CustomerHead { .. }
            | Change::CustomerAccess(_)
            | Change::ChatAccess(_)
            | Change::AgentTyping { .. }
            | Change::AlertRules
            | Change::EventQueued => Ok(()),
        }
    }

    /// A question on behalf of the session, about nothing yet.
    pub(super) fn question(&self) -> LiveQuestion {
        let now = self.desk.clock().now();
        LiveQuestion {
            session: Some((self.session.clone(), now)),
            ..LiveQuestion::default()
        }
    }

    /// Asks on behalf of the session. The actor is as they were in the snapshot of the answer. A session that is over ends the
    /// connection, and so does a database that cannot be read: nothing may be shown without knowing the rights.
    pub(super) async fn ask(&self, question: LiveQuestion) -> Result<(Actor, LiveAnswer), End> {
        match self.desk.reads().ask(question).await {
            Ok(mut answer) => match answer.session.take() {
                Some(session) => Ok((session.actor, answer)),
                None => Err(End::Close(CLOSE_SIGNED_OUT)),
            },
            Err(error) => {
                tracing::warn!(%error, "a live connection could not read");
                Err(End::Close(CLOSE_OVERFLOW))
            }
        }
    }

    /// Loads the actor again after their rights changed, and leaves the topics that they may no longer read.
    pub(super) async fn review(&mut self) -> Result<(), End> {
        let workitems = self.followed.keys().filter_map(|topic| match topic {
            Topic::Workitem(id) => Some(id.clone()),
            _ => None,
        });
        let replies = self.shows_replies();
        let asked = LiveQuestion {
            workitems: workitems.collect(),
            replies,
            ..self.question()
        };
        let (actor, answer) = self.ask(asked).await?;
        self.actor = actor;
        for topic in self.followed.keys().cloned().collect::<Vec<_>>() {
            if let Topic::Workitem(id) = &topic {
                let holder = self.holder_shown(answer.workitems.get(id));
                self.reviewed(topic, holder).await?;
            } else {
                self.review_topic(topic).await?;
            }
        }
        match replies {
            true => self.show_replies(answer.replies).await,
            false => self.send_replies().await,
        }
    }

    pub(super) async fn send(&mut self, frame: &ServerFrame) -> Result<(), End> {
        let text = serde_json::to_string(frame).map_err(|error| {
            tracing::error!(%error, "a frame could not be encoded");
            End::Close(CLOSE_OVERFLOW)
        })?;
        self.text(Utf8Bytes::from(text)).await
    }

    /// Pings the browser of an agent who was assigned work, and expects a sign of life. A browser answers a ping without
    /// the page.
    pub(super) async fn ask_for_proof(&mut self) -> Result<(), End> {
        let due = Instant::now() + self.desk.config().proof;
        self.proof_due.get_or_insert(due);
        self.message(Message::Ping(Default::default())).await
    }

    pub(super) async fn text(&mut self, text: Utf8Bytes) -> Result<(), End> {
        self.message(Message::Text(text)).await
    }

    /// Queues a frame; [`Connection::flush`] sends it.
    async fn message(&mut self, message: Message) -> Result<(), End> {
        self.unflushed = true;
        in_time(self.sink.feed(message)).await
    }

    async fn flush(&mut self) -> Result<(), End> {
        if !std::mem::take(&mut self.unflushed) {
            return Ok(());
        }
        in_time(self.sink.flush()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_of_writing_counts_once_a_second_and_one_may_come_early() {
        let begin = Instant::now();
        let mut due = None;
        let counted = [0, 100, 200, 900, 1_000, 1_100, 2_000, 9_000, 9_100, 9_200]
            .map(|after| counts(&mut due, begin + std::time::Duration::from_millis(after)));
        assert_eq!(
            counted,
            [
                true, true, false, false, true, false, true, true, true, false
            ]
        );
    }
}
