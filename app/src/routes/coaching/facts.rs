//! What the heads of conversations say of a workitem, on the Coaching Page and on the Watch wall.

use leptos::prelude::*;
use shared::workitem::Workitem;

use crate::components::{Icon, Waiting};
use crate::language::channel_text;

/// On which channel it is, and whose.
pub(super) fn customer_facts(workitem: RwSignal<Workitem>) -> AnyView {
    view! {
        <span class="coaching__fact">
            {move || workitem.with(|workitem| view! { <Icon name=workitem.channel.code()/> }.into_any())}
            {move || workitem.with(channel_text)}
        </span>
        <span class="coaching__fact">
            <span class="coaching__word">{t!(coaching.customer)}" "</span>
            <bdi>{move || workitem.with(|workitem| workitem.customer.clone())}</bdi>
        </span>
    }
    .into_any()
}

/// How long the customer has waited, while they wait.
pub(super) fn waiting_fact(workitem: RwSignal<Workitem>) -> impl IntoView {
    move || {
        let since = workitem.with(|workitem| workitem.waiting_since)?;
        let fact = view! {
            <span class="coaching__fact">
                <Icon name="clock"/>
                <span class="coaching__word">{t!(common.waiting_word)}" "</span>
                <Waiting since=Signal::stored(Some(since))/>
            </span>
        };
        Some(fact.into_any())
    }
}
