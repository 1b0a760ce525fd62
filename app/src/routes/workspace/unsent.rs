//! What the agent wrote in a workitem that is theirs no more: it was not sent, and must not be lost.

use shared::ids::WorkitemId;

use crate::components::NavLink;
use crate::components::outgoing::{CopyButton, OutgoingLines};
use crate::drafts::{DraftNames, use_draft};
use crate::outbox::{Destination, use_outbox};
use crate::prelude::*;
use crate::state::use_desk;

/// What was written in one workitem, to be read, copied and discarded.
#[component]
pub fn UnsentHere(workitem: WorkitemId) -> impl IntoView {
    let to = Destination::Customer(workitem);
    let draft = use_draft(to.name());
    let (outbox, lane) = (use_outbox(), to.clone());
    let empty = Memo::new(move |_| draft.with(String::is_empty));
    let nothing = move || empty.get() && !outbox.waits_for(&lane);
    view! {
        <section class="unsent" aria-labelledby="unsent-title" hidden=move || nothing()>
            <h3 class="unsent__title" id="unsent-title">"What you wrote here was not sent"</h3>
            <OutgoingLines to=to />
            {move || (!empty.get()).then(|| view! {
                <div class="outgoing">
                    <p class="outgoing__text">{move || draft.get()}</p>
                    <p class="outgoing__state">"Draft"</p>
                    <CopyButton text=Callback::new(move |()| draft.get_untracked()) />
                    <button
                        type="button"
                        class="button button--quiet"
                        on:click=move |_| draft.set(String::new())
                    >
                        "Discard"
                    </button>
                </div>
            })}
        </section>
    }
}

/// Links to what was written in workitems that are not in the list any more.
#[component]
pub fn UnsentElsewhere() -> impl IntoView {
    let (outbox, drafts) = (use_outbox(), use_context::<DraftNames>());
    let worklist = use_desk().worklist;
    let gone = move |to: &Destination| match to {
        Destination::Customer(id) => worklist.with(|list| {
            let list = list.as_ref()?;
            let listed = list.workitems.iter().any(|workitem| &workitem.id == id);
            (!listed).then(|| id.clone())
        }),
        _ => None,
    };
    // Each workitem once, with what was written last.
    let lanes = Memo::new(move |_| {
        let mut lanes: Vec<(WorkitemId, &'static str, String)> = Vec::new();
        for entry in outbox.every() {
            if let Some(id) = gone(&entry.to) {
                lanes.retain(|(lane, ..)| lane != &id);
                lanes.push((id, "Not sent", entry.text));
            }
        }
        let names = drafts.map(DraftNames::every).unwrap_or_default();
        for to in names.iter().filter_map(|name| Destination::named(name)) {
            if let Some(id) = gone(&to).filter(|id| lanes.iter().all(|(lane, ..)| lane != id)) {
                lanes.push((id, "Draft", String::new()));
            }
        }
        lanes
    });
    let line = Memo::new(move |_| {
        let waiting = outbox.every();
        match waiting
            .iter()
            .filter(|entry| gone(&entry.to).is_some())
            .count()
        {
            0 => "Drafts for workitems that are not yours any more".to_owned(),
            1 => "1 message not sent".to_owned(),
            count => format!("{count} messages not sent"),
        }
    });
    move || {
        (!lanes.with(Vec::is_empty)).then(|| {
            view! {
                <section class="unsent-elsewhere" aria-labelledby="unsent-elsewhere">
                    <h2 class="workspace__title" id="unsent-elsewhere">{move || line.get()}</h2>
                    <ul class="worklist">
                        <For each=move || lanes.get() key=|lane| lane.clone() let:lane>
                            <Lane workitem=lane.0 mark=lane.1 text=lane.2 />
                        </For>
                    </ul>
                </section>
            }
        })
    }
}

#[component]
fn Lane(workitem: WorkitemId, mark: &'static str, text: String) -> impl IntoView {
    view! {
        <li class="worklist__item">
            <NavLink href=format!("/workspace/{workitem}") class="worklist__link">
                <span class="worklist__subject">"A workitem that is not yours any more"</span>
                <span class="worklist__preview">{text}</span>
                <span class="badge worklist__unsent">{mark}</span>
            </NavLink>
        </li>
    }
}
