//! A browser's tab with the app's own registry and reducer, as the browser puts them together: it follows a conversation, its
//! user's own log and a projection.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use app::live::is_silent;
use app::live::reducer::{Reducer, Shown};
use app::live::registry::Registry;
use axum::extract::ws::Message;
use shared::directory::Notification;
use shared::live::{ClientFrame, Position, ServerFrame, Topic};
use shared::people::Actor;
use shared::transcript::{Conversation, WorkitemChange};

use super::beginning::{Beginning, Someone};
use super::wire::Wire;
use crate::http::SignedIn;
use crate::queries;

/// The conversation on screen.
struct Screen {
    reducer: Reducer,
    shown: Shown,
}

impl Screen {
    fn take(&mut self, frame: &ServerFrame) {
        match frame {
            ServerFrame::Workitem { rev, change, .. } => {
                self.reducer.change(&mut self.shown, *rev, change);
            }
            ServerFrame::Snapshot(_) | ServerFrame::Refused { .. } => panic!("{frame:?}"),
            _ => {}
        }
    }
}

/// The user's own log, since the page was loaded.
struct Own {
    /// Its head then.
    since: i64,
    events: Vec<(i64, Notification)>,
}

impl Own {
    /// # Panics
    /// If something stands twice or out of order, or is refused.
    fn take(&mut self, frame: &ServerFrame) {
        match frame {
            ServerFrame::Notification { seq, event } => {
                let last = self.events.last().map_or(self.since, |(seq, _)| *seq);
                assert_eq!(*seq, last + 1, "a user's own log has no gap");
                self.events.push((*seq, event.clone()));
            }
            ServerFrame::Refused { .. } | ServerFrame::NotificationsReset => panic!("{frame:?}"),
            _ => {}
        }
    }
}

/// Where the log of the conversation stands on the present connection.
#[derive(Default)]
struct Place {
    /// The number of the subscription that was sent last.
    asked: u64,
    /// The last number, once that was answered.
    known: Option<i64>,
}

/// What a tab has met.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Met {
    /// Pings of hosts.
    pub(super) pings: u64,
    /// Numbers of which the host said that a later change has replaced them.
    pub(super) passed_over: u64,
    /// Projections that came whole, and patches of one.
    pub(super) wholes: u64,
    pub(super) patches: u64,
    /// Pages of the conversation that were opened again.
    pub(super) pages: u64,
    /// Subscriptions that nothing but a missing frame was the reason for.
    pub(super) needless: u64,
}

/// A tab.
pub(super) struct Tab {
    pub(super) name: String,
    pub(super) signed_in: SignedIn,
    /// Its connection, and to which node.
    pub(super) wire: Option<(usize, Arc<Wire>)>,
    /// Its machine sleeps: nothing is read, and no ping answered.
    pub(super) is_asleep: bool,
    pub(super) met: Met,
    /// The projection that it follows.
    pub(super) projection: Topic,
    /// That projection as it was handed on.
    view: Rc<RefCell<Option<ServerFrame>>>,
    chat: Topic,
    registry: Registry,
    /// Whether the present connection has said Hello.
    is_greeted: bool,
    /// When the page last heard something, or was connected, in microseconds.
    heard: i64,
    place: Place,
    /// The listener of the conversation, and what it shows.
    screen: (u64, Rc<RefCell<Screen>>),
    own: Rc<RefCell<Own>>,
    /// A page of the conversation that was loaded and is not shown yet.
    loaded: Option<Conversation>,
}

fn position(page: &Conversation) -> Option<Position> {
    Some(Position {
        epoch: page.epoch.clone(),
        rev: page.rev,
    })
}

/// Shows a page of the conversation and follows it from there: a supervisor monitors it.
fn show(
    registry: &mut Registry,
    chat: &Topic,
    page: Conversation,
    reader: &Actor,
) -> ((u64, Rc<RefCell<Screen>>), Option<ClientFrame>) {
    let after = position(&page);
    let (reducer, shown) = Reducer::new(page);
    let screen = Rc::new(RefCell::new(Screen { reducer, shown }));
    let sees = Rc::clone(&screen);
    let listener = Rc::new(move |frame: &ServerFrame| sees.borrow_mut().take(frame));
    let monitors = !reader.supervises.is_empty();
    let joined = registry.join(chat.clone(), after, monitors, listener);
    ((joined.id, screen), joined.send)
}

