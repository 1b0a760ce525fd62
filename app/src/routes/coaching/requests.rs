//! What the agent asks while a supervisor stands beside them: from this workitem, or from none. Coaching answers it;
//! *Mark handled* settles it without a word.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::CommandKey;
use shared::workitem::{RaisedHand, Workitem};

use crate::api::assistance::request_handle;
use crate::components::{Icon, Waiting};
use crate::language::{error_text, settled_text};
use crate::random::new_key;
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
                <Request name hand />
            </For>
        </div>
    }
}

#[component]
fn Request(name: Memo<Option<String>>, hand: RaisedHand) -> impl IntoView {
    let session = use_session();
    let busy = RwSignal::new(false);
    // One key until it succeeded, so that a second click after a lost answer changes nothing.
    let key = StoredValue::new(None::<CommandKey>);
    let request = StoredValue::new(hand.request);
    let handled = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let taken = key.get_value().unwrap_or_else(new_key);
        key.set_value(Some(taken.clone()));
        spawn_local(async move {
            let answer = request_handle(taken, request.get_value()).await;
            busy.try_set(false);
            match answer {
                Ok(settled) => session.toast(settled_text(&settled)),
                Err(error) => session.toast(error_text(&error.0)),
            }
        });
    };
    view! {
        <div class="notice notice--warn coaching__request">
            <Icon name="hand" />
            <span class="coaching__asks">
                <strong>
                    {move || match name.get() {
                        Some(name) => t!(coaching.asks, name = name),
                        None => t!(coaching.asks_nobody).to_owned(),
                    }}
                    " "
                </strong>
                <bdi>{hand.text}</bdi>
            </span>
            <span class="coaching__since"><Waiting since=Signal::stored(Some(hand.at)) /></span>
            <button
                type="button"
                class="button"
                aria-disabled=move || busy.get().to_string()
                on:click=handled
            >
                {t!(coaching.mark_handled)}
            </button>
        </div>
    }
}
