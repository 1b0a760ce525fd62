//! A conversation as a log: stays at its end while it grows, unless somebody scrolled up; loads older pages at
//! its top. It never changes an entry: what an agent can do with one stands in `transcript_entry`.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use shared::transcript::Entry;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

use super::Icon;
use super::transcript_entry::EntryLine;
use crate::live::ConversationView;
use crate::state::use_desk;

/// So close to the end, in CSS pixels, counts as at the end.
const END: i32 = 48;
/// So close to the top the page before is loaded.
const TOP: i32 = 160;

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

/// The entries of a conversation, in order, announced as they come.
#[component]
pub fn Transcript(
    /// Which.
    view: ConversationView,
    /// Whether the viewer is the agent, who reacts to coaching and forwards it.
    #[prop(optional)]
    agent_tools: bool,
    /// Told the number of the last entry once it is on screen and somebody can look at it.
    #[prop(optional, into)]
    seen: Option<RwSignal<i64>>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let at_end = StoredValue::new(true);
    // From the end of the content to the top of what is visible: older pages do not change it.
    let from_end = StoredValue::new(0);
    // Where the log stood when it was last looked at.
    let top = StoredValue::new(0);
    let below = RwSignal::new(false);
    let ends = Memo::new(move |_| {
        view.entries.with(|entries| {
            let seq = |entry: Option<&Entry>| entry.map_or(0, |entry| entry.seq);
            (seq(entries.first()), seq(entries.last()))
        })
    });

    let desk = use_desk();
    let look = move || {
        let Some(seen) = seen else { return };
        let Some(log) = node.try_get_untracked().flatten() else {
            return;
        };
        let covered = is_covered(&log);
        if desk.covered.try_get_untracked() != Some(covered) {
            desk.covered.try_set(covered);
        }
        let visible = document().visibility_state() == web_sys::VisibilityState::Visible;
        if visible
            && !covered
            && at_end.try_get_value() == Some(true)
            && let Some((_, last)) = ends.try_get_untracked()
            && seen.try_get_untracked().is_some_and(|seen| seen < last)
        {
            seen.set(last);
        }
    };
    let to_end = move || {
        if let Some(log) = node.try_get_untracked().flatten() {
            log.set_scroll_top(log.scroll_height());
            top.try_set_value(log.scroll_top());
            at_end.try_set_value(true);
            below.try_set(false);
            look();
        }
    };
    let scrolled = move |_: ev::Event| {
        let Some(log) = node.get_untracked() else {
            return;
        };
        let distance = log.scroll_height() - log.scroll_top();
        from_end.set_value(distance);
        // The event comes a frame after the scrolling. More may have been said meanwhile, and only who goes up leaves the
        // end.
        let up = log.scroll_top() < top.get_value();
        top.set_value(log.scroll_top());
        let end = distance - log.client_height() <= END || (at_end.get_value() && !up);
        at_end.set_value(end);
        if end {
            below.set(false);
            look();
        }
        if log.scroll_top() < TOP {
            view.load_older();
        }
    };

    Effect::new(move |before: Option<(i64, i64)>| {
        let now = ends.get();
        let before = before.unwrap_or_default();
        // The entries are in the page by the next frame, not yet now.
        request_animation_frame(move || {
            if at_end.try_get_value() == Some(true) {
                to_end();
            } else if now.0 < before.0
                && let Some(log) = node.try_get_untracked().flatten()
            {
                log.set_scroll_top(log.scroll_height() - from_end.get_value());
            } else if now.1 > before.1 {
                below.try_set(true);
                look();
            }
        });
        now
    });
    // What lies over the page comes and goes with the next frame.
    Effect::new(move || {
        desk.covers.track();
        request_animation_frame(look);
    });
    on_cleanup(move || {
        if seen.is_some() {
            desk.covered.try_set(false);
        }
    });
    // What grows below the log takes its room: who was at the end stays there.
    Effect::new(move || {
        let Some(log) = node.get() else { return };
        let resized = Closure::<dyn FnMut()>::new(move || {
            if at_end.try_get_value() == Some(true) {
                to_end();
            }
        });
        let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) else {
            return;
        };
        observer.observe(&log);
        let kept = SendWrapper::new((observer, resized));
        on_cleanup(move || kept.0.disconnect());
    });
    Effect::new(move || {
        let shown = window_event_listener_untyped("visibilitychange", move |_| look());
        on_cleanup(move || shown.remove());
    });

    let keys = move || {
        view.entries.with(|entries| {
            entries
                .iter()
                .map(|entry| (entry.seq, entry.at.0))
                .collect::<Vec<_>>()
        })
    };
    // What was there at first and what came since is always laid out: the end of the log must be where it says.
    let first = ends.get_untracked().0;
    let line = move |(seq, _): (i64, i64)| {
        let entry = view.entries.with_untracked(|entries| {
            entries
                .binary_search_by_key(&seq, |entry| entry.seq)
                .ok()
                .map(|at| entries[at].clone())
        });
        entry.map(|entry| {
            let older = entry.seq < first;
            view! { <EntryLine view=view entry=entry agent_tools=agent_tools older=older /> }
        })
    };

    view! {
        <div class="transcript">
            <div
                node_ref=node
                class="transcript__log"
                role="log"
                aria-label="Conversation"
                aria-live="polite"
                tabindex="0"
                on:scroll=scrolled
            >
                {move || view.older.get().then(|| view! {
                    <button
                        type="button"
                        class="button button--quiet transcript__older"
                        disabled=move || view.loading.get()
                        on:click=move |_| view.load_older()
                    >
                        {move || if view.loading.get() { "Loading…" } else { "Load older entries" }}
                    </button>
                })}
                {move || (ends.get().1 == 0).then(|| view! {
                    <p class="transcript__empty">"Nothing has been said yet."</p>
                })}
                <For each=keys key=|key| *key children=line />
            </div>
            {move || below.get().then(|| view! {
                <button type="button" class="button transcript__jump" on:click=move |_| to_end()>
                    <Icon name="arrow-down" />
                    "Newest"
                </button>
            })}
        </div>
    }
}