impl Tab {
    /// Somebody's page, as it was loaded.
    pub(super) fn open(someone: &Someone) -> Self {
        let Someone {
            signed_in,
            since,
            page,
        } = someone;
        let (since, actor) = (*since, &signed_in.actor);
        let mut registry = Registry::default();
        let chat = Topic::Workitem(page.workitem.id.clone());
        let (screen, _) = show(&mut registry, &chat, page.clone(), actor);
        let own = Rc::new(RefCell::new(Own {
            since,
            events: Vec::new(),
        }));
        let hears = Rc::clone(&own);
        let after = Position {
            epoch: page.epoch.clone(),
            rev: since,
        };
        let listener = Rc::new(move |frame: &ServerFrame| hears.borrow_mut().take(frame));
        registry.join(Topic::Notifications, Some(after), false, listener);
        let projection = match actor.supervises.is_empty() {
            true => Topic::Agent(actor.id.clone()),
            false => Topic::Dashboard,
        };
        let view = Rc::new(RefCell::new(None));
        let looks = Rc::clone(&view);
        let listener = Rc::new(move |frame: &ServerFrame| match frame {
            ServerFrame::Agent(_) | ServerFrame::Dashboard(_) => {
                *looks.borrow_mut() = Some(frame.clone());
            }
            ServerFrame::Refused { .. } => panic!("{frame:?}"),
            _ => {}
        });
        registry.join(projection.clone(), None, false, listener);
        Self {
            name: format!("the tab of {}", actor.id),
            signed_in: signed_in.clone(),
            wire: None,
            is_asleep: false,
            met: Met::default(),
            projection,
            view,
            chat,
            registry,
            is_greeted: false,
            heard: 0,
            place: Place::default(),
            screen,
            own,
            loaded: None,
        }
    }

    pub(super) fn connected(&mut self, node: usize, wire: Arc<Wire>, now: i64) {
        self.wire = Some((node, wire));
        self.is_greeted = false;
        self.is_asleep = false;
        self.heard = now;
        self.place = Place::default();
    }

    /// Its connection is gone: the host will learn of it, and what was on its way is lost.
    pub(super) fn lose(&mut self) {
        if let Some((_, wire)) = self.wire.take() {
            wire.leave();
        }
        self.is_greeted = false;
    }

    /// Whether something is on its way to it.
    pub(super) fn is_answered(&self) -> bool {
        let wire = self.wire.as_ref();
        !self.is_asleep && wire.is_some_and(|(_, wire)| wire.is_answered())
    }

    /// Whether neither it nor its host hears that the network is gone.
    pub(super) fn is_cut(&self) -> bool {
        self.wire.as_ref().is_some_and(|(_, wire)| wire.is_cut())
    }

    /// Whether the page gives its connection up, having heard nothing for too long.
    ///
    /// # Panics
    /// If the network is whole: then the host says something in time.
    pub(super) fn gives_up(&self, now: i64) -> bool {
        let ms = |micros: i64| micros as f64 / 1_000.0;
        let awake = self.wire.is_some() && !self.is_asleep && !self.is_answered();
        let gives_up = awake && is_silent(ms(self.heard), ms(now));
        assert!(!gives_up || self.is_cut(), "{} hears nothing", self.name);
        gives_up
    }

    /// The page of the conversation is opened again: with data that are loaded now, or shown only now.
    pub(super) async fn turn_page(&mut self, beginning: &Beginning) {
        let Some(page) = self.loaded.take() else {
            let page = beginning.conversation(&self.signed_in.actor.id).await;
            self.loaded = Some(page);
            return;
        };
        self.met.pages += 1;
        let left = self.registry.leave(&self.chat, self.screen.0);
        let reader = &self.signed_in.actor;
        let (screen, joined) = show(&mut self.registry, &self.chat, page, reader);
        self.screen = screen;
        self.send(left.into_iter().chain(joined));
    }

