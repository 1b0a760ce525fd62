//! What stands in the dock. On the Watch wall, where several conversations are followed at once, it is a strip of one height that is
//! always there, so that no pop-up moves or covers any of them. One pop-up stands in it, as a row; its user unfolds it, or lists all.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared::ids::WorkitemId;

use super::coaching::{CoachingPopUp, coaching_notices};
use crate::components::hold::Hold;
use crate::paths::WATCH;
use crate::state::{PopUp, SessionState};

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
    at_wall: Memo<bool>,
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
    /// Whether the strip was made larger by its user.
    pub(super) opened: Memo<bool>,
}

impl Dock {
    pub(super) fn new(session: SessionState) -> Self {
        let path = use_location().pathname;
        let at_wall = Memo::new(move |_| path.with(|path| path == WATCH));
        let (every, hold) = (RwSignal::new(false), Hold::default());
        let (listed, coaching) = (use_listed(session), coaching_notices(session));
        let unfolded = Memo::new(move |_| {
            let (chosen, at_wall) = (session.unfolded.get(), at_wall.get());
            listed.with(|listed| {
                let chosen = chosen.filter(|chosen| listed.contains(chosen));
                chosen.or_else(|| listed.first().copied().filter(|_| !at_wall))
            })
        });
        let strip = Memo::new(move |_| at_wall.get() && !every.get());
        let front = use_front(session, (listed, coaching), unfolded, hold);
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
        close_when_few(at_wall, every, listed);
        fold_when_left(session, at_wall);
        Self {
            session,
            at_wall,
            every,
            hold,
            coaching,
            notices,
            cards,
            unfolded,
            more: Memo::new(move |_| all.get() - cards.with(Vec::len) - notices.with(Vec::len)),
            empty: Memo::new(move |_| all.get() == 0),
            opened: Memo::new(move |_| {
                let (every, unfolded) = (every.get(), unfolded.get());
                at_wall.get() && (every || unfolded.is_some())
            }),
        }
    }

    /// How it is drawn.
    pub(super) fn class(self) -> Memo<&'static str> {
        Memo::new(move |_| {
            let (opened, empty) = (self.opened.get(), self.empty.get());
            match self.at_wall.get() {
                true if opened => "pop-ups pop-ups--wall pop-ups--opened",
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
        let opened = self.opened.get();
        self.at_wall.get().then(|| opened.to_string())
    }

    /// Lists all, or makes the strip as it was.
    pub(super) fn toggle(self) {
        let opened = self.opened.get_untracked();
        self.every.set(!opened);
        if opened {
            self.session.unfolded.set(None);
        }
    }
}

/// The pop-ups, oldest first. A raised hand waits behind the open conversation with its agent, which shows it and answers it.
fn use_listed(session: SessionState) -> Memo<Vec<u64>> {
    Memo::new(move |_| {
        let partner = session.directory.get().flatten();
        session.pop_ups.with(|pop_ups| {
            pop_ups
                .iter()
                .filter(|pop_up| Some(&pop_up.message.from.id) != partner.as_ref())
                .map(|pop_up| pop_up.id)
                .collect::<Vec<_>>()
        })
    })
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
        if !at_wall || unfolded.is_none() {
            return;
        }
        let fold = move || {
            if !is_in_dock() && session.unfolded.get_untracked() == unfolded {
                session.unfolded.set(None);
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
    let dock = document()
        .active_element()
        .and_then(|focused| focused.closest(".pop-ups").ok().flatten());
    dock.is_some()
}

/// What stands in the strip: the one that is unfolded, or that somebody points at; of the others the raised hand that waits longest for
/// somebody to claim it.
fn use_front(
    session: SessionState,
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
        let first = session.pop_ups.with(|pop_ups| {
            let listed = pop_ups.iter().filter(|pop_up| listed.contains(&pop_up.id));
            listed
                .min_by_key(|pop_up| is_behind(pop_up))
                .map(|pop_up| pop_up.id)
        });
        let notice = || {
            coaching
                .first()
                .map(|notice| Front::Notice(notice.workitem.clone()))
        };
        kept.or_else(|| first.map(Front::Card).or_else(notice))
    })
}

/// Whether a card comes behind raised hands that nobody has claimed.
fn is_behind(pop_up: &PopUp) -> bool {
    pop_up.open_request().is_none() || pop_up.claimed_by.is_some()
}
