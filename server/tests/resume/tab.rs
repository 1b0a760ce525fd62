//! A browser's tab: the app's own registry, cursor and reducer over a WebSocket, as `app/src/live/socket.rs` and
//! `conversation.rs` put them together.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use app::backend::{Directory, Workitems};
use app::live::reducer::{Reducer, Shown};
use app::live::registry::Registry;
use futures_util::{FutureExt, SinkExt, StreamExt};
use server::queries;
use shared::directory::Notification;
use shared::ids::UserId;
use shared::live::{ClientFrame, Position, ServerFrame, Topic};
use shared::people::Actor;
use shared::transcript::{Conversation, Entry, Sent};
use tokio::io::DuplexStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::world::World;

/// Nothing takes that long; a tab that waits longer will never show what the database holds.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a tab that looks wrong may wait for a frame before it is looked at again.
const GLANCE: Duration = Duration::from_millis(5);

/// The conversation on screen.
struct Screen {
    reducer: Reducer,
    shown: Shown,
}

/// The notifications since the frame was loaded.
struct Told {
    since: i64,
    events: Vec<(i64, Notification)>,
    reset: bool,
}

pub struct Tab {
    pub name: String,
    actor: Actor,
    cookie: String,
    monitors: bool,
    registry: Registry,
    socket: Option<WebSocketStream<DuplexStream>>,
    greeted: bool,
    screen: Option<(u64, Rc<RefCell<Screen>>)>,
    told: Rc<RefCell<Told>>,
    /// A conversation that was loaded and is not followed yet.
    loaded: Option<Conversation>,
    /// The answer to a send that has not arrived yet.
    pub answer: Option<Sent>,
}

impl Tab {
    pub async fn open(world: &World, name: String, actor: Actor, cookie: &str) -> Self {
        let bootstrap = world
            .desk
            .bootstrap_load(&actor)
            .await
            .expect("a bootstrap");
        let told = Rc::new(RefCell::new(Told {
            since: bootstrap.seq,
            events: Vec::new(),
            reset: false,
        }));
        let mut registry = Registry::default();
        let hears = Rc::clone(&told);
        let after = Position {
            epoch: bootstrap.epoch,
            rev: bootstrap.seq,
        };
        registry.join(
            Topic::Notifications,
            Some(after),
            false,
            Rc::new(move |frame| match frame {
                ServerFrame::Notification { seq, event } => {
                    hears.borrow_mut().events.push((*seq, event.clone()));
                }
                ServerFrame::NotificationsReset => hears.borrow_mut().reset = true,
                _ => {}
            }),
        );
        Self {
            monitors: actor.id.as_str() == "sam",
            cookie: cookie.to_owned(),
            name,
            actor,
            registry,
            told,
            socket: None,
            greeted: false,
            screen: None,
            loaded: None,
            answer: None,
        }
    }

    /// Loads the conversation, which is followed with [`Tab::follow`], perhaps much later.
    pub async fn load(&mut self, world: &World) {
        let loaded = world
            .desk
            .conversation_load(&self.actor, world.chat.clone());
        self.loaded = Some(loaded.await.expect("it is theirs"));
    }

    /// Shows what was loaded and goes on from there.
    pub async fn follow(&mut self, world: &World) {
        self.leave(world).await;
        let Some(first) = self.loaded.take() else {
            return;
        };
        let after = Position {
            epoch: first.epoch.clone(),
            rev: first.rev,
        };
        let (reducer, shown) = Reducer::new(first);
        let screen = Rc::new(RefCell::new(Screen { reducer, shown }));
        let sees = Rc::clone(&screen);
        let listener = Rc::new(move |frame: &ServerFrame| {
            let Screen { reducer, shown } = &mut *sees.borrow_mut();
            match frame {
                ServerFrame::Workitem { rev, change, .. } => {
                    reducer.change(shown, *rev, change);
                }
                ServerFrame::Snapshot(snapshot) => reducer.snapshot(shown, (**snapshot).clone()),
                ServerFrame::Refused { error, .. } => panic!("refused: {error:?}"),
                _ => {}
            }
        });
        let topic = Topic::Workitem(world.chat.clone());
        let joined = self
            .registry
            .join(topic, Some(after), self.monitors, listener);
        self.screen = Some((joined.id, screen));
        self.send(joined.send).await;
    }

    /// Goes to another page.
    async fn leave(&mut self, world: &World) {
        if let Some((id, _)) = self.screen.take() {
            let topic = Topic::Workitem(world.chat.clone());
            let frames = self.registry.leave(&topic, id);
            self.send(frames).await;
        }
    }

    pub async fn connect(&mut self, world: &World) {
        self.greeted = false;
        let mut request = "ws://host/live".into_client_request().expect("a request");
        let cookie = self.cookie.parse().expect("a cookie");
        request.headers_mut().insert("cookie", cookie);
        let connected = tokio_tungstenite::client_async(request, world.connect()).await;
        self.socket = Some(connected.expect("it is let in").0);
    }

    /// The network is gone.
    pub fn lose(&mut self) {
        self.socket = None;
        self.greeted = false;
    }

    async fn send(&mut self, frames: impl IntoIterator<Item = ClientFrame>) {
        let Some(socket) = self.socket.as_mut().filter(|_| self.greeted) else {
            return;
        };
        for frame in frames {
            let text = serde_json::to_string(&frame).expect("a frame");
            // Fails while the connection closes; the next one subscribes again.
            let _ = socket.send(Message::text(text)).await;
        }
    }

    /// Reads what has arrived, `most` frames of it.
    pub async fn read(&mut self, world: &World, most: u64) {
        for _ in 0..most {
            tokio::task::yield_now().await;
            let arrived = self
                .socket
                .as_mut()
                .map(|socket| socket.next().now_or_never());
            match arrived.flatten() {
                Some(message) => self.arrived(world, message.and_then(Result::ok)).await,
                None => return,
            }
        }
    }