    /// Sends what can be sent; the rest follows from the registry once a connection is there.
    fn send(&mut self, frames: impl IntoIterator<Item = ClientFrame>) {
        let Some((_, wire)) = self.wire.clone().filter(|_| self.is_greeted) else {
            return;
        };
        for frame in frames {
            if let ClientFrame::Subscribe { topic, number, .. } = &frame
                && *topic == self.chat
            {
                self.place = Place {
                    asked: *number,
                    known: None,
                };
            }
            wire.send(&frame);
        }
    }

    /// The next thing arrives. Answers what it is.
    pub(super) fn hear(&mut self, now: i64) -> String {
        let Some((_, wire)) = self.wire.clone() else {
            return "nothing".to_owned();
        };
        match wire.take() {
            Some(Message::Text(text)) => {
                self.heard = now;
                let frame = serde_json::from_str(text.as_str()).expect("a known frame");
                self.take(&frame);
                text.as_str().to_owned()
            }
            // The browser answers without the page.
            Some(Message::Ping(_)) => {
                self.met.pings += 1;
                wire.pong();
                "a ping".to_owned()
            }
            Some(Message::Close(_)) | None => {
                self.lose();
                "the end".to_owned()
            }
            Some(other) => format!("{other:?}"),
        }
    }

    fn take(&mut self, frame: &ServerFrame) {
        if let ServerFrame::Hello { epoch, .. } = frame {
            if !std::mem::replace(&mut self.is_greeted, true) {
                let frames = self.registry.connected(epoch);
                self.send(frames);
            }
            return;
        }
        self.count(frame);
        let dispatch = self.registry.dispatch(frame);
        self.met.needless += u64::from(dispatch.send.is_some());
        self.send(dispatch.send);
        let frame = dispatch.whole.as_ref().unwrap_or(frame);
        for listener in dispatch.listeners {
            listener(frame);
        }
    }

    /// # Panics
    /// If the conversation's log has a gap on this connection, or something twice, once the subscription was answered.
    fn count(&mut self, frame: &ServerFrame) {
        match frame {
            ServerFrame::Agent(_) | ServerFrame::Dashboard(_) => self.met.wholes += 1,
            ServerFrame::DashboardPatch(_) => self.met.patches += 1,
            ServerFrame::Subscribed { topic, rev, number }
                if *topic == self.chat && *number == self.place.asked =>
            {
                if let Some(known) = self.place.known.replace(*rev) {
                    assert!(*rev > known, "{rev} is passed over after {known}");
                    self.met.passed_over += 1;
                }
            }
            ServerFrame::Workitem { rev, change, .. } => {
                if let Some(known) = &mut self.place.known {
                    let what = match change {
                        WorkitemChange::Entry(_) => "an entry",
                        WorkitemChange::Workitem(_) => "a heading",
                    };
                    assert_eq!(*rev, *known + 1, "{}: {what}", self.name);
                    *known = *rev;
                }
            }
            _ => {}
        }
    }

    /// What of the logs differs from the database.
    pub(super) async fn wrong(&self, beginning: &Beginning) -> Option<String> {
        let user = &self.signed_in.actor.id;
        let page = beginning.conversation(user).await;
        let since = self.own.borrow().since;
        let mut rows = beginning.database.look();
        let own = queries::notifications_missed(&mut *rows, user, since, i64::MAX).await;
        let own = own.expect("it can be read").expect("they are few");
        let screen = self.screen.1.borrow();
        let shown = &screen.shown;
        let is_in_order = shown.entries.windows(2).all(|two| two[0].seq < two[1].seq);
        let what = if !is_in_order || !shown.entries.ends_with(&page.entries) {
            "other entries than the database"
        } else if shown.workitem != page.workitem {
            "another heading than the database"
        } else if own != self.own.borrow().events {
            "other notifications than the database"
        } else if self.met.needless > 0 {
            "subscribed again although nothing was missing"
        } else {
            return None;
        };
        Some(format!("{} has {what}", self.name))
    }

    /// What of the projection differs from how it is read now.
    pub(super) fn wrong_view(&self, now: Option<&ServerFrame>) -> Option<String> {
        let view = self.view.borrow();
        let same = view.as_ref() == now && now.is_some();
        (!same).then(|| format!("{} shows {view:?} in place of {now:?}", self.name))
    }
}
