//! The agent's own requests that wait for help: beside the Assistance button how long, and below it which, each with a
//! way to withdraw it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::{CommandKey, RequestId};
use shared::workitem::{AgentWorkitems, RaisedHand};

use crate::api::assistance::request_withdraw;
use crate::components::{Icon, Waiting};
use crate::language::{error_text, settled_text};
use crate::random::new_key;
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
    let first = Memo::new(move |_| hands.with(|hands| hands.first().map(|hand| hand.at)));
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
                        id="assistance-waiting"
                        aria-expanded=move || open.get().to_string()
                        on:click=move |_| open.update(|open| *open = !*open)
                        on:keydown=move |event| {
                            if event.key() == "Escape" {
                                open.set(false);
                            }
                        }
                    >
                        <span class="pending__words">{t!(assistance.waiting)}" "</span>
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
    let busy = RwSignal::new(false);
    // One key until it succeeded, so that a second click after a lost answer changes nothing.
    let key = StoredValue::new(None::<CommandKey>);
    let request = StoredValue::new(hand.request);
    let withdraw = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let taken = key.get_value().unwrap_or_else(new_key);
        key.set_value(Some(taken.clone()));
        let request: RequestId = request.get_value();
        spawn_local(async move {
            let answer = request_withdraw(taken, request).await;
            busy.try_set(false);
            match answer {
                Ok(settled) => session.toast(settled_text(&settled)),
                Err(error) => session.toast(error_text(&error.0)),
            }
        });
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
            </span>
            <span class="pending__since"><Waiting since=Signal::stored(Some(hand.at)) /></span>
            <button
                type="button"
                class="button"
                aria-disabled=move || busy.get().to_string()
                on:click=withdraw
            >
                {t!(assistance.withdraw)}
            </button>
        </li>
    }
}
