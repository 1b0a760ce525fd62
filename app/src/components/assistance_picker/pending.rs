//! The agent's own requests that wait for help: beside the Assistance button how long and who has them, and below it which,
//! each with a way to withdraw it and, once somebody has it, to end it.

use leptos::prelude::*;
use shared::workitem::{AgentWorkitems, RaisedHand};

use crate::components::dismissal::use_dismissal;
use crate::components::request_acts::{RequestAct, RequestActs, claimer_text, escalated_text};
use crate::components::{Icon, Waiting};
use crate::state::{SessionState, use_session};

fn pending(session: SessionState) -> Memo<Vec<RaisedHand>> {
    Memo::new(move |_| {
        let hands = |list: &AgentWorkitems| list.hands.clone();
        session
            .worklist
            .with(|list| list.as_ref().map(hands).unwrap_or_default())
    })
}

/// The button that says how long the first request waits, and the panel with all of them.
#[component]
pub(super) fn WaitingForHelp() -> impl IntoView {
    let session = use_session();
    let hands = pending(session);
    let open = RwSignal::new(false);
    use_dismissal(
        ".pending",
        open.into(),
        Callback::new(move |()| open.set(false)),
    );
    // One that nobody has comes before those that somebody has.
    let first = Memo::new(move |_| {
        hands.with(|hands| {
            let open = hands.iter().find(|hand| hand.claim.is_none());
            open.or(hands.first()).map(|hand| hand.at)
        })
    });
    let words = Memo::new(move |_| {
        hands.with(|hands| {
            let open = hands.iter().any(|hand| hand.claim.is_none());
            let claim = hands.first().and_then(|hand| hand.claim.as_ref());
            let claim = claim.filter(|_| !open);
            claim.map(|claim| claimer_text(session, &claim.by))
        })
    });
    Effect::new(move || {
        if first.get().is_none() {
            open.set(false);
        }
    });
    move || {
        let since = first.get()?;
        Some(
            view! {
                <span class="pending">
                    <button
                        type="button"
                        class="button button--quiet pending__open"
                        class:pending__open--claimed=move || words.with(Option::is_some)
                        id="assistance-waiting"
                        aria-expanded=move || open.get().to_string()
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        <span class="pending__words">
                            {move || words.get().unwrap_or_else(|| t!(assistance.waiting).to_owned())}
                            " "
                        </span>
                        <Waiting since=Signal::stored(Some(since)) />
                    </button>
                    {move || open.get().then(|| view! {
                        <div class="pending__panel" role="region" aria-label=t!(assistance.my_requests)>
                            <PendingList />
                        </div>
                    }.into_any())}
                </span>
            }
            .into_any(),
        )
    }
}

/// All that wait, oldest first; nothing while none does.
#[component]
pub(super) fn PendingList() -> impl IntoView {
    let hands = pending(use_session());
    view! {
        <ul
            class="pending__list"
            role="list"
            aria-label=t!(assistance.requests)
            hidden=move || hands.with(Vec::is_empty)
        >
            <For each=move || hands.get() key=|hand| hand.request.clone() let:hand>
                <Pending hand />
            </For>
        </ul>
    }
}

#[component]
fn Pending(hand: RaisedHand) -> impl IntoView {
    let session = use_session();
    let acts = RequestActs::new(hand.request.clone());
    let (hands, request) = (pending(session), hand.request);
    let now = Memo::new(move |_| {
        hands.with(|hands| {
            let hand = hands.iter().find(|hand| hand.request == request)?;
            let by = hand.claim.as_ref().map(|claim| claim.by.clone());
            Some((by, hand.escalated))
        })
    });
    let claimed = move || now.with(|now| matches!(now, Some((Some(_), _))));
    // Who has it, or else whom it went on to.
    let stands = move || {
        let (by, escalated) = now.get()?;
        match by {
            Some(by) => Some(claimer_text(session, &by)),
            None => escalated_text(escalated).map(str::to_owned),
        }
    };
    let workitem = hand.workitem;
    let subject = Memo::new(move |_| {
        let id = workitem.as_ref()?;
        session.worklist.with(|list| {
            let mut own = list.iter().flat_map(|list| &list.workitems);
            own.find(|one| &one.id == id).map(|one| one.subject.clone())
        })
    });
    view! {
        <li class="pending__one">
            <Icon name="hand" />
            <span class="pending__what">
                <span class="pending__text" dir="auto">{hand.text}</span>
                {move || subject.get().map(|subject| view! {
                    <span class="pending__about" dir="auto">{subject}</span>
                }.into_any())}
                {move || stands().map(|words| view! {
                    <span class="pending__has">{words}</span>
                }.into_any())}
            </span>
            <span class="pending__since"><Waiting since=Signal::stored(Some(hand.at)) /></span>
            {move || claimed().then(|| view! {
                <button
                    type="button"
                    class="button"
                    aria-disabled=move || acts.busy.get().to_string()
                    on:click=move |_| acts.run(RequestAct::Handle)
                >
                    {t!(requests.done)}
                </button>
            }.into_any())}
            <button
                type="button"
                class="button"
                aria-disabled=move || acts.busy.get().to_string()
                on:click=move |_| acts.run(RequestAct::Withdraw)
            >
                {t!(assistance.withdraw)}
            </button>
        </li>
    }
}
