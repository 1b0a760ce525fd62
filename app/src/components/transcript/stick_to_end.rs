//! A log that stays at its end while it grows, unless somebody scrolled up, and that notices what was seen of it.

use leptos::html;
use leptos::prelude::*;
use shared::notice::Notice;
use shared::transcript::{Author, Entry, EntryBody};

use crate::components::resize::use_resize;
use crate::live::ConversationView;
use crate::state::{SessionState, use_session};

/// So close to the end, in CSS pixels, counts as at the end.
const END: i32 = 48;
/// So close to the top the page before is loaded.
const TOP: i32 = 160;

/// The numbers of the first and the last entry; 0 when there is none.
pub(super) type Ends = (i64, i64);

/// Where a log stands. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct StickToEnd {
    /// The log's element.
    pub(super) node: NodeRef<html::Div>,
    /// What it begins and ends with.
    pub(super) ends: Memo<Ends>,
    /// Whether something was said below what is visible.
    pub(super) below: RwSignal<bool>,
    /// How much of it others said.
    pub(super) news: RwSignal<i64>,
    view: ConversationView,
    at_end: StoredValue<bool>,
    /// From the end of the content to the top of what is visible: older pages do not change it.
    from_end: StoredValue<i32>,
    /// How far it was scrolled when it was last measured.
    top: StoredValue<i32>,
    /// Is set to the number of the last entry that was on screen while somebody could look at it.
    seen: Option<RwSignal<i64>>,
    session: SessionState,
}

/// Keeps the log of a conversation at its end.
pub(super) fn use_stick_to_end(view: ConversationView, seen: Option<RwSignal<i64>>) -> StickToEnd {
    let session = use_session();
    let log = StickToEnd {
        node: NodeRef::new(),
        ends: Memo::new(move |_| {
            view.entries.with(|entries| {
                let seq = |entry: Option<&Entry>| entry.map_or(0, |entry| entry.seq);
                (seq(entries.first()), seq(entries.last()))
            })
        }),
        below: RwSignal::new(false),
        news: RwSignal::new(0),
        view,
        at_end: StoredValue::new(true),
        from_end: StoredValue::new(0),
        top: StoredValue::new(0),
        seen,
        session,
    };
    Effect::new(move |before: Option<Ends>| {
        let now = log.ends.get();
        // The entries are in the page by the next frame, not yet now.
        request_animation_frame(move || log.grown(before.unwrap_or_default(), now));
        now
    });
    // What lies over the page comes and goes with the next frame.
    Effect::new(move || {
        session.covers.track();
        request_animation_frame(move || log.mark_seen());
    });
    on_cleanup(move || {
        if seen.is_some() {
            session.covered.try_set(false);
        }
    });
    // A reader who was at the end stays there.
    let resized = move |()| {
        if log.is_at_end() {
            log.to_end();
        }
    };
    use_resize(log.node, Callback::new(resized));
    Effect::new(move || {
        let shown = window_event_listener_untyped("visibilitychange", move |_| log.mark_seen());
        on_cleanup(move || shown.remove());
    });
    log
}

impl StickToEnd {
    fn element(self) -> Option<web_sys::HtmlDivElement> {
        self.node.try_get_untracked().flatten()
    }

    /// Somebody came for something else than the end.
    pub(super) fn leave_end(self) {
        self.at_end.set_value(false);
    }

    /// What is there is not new.
    pub(super) fn forget_news(self) {
        self.news.try_set(0);
    }

    fn is_at_end(self) -> bool {
        self.at_end.try_get_value() == Some(true)
    }

    /// Goes to the end and stays there.
    pub(super) fn to_end(self) {
        if let Some(log) = self.element() {
            log.set_scroll_top(log.scroll_height());
            self.top.try_set_value(log.scroll_top());
            self.at_end.try_set_value(true);
            self.nothing_below();
            self.mark_seen();
        }
    }

    /// Somebody or something scrolled. Answers whether the page before is wanted.
    pub(super) fn scrolled(self) -> bool {
        let Some(log) = self.element() else {
            return false;
        };
        let distance = log.scroll_height() - log.scroll_top();
        self.from_end.set_value(distance);
        // The event comes a frame after the scrolling. More may have been said meanwhile, and only who goes up leaves the
        // end.
        let up = log.scroll_top() < self.top.get_value();
        self.top.set_value(log.scroll_top());
        let end = distance - log.client_height() <= END || (self.at_end.get_value() && !up);
        self.at_end.set_value(end);
        if end {
            self.nothing_below();
            self.mark_seen();
        }
        log.scroll_top() < TOP
    }

    /// Entries were added at its beginning or at its end, or both.
    fn grown(self, before: Ends, now: Ends) {
        if self.is_at_end() {
            self.to_end();
        } else if now.0 < before.0
            && let Some(log) = self.element()
        {
            log.set_scroll_top(log.scroll_height() - self.from_end.get_value());
        } else if now.1 > before.1 {
            self.below.try_set(true);
            let news = self.said_by_others(before.1);
            self.news.try_update(|count| *count += news);
            self.mark_seen();
        }
    }

    fn nothing_below(self) {
        self.below.try_set(false);
        self.news.try_set(0);
    }

    /// How many messages behind an entry are not the viewer's own.
    fn said_by_others(self, after: i64) -> i64 {
        let Some((me, name)) = self
            .session
            .me
            .try_with_untracked(|me| (me.id.clone(), me.name.clone()))
        else {
            return 0;
        };
        let is_agent = self.view.workitem.try_with_untracked(|workitem| {
            workitem.agent.as_ref().is_some_and(|agent| agent.id == me)
        });
        let own = |entry: &Entry| match &entry.body {
            EntryBody::Message {
                author, name: by, ..
            } => match author {
                Author::Customer => false,
                Author::Agent => is_agent == Some(true),
                Author::Supervisor => by == &name,
            },
            EntryBody::Coaching {
                supervisor: author, ..
            }
            | EntryBody::CoachingReply { agent: author, .. } => author == &me,
            EntryBody::Notice(Notice::Note { author, .. }) => author.as_ref() == Some(&me),
            // What happened is no message.
            _ => true,
        };
        let count = self.view.entries.try_with_untracked(|entries| {
            let new = entries.iter().rev().take_while(|entry| entry.seq > after);
            new.filter(|entry| !own(entry)).count()
        });
        count.unwrap_or_default() as i64
    }

    /// Notes that what is on screen was seen, if somebody can look at it.
    fn mark_seen(self) {
        let (Some(seen), Some(log)) = (self.seen, self.element()) else {
            return;
        };
        let covered = is_covered(&log);
        if self.session.covered.try_get_untracked() != Some(covered) {
            self.session.covered.try_set(covered);
        }
        let visible = document().visibility_state() == web_sys::VisibilityState::Visible;
        if visible
            && !covered
            && self.is_at_end()
            && let Some((_, last)) = self.ends.try_get_untracked()
            && seen.try_get_untracked().is_some_and(|seen| seen < last)
        {
            seen.set(last);
        }
    }
}

/// Whether a window lies over the middle of the log.
fn is_covered(log: &web_sys::Element) -> bool {
    let place = log.get_bounding_client_rect();
    let x = place.left() + place.width() / 2.0;
    let y = place.top() + place.height() / 2.0;
    document()
        .element_from_point(x as f32, y as f32)
        .and_then(|top| top.closest("dialog, [role=dialog]").ok().flatten())
        .is_some()
}
