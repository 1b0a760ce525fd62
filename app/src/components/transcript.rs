//! A conversation as a log, which loads older pages at its top. It never changes an entry: what an agent can do with
//! one stands in `transcript_entry`.

mod found;
mod marks;
pub(super) mod runs;
mod stick_to_end;

use leptos::prelude::*;
use shared::erasure::ERASED;

use self::found::use_found;
use self::marks::{Line, day_mark, unread_mark, use_lines};
use self::runs::Runs;
use self::stick_to_end::use_stick_to_end;
use super::print::use_print_keys;
use super::transcript_entry::EntryLine;
use super::{Icon, use_quiet};
use crate::language::number;
use crate::live::ConversationView;
use crate::state::use_session;

/// The entries of a conversation, in order, announced as they come.
#[component]
pub fn Transcript(
    /// Which.
    view: ConversationView,
    /// Whether the viewer is the agent, who reacts to coaching and forwards it.
    #[prop(optional)]
    agent_tools: bool,
    /// Set to the number of the last entry once it is on screen and somebody can look at it.
    #[prop(optional, into)]
    seen: Option<RwSignal<i64>>,
    /// Whether there are others on the page, so that no key prints this one.
    #[prop(optional)]
    beside_others: bool,
) -> impl IntoView {
    let log = use_stick_to_end(view, seen);
    let found = use_found(view, log);
    let live = use_quiet(view.loading.into());
    let directory = use_session().directory;
    let more = Signal::derive(move || {
        view.older.get() && directory.with(|open| !matches!(open, Some(Some(_))))
    });
    if !beside_others {
        use_print_keys(more, Callback::new(move |()| view.print_all()));
    }
    let runs = Runs::of(view);
    // The words of an entry never change but once: when its customer is erased.
    let erased = Memo::new(move |_| view.workitem.with(|workitem| workitem.customer == ERASED));
    let lines = use_lines(view, agent_tools, erased);
    // What was there at first and what came since is always laid out: the end of the log must be where it says.
    let first = log.ends.get_untracked().0;
    let line = move |line: Line| {
        let seq = match line {
            Line::Day(day) => return Some(day_mark(day)),
            Line::Unread => return Some(unread_mark()),
            Line::Entry(seq, ..) => seq,
        };
        let entry = view.entries.with_untracked(|entries| {
            entries
                .binary_search_by_key(&seq, |entry| entry.seq)
                .ok()
                .map(|at| entries[at].clone())
        });
        entry.map(|entry| {
            let older = entry.seq < first;
            let found = found == Some(entry.seq);
            view! { <EntryLine view runs entry agent_tools older found /> }.into_any()
        })
    };
    view! {
        <div class="transcript">
            <div
                node_ref=log.node
                class="transcript__log"
                role="log"
                aria-label=t!(common.conversation)
                aria-live=live
                tabindex="0"
                on:scroll=move |_| {
                    if log.scrolled() {
                        view.load_older();
                    }
                }
            >
                {move || view.older.get().then(|| view! { <LoadOlder view /> }.into_any())}
                {move || (log.ends.get().1 == 0).then(|| view! {
                    <p class="transcript__empty">{t!(transcript.empty)}</p>
                }.into_any())}
                <For each=lines key=|line| *line children=line />
            </div>
            {move || log.below.get().then(|| view! {
                <button type="button" class="button transcript__jump" on:click=move |_| log.to_end()>
                    <Icon name="arrow-down" />
                    {move || match log.news.get() {
                        0 => t!(transcript.newest).to_owned(),
                        news => t!(transcript.news, number = number(news)),
                    }}
                </button>
            }.into_any())}
        </div>
    }
}

#[component]
fn LoadOlder(view: ConversationView) -> impl IntoView {
    view! {
        <div class="transcript__older">
            <button
                type="button"
                class="button button--quiet"
                disabled=move || view.loading.get()
                on:click=move |_| view.load_older()
            >
                {move || if view.loading.get() { t!(common.loading_more) } else { t!(transcript.older) }}
            </button>
            <button type="button" class="button button--quiet transcript__print" on:click=move |_| view.print_all()>
                {t!(transcript.print)}
            </button>
        </div>
    }
}
