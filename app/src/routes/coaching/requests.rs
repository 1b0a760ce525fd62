//! What the agent asks while a supervisor stands beside them: from this workitem, or from none. *Claim* says who sees to it,
//! coaching answers it, and *Mark handled* settles it without a word.

use leptos::prelude::*;
use shared::workitem::{RaisedHand, Workitem};

use crate::components::request_acts::{
    ClaimButton, RequestAct, RequestActs, claimer, claimer_text,
};
use crate::components::{Icon, Waiting};
use crate::state::use_session;

/// A banner for each request.
#[component]
pub(super) fn Requests(
    workitem: RwSignal<Workitem>,
    hands: RwSignal<Vec<RaisedHand>>,
) -> impl IntoView {
    let shown = Memo::new(move |_| {
        let id = workitem.with(|workitem| workitem.id.clone());
        hands.with(|hands| {
            let here = |hand: &&RaisedHand| hand.workitem.as_ref().is_none_or(|of| *of == id);
            hands.iter().filter(here).cloned().collect::<Vec<_>>()
        })
    });
    let name = Memo::new(move |_| {
        workitem.with(|workitem| workitem.agent.as_ref().map(|agent| agent.name.clone()))
    });
    view! {
        <div class="coaching__requests" role="status">
            <For each=move || shown.get() key=|hand| hand.request.clone() let:hand>
                <Request name hands hand />
            </For>
        </div>
    }
}

#[component]
fn Request(
    name: Memo<Option<String>>,
    hands: RwSignal<Vec<RaisedHand>>,
    hand: RaisedHand,
) -> impl IntoView {
    let session = use_session();
    let acts = RequestActs::new(hand.request.clone());
    let request = hand.request;
    let by = Memo::new(move |_| hands.with(|hands| claimer(hands, &request)));
    let elsewhere = move || {
        let by = by.get();
        by.is_some_and(|by| session.me.with(|me| me.id != by.id))
    };
    let whose = Signal::derive(move || name.get().unwrap_or_default());
    view! {
        <div class="notice notice--warn coaching__request">
            <Icon name="hand" />
            // On a phone it scrolls in its own box, from the keyboard too.
            <span class="coaching__asks" tabindex="0">
                <strong>
                    {move || match name.get() {
                        Some(name) => t!(coaching.asks, name = name),
                        None => t!(coaching.asks_nobody).to_owned(),
                    }}
                    " "
                </strong>
                <bdi>{hand.text}</bdi>
                {move || by.get().map(|by| view! {
                    <span class="coaching__has">" "{claimer_text(session, &by)}</span>
                }.into_any())}
            </span>
            <span class="coaching__since"><Waiting since=Signal::stored(Some(hand.at)) /></span>
            <ClaimButton acts by name=whose />
            <button
                type="button"
                class="button"
                hidden=elsewhere
                aria-disabled=move || acts.busy.get().to_string()
                on:click=move |_| acts.run(RequestAct::Handle)
            >
                {t!(coaching.mark_handled)}
            </button>
        </div>
    }
}
