//! How far a message has come that a provider carries.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::delivery::{Delivery, DeliveryState};
use shared::transcript::{Entry, EntryBody};

use crate::api::workitems::delivery_retry;
use crate::attempt::Attempt;
use crate::language::{delivery_text, error_text};
use crate::live::ConversationView;
use crate::random::new_key;
use crate::state::use_session;

/// How much of a message stands in the name of its button, in characters.
const NAMED_BY: usize = 60;

/// How far a message has come, and Retry for its agent when it did not arrive.
#[component]
pub(super) fn DeliveryFoot(
    view: ConversationView,
    entry: Entry,
    first: Delivery,
    agent_tools: bool,
) -> impl IntoView {
    let session = use_session();
    let said: String = match &entry.body {
        EntryBody::Message { text, .. } => text.chars().take(NAMED_BY).collect(),
        _ => String::new(),
    };
    let name = [t!(delivery.retry), ": ", &said].concat();
    let (seq, id, attempt) = (entry.seq, entry.id, Attempt::new());
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    let delivery = Memo::new(move |_| {
        view.entries.with(|entries| {
            let place = entries.binary_search_by_key(&seq, |entry| entry.seq);
            match place.map(|place| &entries[place].body) {
                Ok(EntryBody::Message {
                    delivery: Some(delivery),
                    ..
                }) => *delivery,
                _ => first,
            }
        })
    });
    let retry = Callback::new(move |()| {
        let (workitem, id) = (workitem.clone(), id.clone());
        spawn_local(async move {
            let key = attempt.key(&id).unwrap_or_else(new_key);
            let answer = delivery_retry(workitem, key, id).await;
            attempt.answered(&answer);
            if let Err(error) = answer {
                session.toast(error_text(&error.0));
            }
        });
    });
    move || {
        let delivery = delivery.get();
        let failed = delivery.state == DeliveryState::Failed;
        let class = if failed {
            "entry__seen entry__seen--failed"
        } else {
            "entry__seen"
        };
        view! {
            <p class=class data-delivery=delivery.state.code()>
                {delivery_text(&delivery)}
                {(failed && agent_tools).then(|| view! {
                    " "
                    <button
                        type="button"
                        class="button entry__retry"
                        aria-label=name.clone()
                        on:click=move |_| retry.run(())
                    >
                        {t!(delivery.retry)}
                    </button>
                }.into_any())}
            </p>
        }
        .into_any()
    }
}
