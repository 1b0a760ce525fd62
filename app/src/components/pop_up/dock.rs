//! What stands in the dock. On the Watch wall, where several conversations are followed at once, it is a strip of one height that is
//! always there, so that no pop-up moves or covers any of them. One pop-up stands in it, as a row; its user unfolds it, or lists all.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, HtmlElement};
use leptos_router::hooks::use_location;
use send_wrapper::SendWrapper;
use shared::ids::WorkitemId;

use super::coaching::{CoachingPopUp, coaching_notices};
use super::order::by_need;
use crate::components::focus::focus_next;
use crate::components::hold::{Hold, kept};
use crate::paths::WATCH;
use crate::state::{SessionState, Unfolded};

/// How many are listed at once; the others wait behind a button.
const SHOWN: usize = 5;

/// How long the focus is elsewhere when the row folds: what is pressed there does not move away under the pointer.
const LEFT: Duration = Duration::from_millis(300);

/// The one that stands in the strip.
#[derive(Clone, PartialEq)]
enum Front {
    /// A pop-up with this id.
    Card(u64),
    /// A notice of this workitem.
    Notice(WorkitemId),
}

/// The dock. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct Dock {
    session: SessionState,
    /// Whether it is the strip of the Watch wall.
    pub(super) at_wall: Memo<bool>,
    /// Whether all are listed.
    every: RwSignal<bool>,
    /// Whether somebody points at it or has the focus in it.
    pub(super) hold: Hold,
    /// All notices of coaching, replies and alerts.
    pub(super) coaching: Memo<Vec<CoachingPopUp>>,
    /// Those that are shown.
    pub(super) notices: Memo<Vec<CoachingPopUp>>,
    /// The pop-ups that are shown.
    pub(super) cards: Memo<Vec<u64>>,
    /// The one that is unfolded.
    pub(super) unfolded: Memo<Option<u64>>,
    /// How many are not shown.
    pub(super) more: Memo<usize>,
    /// Whether there is nothing to show.
    pub(super) empty: Memo<bool>,
    /// Whether its user had all listed in the strip.
    pub(super) opened: Memo<bool>,
    /// Whether the button makes the strip as it was: it lists all, or the only one is unfolded.
    pub(super) closes: Memo<bool>,
    /// What had the focus before the dock.
    came_from: StoredValue<Option<SendWrapper<HtmlElement>>>,
}

impl Dock {
    pub(super) fn new(session: SessionState) -> Self {
        let path = use_location().pathname;
        let at_wall = Memo::new(move |_| path.with(|path| path == WATCH));
        let (every, hold) = (RwSignal::new(false), Hold::default());
        let coaching = coaching_notices(session);
        let listed = use_listed(session, at_wall, hold);
        let unfolded = Memo::new(move |_| {
            let (chosen, at_wall) = (session.unfolded.get(), at_wall.get());
            listed.with(|listed| match chosen {
                Unfolded::Card(id) if listed.contains(&id) => Some(id),
                Unfolded::Nothing => None,
                _ => listed.first().copied().filter(|_| !at_wall),
            })
        });
        let strip = Memo::new(move |_| at_wall.get() && !every.get());
        let front = use_front((listed, coaching), unfolded, hold);
        let cards = Memo::new(move |_| {
            if strip.get() {
                let front = front.get();
                return listed.with(|listed| {
                    let is_front = |id: &&u64| front == Some(Front::Card(**id));
                    listed.iter().filter(is_front).copied().collect::<Vec<_>>()
                });
            }
            let mut shown = listed.get();
            if !every.get() {
                shown.truncate(SHOWN);
            }
            shown
        });
        let notices = Memo::new(move |_| {
            if !strip.get() {
                return coaching.get();
            }
            let front = front.get();
            coaching.with(|coaching| {
                let is_front =
                    |notice: &&CoachingPopUp| front == Some(Front::Notice(notice.workitem.clone()));
                coaching
                    .iter()
                    .find(is_front)
                    .cloned()
                    .into_iter()
                    .collect()
            })
        });
        let all = Memo::new(move |_| listed.with(Vec::len) + coaching.with(Vec::len));
        let more = Memo::new(move |_| all.get() - cards.with(Vec::len) - notices.with(Vec::len));
        let opened = Memo::new(move |_| {
            let every = every.get();
            at_wall.get() && every
        });
        let dock = Self {
            session,
            at_wall,
            every,
            hold,
            coaching,
            notices,
            cards,
            unfolded,
            more,
            empty: Memo::new(move |_| all.get() == 0),
            opened,
            closes: Memo::new(move |_| {
                let (opened, more) = (opened.get(), more.get());
                let alone = unfolded.get().is_some() && more == 0;
                opened || (at_wall.get() && alone)
            }),
            came_from: StoredValue::new(None),
        };
        dock.note_way_in();
        close_when_few(at_wall, every, listed);
        fold_when_left(session, at_wall);
        unfold_when_empty(session, listed);
        dock.close_on_escape();
        dock
    }