    async fn arrived(&mut self, world: &World, message: Option<Message>) {
        match message {
            Some(Message::Text(text)) => {
                let frame = serde_json::from_str(&text).expect("a known frame");
                self.frame(world, &frame).await;
            }
            Some(Message::Close(_)) | None => self.lose(),
            Some(_) => {}
        }
    }

    async fn frame(&mut self, world: &World, frame: &ServerFrame) {
        if let ServerFrame::Hello { epoch, .. } = frame {
            if !std::mem::replace(&mut self.greeted, true) {
                let frames = self.registry.connected(epoch);
                self.send(frames).await;
            }
            return;
        }
        let dispatch = self.registry.dispatch(frame);
        self.send(dispatch.send).await;
        for listener in dispatch.listeners {
            listener(frame);
        }
        if std::mem::take(&mut self.told.borrow_mut().reset) {
            self.reload(world).await;
        }
    }

    /// The log does not reach back: the frame is loaded again.
    async fn reload(&mut self, world: &World) {
        let bootstrap = world
            .desk
            .bootstrap_load(&self.actor)
            .await
            .expect("a bootstrap");
        *self.told.borrow_mut() = Told {
            since: bootstrap.seq,
            events: Vec::new(),
            reset: false,
        };
        let after = Position {
            epoch: bootstrap.epoch,
            rev: bootstrap.seq,
        };
        let frame = self.registry.move_to(&Topic::Notifications, after);
        self.send(frame).await;
    }

    /// The answer to a send arrives.
    pub fn answered(&mut self) {
        if let (Some(sent), Some((_, screen))) = (self.answer.take(), &self.screen) {
            let Screen { reducer, shown } = &mut *screen.borrow_mut();
            reducer.sent(shown, &sent);
        }
    }

    /// Scrolls up to the beginning of what is there.
    pub async fn scroll(&mut self, world: &World) {
        let Some((_, screen)) = &self.screen else {
            return;
        };
        let first = screen.borrow().shown.entries.first().map(|entry| entry.seq);
        let Some(before) = first.filter(|_| screen.borrow().shown.older) else {
            return;
        };
        let chat = world.chat.clone();
        let page = world.desk.conversation_older(&self.actor, chat, before);
        let page = page.await.expect("it is theirs");
        let Screen { reducer, shown } = &mut *screen.borrow_mut();
        reducer.older(shown, page);
    }

    /// Reads until the tab shows what the database holds, and comes back when it is thrown out.
    pub async fn settle(&mut self, world: &World) {
        if self.screen.is_none() {
            self.load(world).await;
            self.follow(world).await;
        }
        let right = async {
            while let Err(wrong) = self.compare(world).await {
                self.wrong(wrong);
                match &mut self.socket {
                    None => self.connect(world).await,
                    Some(socket) => {
                        match tokio::time::timeout(GLANCE, socket.next()).await {
                            Ok(message) => {
                                self.arrived(world, message.and_then(Result::ok)).await;
                            }
                            // No hint announces what the other node does on its own, such as ending a monitoring.
                            Err(_) => world.sweep().await,
                        }
                    }
                }
            }
        };
        if tokio::time::timeout(PATIENCE, right).await.is_err() {
            let wrong = self.compare(world).await.err();
            panic!(
                "{} never shows what the database holds: {wrong:?}",
                self.name
            );
        }
    }

    /// What may be late may not be wrong: nothing twice, nothing out of order, at any time.
    fn wrong(&self, what: Wrong) {
        assert!(what != Wrong::Order, "{}: out of order or twice", self.name);
    }

    async fn compare(&self, world: &World) -> Result<(), Wrong> {
        let store = world.desk.store();
        let (since, events) = {
            let told = self.told.borrow();
            (told.since, told.events.clone())
        };
        let numbers = events.iter().map(|(seq, _)| *seq);
        if !numbers.eq((since + 1..).take(events.len())) {
            return Err(Wrong::Order);
        }
        let (_, screen) = self.screen.as_ref().expect("it is followed");
        let shown = screen.borrow().shown.clone();
        if !shown.entries.windows(2).all(|two| two[0].seq < two[1].seq) {
            return Err(Wrong::Order);
        }
        let own = {
            let mut rows = store.snapshot().await.expect("the database answers");
            queries::notifications_missed(&mut *rows, &self.actor.id, since, i64::MAX).await
        };
        if let Some(own) = own.expect("the database answers")
            && own != events
        {
            return Err(Wrong::Own);
        }
        let entries = everything(world).await;
        let from = entries.len().saturating_sub(shown.entries.len());
        if shown.entries.is_empty() || entries[from..] != shown.entries[..] {
            return Err(Wrong::Entries);
        }
        if shown.older != (from > 0) {
            return Err(Wrong::Older);
        }
        let record = world.desk.reads().workitem_find(&world.chat).await;
        let record = record.expect("the database answers").expect("it is there");
        if record.workitem != shown.workitem {
            return Err(Wrong::Heading);
        }
        Ok(())
    }
}

/// What differs from the database.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    Order,
    Own,
    Entries,
    Older,
    Heading,
}

async fn everything(world: &World) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    let amy = UserId::parse("amy").expect("an id");
    loop {
        let before = all.first().map(|entry| entry.seq);
        let mut rows = world.desk.store().snapshot().await.expect("a snapshot");
        let page = queries::conversation_page(&mut *rows, &world.chat, &amy, before);
        let page = page.await.expect("the database answers");
        let older = page.older;
        all.splice(0..0, page.entries);
        if !older {
            return all;
        }
    }
}
