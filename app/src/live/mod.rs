//! The browser's live client: one WebSocket for the whole tab, through which it follows topics. Components ask
//! [`Live::follow`] and get frames; connecting, resuming and counting who follows what happen below.
//!
//! On the host all of it does nothing.

pub mod conversation;
mod cursor;
pub mod notifications;
pub mod reducer;
pub mod registry;
mod socket;

use std::rc::Rc;

use leptos::prelude::*;
use shared::ids::WorkitemId;
use shared::live::{ClientFrame, Position, ServerFrame, Topic};

pub use conversation::{ConversationView, follow_conversation};
pub use socket::is_silent;

use crate::clock::Clock;
use crate::site_assets::use_assets;

/// How things stand with the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// No connection yet, and none has failed.
    Connecting,
    /// Frames arrive.
    Live,
    /// The last attempt failed, or the device has no network; the next attempt is planned.
    Offline,
}

/// The live connection of this tab. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Live {
    /// How it stands.
    pub state: RwSignal<ConnectionState>,
    /// Whether the host is of another release than this tab.
    pub newer: RwSignal<bool>,
    release: StoredValue<String>,
    clock: Clock,
}

/// The live connection of the frame around the caller.
pub fn use_live() -> Live {
    expect_context()
}

/// Makes the connection of the frame; it opens once the page is mounted and closes with the frame.
pub fn provide_live() -> Live {
    let live = Live {
        state: RwSignal::new(ConnectionState::Connecting),
        newer: RwSignal::new(false),
        release: StoredValue::new(use_assets().base),
        clock: crate::clock::use_clock(),
    };
    provide_context(live);
    Effect::new(move || {
        socket::open(live);
        on_cleanup(socket::close);
    });
    live
}

/// Ends the connection of this tab for good: the page is being left.
pub fn disconnect() {
    socket::close();
}

impl Live {
    /// Follows a topic for the life of the current reactive owner. `after` is where the page's first data ends;
    /// `None` asks for a snapshot. A topic that is followed already gives the newcomer its last projection.
    pub fn follow(
        &self,
        topic: Topic,
        after: Option<Position>,
        monitor: bool,
        on: impl Fn(&ServerFrame) + 'static,
    ) {
        if cfg!(feature = "ssr") {
            return;
        }
        let listener = socket::follow(topic.clone(), after, monitor, Rc::new(on));
        on_cleanup(move || socket::leave(&topic, listener));
    }

    /// The agent writes to the customer of this workitem.
    pub fn typing(&self, workitem: &WorkitemId) {
        let workitem = workitem.clone();
        socket::typing(ClientFrame::Typing { workitem });
    }

    /// Coach and agent of this workitem: one of them writes to the other.
    pub fn coaching_typing(&self, workitem: &WorkitemId) {
        let workitem = workitem.clone();
        socket::typing(ClientFrame::CoachingTyping { workitem });
    }

    /// A text was sent, which ends the sign that it is written.
    pub fn typing_over(&self) {
        socket::typing_over();
    }

    /// Ends following right now, before the owner is gone: the back arrow.
    pub fn unfollow(&self, topic: &Topic) {
        if !cfg!(feature = "ssr") {
            socket::drop_topic(topic);
        }
    }

    /// Goes on from another place of a log, after the page loaded its data again.
    pub fn resume(&self, topic: &Topic, after: Position) {
        if !cfg!(feature = "ssr") {
            socket::resume(topic, after);
        }
    }
}