    /// How it is drawn.
    pub(super) fn class(self) -> Memo<&'static str> {
        Memo::new(move |_| {
            let (opened, empty) = (self.opened.get(), self.empty.get());
            let unfolded = self.unfolded.get().is_some();
            match self.at_wall.get() {
                true if opened => "pop-ups pop-ups--wall pop-ups--opened",
                true if unfolded => "pop-ups pop-ups--wall pop-ups--unfolded",
                true => "pop-ups pop-ups--wall pop-ups--strip",
                false if empty => "pop-ups pop-ups--empty",
                false => "pop-ups",
            }
        })
    }

    /// Whether it says that there is nothing to show.
    pub(super) fn says_nothing(self) -> bool {
        let empty = self.empty.get();
        self.at_wall.get() && empty
    }

    /// What the button that lists all says to a screen reader, where it is one that closes them too.
    pub(super) fn expanded(self) -> Option<String> {
        let closes = self.closes.get();
        self.at_wall.get().then(|| closes.to_string())
    }

    /// Lists all, or makes the strip as it was.
    pub(super) fn toggle(self) {
        let closes = self.closes.get_untracked();
        self.every.set(!closes);
        if closes {
            self.session.unfolded.set(Unfolded::First);
        }
    }

    /// What had the focus before the dock, or else the page.
    pub(super) fn outside(self) -> Option<HtmlElement> {
        let before = self.came_from.get_value().map(SendWrapper::take);
        let before = before.filter(|before| before.is_connected());
        before.or_else(|| {
            let main = document().get_element_by_id("main");
            main.and_then(|main| main.dyn_into().ok())
        })
    }

    fn note_way_in(self) {
        Effect::new(move || {
            let entered = window_event_listener(ev::focusin, move |event| {
                let before = event.related_target();
                let before = before.and_then(|before| before.dyn_into::<HtmlElement>().ok());
                if let Some(before) = before.filter(|before| is_in_dock() && !is_of_dock(before)) {
                    self.came_from.set_value(Some(SendWrapper::new(before)));
                }
            });
            on_cleanup(move || entered.remove());
        });
    }

    /// Folds the one that is unfolded, and unfolds no other instead.
    pub(super) fn fold(self) {
        let folded = match self.at_wall.get_untracked() {
            true => Unfolded::First,
            false => Unfolded::Nothing,
        };
        self.session.unfolded.set(folded);
    }

    /// Escape closes the list of the strip, and its button has the focus. What has a use of its own for the key comes first.
    fn close_on_escape(self) {
        Effect::new(move || {
            if !self.opened.get() {
                return;
            }
            let pressed = window_event_listener(ev::keydown, move |event| {
                if event.key() != "Escape" || event.default_prevented() || !is_in_dock() {
                    return;
                }
                event.prevent_default();
                self.toggle();
                focus_next(".pop-ups__more".to_owned());
            });
            on_cleanup(move || pressed.remove());
        });
    }
}

