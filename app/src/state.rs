//! What the signed-in frame knows and every part of it may read: who is signed in, what is unread, who is
//! there, what is announced. Filled by `desk_load` and the live connection; never asks the host itself.

use shared::directory::{Desk, DirectoryMessage, OwnEvent, Settings, Unread};
use shared::ids::{UserId, WorkitemId};
use shared::people::{Actor, Permission, Person, PersonRef, Presence};
use shared::workitem::AgentWorkitems;

use crate::prelude::*;

/// A Company Directory message that is shown at once. One for each sender.
#[derive(Clone, Debug, PartialEq)]
pub struct PopUp {
    /// Stays the same when a newer message of the same sender takes its place, so that the draft stays too.
    pub id: u64,
    /// What it shows.
    pub message: DirectoryMessage,
    /// Who answered the raised hand that it carries.
    pub answered_by: Option<PersonRef>,
    /// When it came, in milliseconds of the browser's clock; the remaining time counts from here.
    pub started_ms: f64,
}

impl PopUp {
    /// Whether it carries a raised hand that nobody has answered.
    pub fn open_request(&self) -> bool {
        self.answered_by.is_none()
            && matches!(&self.message.request, Some(request) if request.answered_by.is_none())
    }
}

/// A line that goes away by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Which.
    pub id: u64,
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
}

/// The frame's state. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct DeskState {
    /// Who is signed in.
    pub me: RwSignal<Actor>,
    /// Their settings.
    pub settings: RwSignal<Settings>,
    /// Whether an active assistance template exists.
    pub assistance: RwSignal<bool>,
    /// Unread directory messages by person.
    pub unread: RwSignal<Vec<Unread>>,
    /// Everybody with their presence, while something shows them (`live::own::follow_people`); empty until the live
    /// connection has told.
    pub people: RwSignal<Vec<Person>>,
    /// How many parts of the page show people now.
    pub people_followers: StoredValue<u32>,
    /// The agent's own open workitems.
    pub worklist: RwSignal<Option<AgentWorkitems>>,
    /// Pop-ups, oldest first.
    pub pop_ups: RwSignal<Vec<PopUp>>,
    /// Toasts, oldest first.
    pub toasts: RwSignal<Vec<Toast>>,
    /// The workitem that is open on the workspace, with its subject: a raised hand carries it.
    pub open_workitem: RwSignal<Option<(WorkitemId, String)>>,
    /// `None`: Company Directory closed; `Some(None)`: the people; `Some(Some(user))`: that conversation.
    pub directory: RwSignal<Option<Option<UserId>>>,
    /// The last thing that the user was told, with a counter.
    pub last_event: RwSignal<Option<(u64, OwnEvent)>>,
    counter: StoredValue<u64>,
}

/// The state of the frame around the caller. Only inside the frame.
pub fn use_desk() -> DeskState {
    expect_context()
}

impl DeskState {
    /// A state that shows what the host said. Pop-ups come later, in the browser.
    pub fn new(desk: &Desk) -> Self {
        Self {
            me: RwSignal::new(desk.me.clone()),
            settings: RwSignal::new(desk.settings),
            assistance: RwSignal::new(desk.assistance),
            unread: RwSignal::new(desk.unread.clone()),
            people: RwSignal::new(Vec::new()),
            people_followers: StoredValue::new(0),
            worklist: RwSignal::new(None),
            pop_ups: RwSignal::new(Vec::new()),
            toasts: RwSignal::new(Vec::new()),
            open_workitem: RwSignal::new(None),
            directory: RwSignal::new(None),
            last_event: RwSignal::new(None),
            counter: StoredValue::new(0),
        }
    }

    /// Shows the desk as it was loaded anew.
    pub fn reload(&self, desk: &Desk) {
        self.me.set(desk.me.clone());
        self.settings.set(desk.settings);
        self.assistance.set(desk.assistance);
        self.unread.set(desk.unread.clone());
        self.show_open_requests(desk);
    }

    /// Raised hands that wait for this user become pop-ups: they survive a reload of the page.
    pub fn show_open_requests(&self, desk: &Desk) {
        if desk.settings.pop_up {
            for message in &desk.open_requests {
                self.pop_up(message.clone());
            }
        }
    }

    /// Shows a line for some seconds.
    pub fn toast(&self, text: impl Into<String>) {
        self.toast_with_link(text.into(), None);
    }

    /// Shows a line that leads somewhere.
    pub fn toast_with_link(&self, text: String, href: Option<String>) {
        let id = self.next();
        self.toasts
            .update(|toasts| toasts.push(Toast { id, text, href }));
    }

    /// Shows a message at once. A pop-up of the same sender takes the newer text; a raised hand in it stays
    /// until it is answered.
    pub fn pop_up(&self, message: DirectoryMessage) {
        let id = self.next();
        let started_ms = crate::clock::browser_ms();
        self.pop_ups.update(|shown| {
            match shown
                .iter_mut()
                .find(|pop_up| pop_up.message.from.id == message.from.id)
            {
                Some(pop_up) => {
                    let mut message = message;
                    if message.request.is_none() && pop_up.open_request() {
                        message.request = pop_up.message.request.take();
                    } else {
                        pop_up.answered_by = None;
                    }
                    pop_up.message = message;
                    pop_up.started_ms = started_ms;
                }
                None => shown.push(PopUp {
                    id,
                    answered_by: message
                        .request
                        .as_ref()
                        .and_then(|request| request.answered_by.clone()),
                    message,
                    started_ms,
                }),
            }
        });
    }

    /// All unread messages together. Tracked.
    pub fn unread_total(&self) -> i64 {
        self.unread
            .with(|unread| unread.iter().map(|unread| unread.count).sum())
    }

    /// Sets how many messages of one person are unread.
    pub fn set_unread(&self, from: &UserId, change: impl FnOnce(i64) -> i64) {
        self.unread.update(|unread| {
            let count = unread
                .iter()
                .find(|unread| &unread.from == from)
                .map_or(0, |unread| unread.count);
            let count = change(count).max(0);
            unread.retain(|unread| &unread.from != from);
            if count > 0 {
                unread.push(Unread {
                    from: from.clone(),
                    count,
                });
            }
        });
    }

    /// Whether the user holds the permission. Tracked.
    pub fn holds(&self, permission: Permission) -> bool {
        self.me.with(|me| me.holds(permission))
    }

    /// What others see of somebody; offline while unknown. Tracked.
    pub fn presence_of(&self, user: &UserId) -> Presence {
        self.people.with(|people| {
            people
                .iter()
                .find(|person| &person.id == user)
                .map_or(Presence::Offline, |person| person.presence)
        })
    }

    /// A number that was not used before in this tab.
    pub fn next(&self) -> u64 {
        self.counter.update_value(|counter| *counter += 1);
        self.counter.get_value()
    }
}
