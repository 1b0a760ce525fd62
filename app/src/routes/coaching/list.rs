//! `/coaching/{agent}`: the Coaching Page before a workitem is chosen, with the modal window open on it. Looking
//! at the list is not monitoring; nobody is told.

use leptos::prelude::*;
use shared::ids::UserId;
use shared::workitem::AgentWorkitems;

use super::others::first_agent_workitems;
use crate::address::{Page, use_address};
use crate::components::workitems_modal::WorkitemsModal;
use crate::components::{Icon, PageTitle, PresenceDot};

/// The page.
#[component]
pub fn CoachingList() -> impl IntoView {
    let agent = use_address().part(Page::CoachingList, 1, |text| UserId::parse(text).ok());
    let first = first_agent_workitems(agent);
    first.show(
        || {
            view! {
            <div class="page" aria-busy="true"><div class="skeleton coaching__loading"></div></div>
        }.into_any()
        },
        |list| view! { <Behind list=list/> }.into_any(),
    )
}

/// What stands behind the window, and the window.
#[component]
fn Behind(list: AgentWorkitems) -> impl IntoView {
    let address = use_address();
    let close = Callback::new(move |()| address.go("/dashboard"));
    let name = list.agent.name.clone();
    view! {
        <PageTitle text=format!("Coaching {name}")/>
        <div class="page">
            <div class="page__head">
                <h1 class="page__title">{format!("Coaching {name}")}</h1>
                <PresenceDot presence=Signal::stored(list.presence)/>
            </div>
            <div class="card empty">
                <Icon name="eye"/>
                <p class="empty__title">"Choose a workitem"</p>
                <p>"Unfold a row of the list and press Edit to stand beside the agent."</p>
            </div>
        </div>
        <WorkitemsModal first=list on_close=close/>
    }
}