/// The pop-ups, oldest first, on the Watch wall those first that nobody sees to; there they keep their places while somebody points at one
/// or has the focus there. A raised hand waits behind the open conversation with its agent, which shows it and answers it.
fn use_listed(session: SessionState, at_wall: Memo<bool>, hold: Hold) -> Memo<Vec<u64>> {
    Memo::new(move |before: Option<&Vec<u64>>| {
        let partner = session.directory.get().flatten();
        let (at_wall, held) = (at_wall.get(), hold.get());
        let next = session.pop_ups.with(|pop_ups| {
            let shown = pop_ups
                .iter()
                .filter(|pop_up| Some(&pop_up.message.from.id) != partner.as_ref());
            match at_wall {
                true => by_need(shown),
                false => shown.map(|pop_up| pop_up.id).collect::<Vec<_>>(),
            }
        });
        match before {
            Some(before) if at_wall && held => kept(before, &next.clone(), next),
            _ => next,
        }
    })
}

/// What was folded does not matter to what comes once all have gone.
fn unfold_when_empty(session: SessionState, listed: Memo<Vec<u64>>) {
    Effect::new(move || {
        let folded = session.unfolded.get() == Unfolded::Nothing;
        if listed.with(Vec::is_empty) && folded {
            session.unfolded.set(Unfolded::First);
        }
    });
}

/// All are listed no longer once there is room for them, and from page to page. The strip stays as its user made it.
fn close_when_few(at_wall: Memo<bool>, every: RwSignal<bool>, listed: Memo<Vec<u64>>) {
    Effect::new(move |before: Option<bool>| {
        let now = at_wall.get();
        let few = listed.with(|listed| listed.len() <= SHOWN);
        if before != Some(now) || (few && !now) {
            every.set(false);
        }
        now
    });
}

/// On the Watch wall the row that its user unfolded folds when the focus goes elsewhere.
fn fold_when_left(session: SessionState, at_wall: Memo<bool>) {
    Effect::new(move || {
        let (at_wall, unfolded) = (at_wall.get(), session.unfolded.get());
        if !at_wall || !matches!(unfolded, Unfolded::Card(_)) {
            return;
        }
        let fold = move || {
            if !is_in_dock() && session.unfolded.get_untracked() == unfolded {
                session.unfolded.set(Unfolded::First);
            }
        };
        let elsewhere = window_event_listener(ev::focusin, move |_| {
            if !is_in_dock() {
                set_timeout(fold, LEFT);
            }
        });
        on_cleanup(move || elsewhere.remove());
    });
}

/// Whether something of the dock has the focus.
fn is_in_dock() -> bool {
    let focused = document().active_element();
    focused.is_some_and(|focused| is_of_dock(&focused))
}

fn is_of_dock(element: &Element) -> bool {
    matches!(element.closest(".pop-ups"), Ok(Some(_)))
}

/// What stands in the strip: the one that is unfolded, or that somebody points at; else the first of the list.
fn use_front(
    (listed, coaching): (Memo<Vec<u64>>, Memo<Vec<CoachingPopUp>>),
    unfolded: Memo<Option<u64>>,
    hold: Hold,
) -> Memo<Option<Front>> {
    Memo::new(move |before: Option<&Option<Front>>| {
        let (held, unfolded) = (hold.get(), unfolded.get());
        let (listed, coaching) = (listed.get(), coaching.get());
        let there = |front: &Front| match front {
            Front::Card(id) => listed.contains(id),
            Front::Notice(workitem) => coaching.iter().any(|notice| notice.workitem == *workitem),
        };
        let before = before.cloned().flatten().filter(|_| held);
        let kept = unfolded.map(Front::Card).or(before).filter(there);
        let first = listed.first().copied();
        let notice = || {
            coaching
                .first()
                .map(|notice| Front::Notice(notice.workitem.clone()))
        };
        kept.or_else(|| first.map(Front::Card).or_else(notice))
    })
}
