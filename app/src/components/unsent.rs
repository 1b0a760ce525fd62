//! What staff wrote in a workitem that is out of their reach by now: it was not sent, and must not be lost.

use leptos::prelude::*;
use leptos_router::components::A;

use super::outgoing::{CopyButton, OutgoingLines};
use crate::drafts::{DraftNames, use_draft};
use crate::language::label;
use crate::outbox::{Destination, Unsent, use_outbox};

/// What was written under a name, for its destination if it has one, to be read, copied and discarded.
#[component]
pub fn UnsentHere(#[prop(into)] name: String) -> impl IntoView {
    // A page may show what was written for several.
    let title = ["unsent-", &name.replace('/', "-")].concat();
    let to = Destination::named(&name);
    let draft = use_draft(name);
    let (outbox, lane) = (use_outbox(), to.clone());
    let empty = Memo::new(move |_| draft.with(String::is_empty));
    let nothing = move || empty.get() && !lane.as_ref().is_some_and(|lane| outbox.waits_for(lane));
    view! {
        <section class="unsent" aria-labelledby=title hidden=nothing>
            <h3 class="unsent__title" id=title.clone()>{t!(outbox.here)}</h3>
            {to.map(|to| view! { <OutgoingLines to /> }.into_any())}
            {move || (!empty.get()).then(|| view! {
                <div class="outgoing">
                    <p class="outgoing__text" dir="auto">{move || draft.get()}</p>
                    <p class="outgoing__state">{t!(common.draft)}</p>
                    <CopyButton text=Callback::new(move |()| draft.get_untracked()) />
                    <button
                        type="button"
                        class="button button--quiet"
                        on:click=move |_| draft.set(String::new())
                    >
                        {t!(common.discard)}
                    </button>
                </div>
            }.into_any())}
        </section>
    }
}

/// Links to what was written for the destinations of which `reach` answers the address.
#[component]
pub fn UnsentElsewhere(
    reach: Callback<Destination, Option<String>>,
    /// What a link is called.
    name: &'static str,
) -> impl IntoView {
    let (outbox, drafts) = (use_outbox(), use_context::<DraftNames>());
    // Each once, with what was written last.
    let lanes = Memo::new(move |_| {
        let mut lanes: Vec<(String, Unsent, String)> = Vec::new();
        for entry in outbox.every() {
            let shown = entry.shown();
            if let Some(href) = reach.run(entry.to) {
                lanes.retain(|(lane, ..)| lane != &href);
                lanes.push((href, Unsent::Failed, shown));
            }
        }
        let names = drafts.map(DraftNames::every).unwrap_or_default();
        for to in names.iter().filter_map(|name| Destination::beside(name)) {
            if let Some(href) = reach.run(to)
                && lanes.iter().all(|(lane, ..)| lane != &href)
            {
                lanes.push((href, Unsent::Draft, String::new()));
            }
        }
        lanes
    });
    let title = Memo::new(move |_| {
        let waiting = outbox.every().into_iter();
        match waiting
            .filter(|entry| reach.run(entry.to.clone()).is_some())
            .count()
        {
            0 => t!(outbox.not_finished).to_owned(),
            count => t!(outbox.elsewhere, count = count),
        }
    });
    move || {
        (!lanes.with(Vec::is_empty)).then(|| {
            view! {
                <section class="unsent-elsewhere" aria-labelledby="unsent-elsewhere">
                    <h2 class="workspace__title" id="unsent-elsewhere">{move || title.get()}</h2>
                    <ul class="worklist">
                        <For each=move || lanes.get() key=|lane| lane.clone() let:lane>
                            <Lane href=lane.0 mark=lane.1 text=lane.2 name=name />
                        </For>
                    </ul>
                </section>
            }
            .into_any()
        })
    }
}

#[component]
fn Lane(href: String, mark: Unsent, text: String, name: &'static str) -> impl IntoView {
    view! {
        <li class="worklist__item">
            <A href=href attr:class="worklist__link">
                <span class="worklist__subject">{name}</span>
                <span class="worklist__preview" dir="auto">{text}</span>
                <span class="badge worklist__unsent">{label(mark)}</span>
            </A>
        </li>
    }
}
