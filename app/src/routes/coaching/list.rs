//! `/coaching/{agent}`: the Coaching Page before a workitem is chosen, with the modal window open on it. Looking
//! at the list is not monitoring; nobody is notified.

use leptos::prelude::*;
use shared::workitem::AgentWorkitems;

use super::others::first_agent_workitems;
use super::use_agent_param;
use crate::components::workitems_modal::WorkitemsModal;
use crate::components::{Icon, PageTitle, PresenceDot};
use crate::navigation::use_navigation;

/// The page.
#[component]
pub fn CoachingList() -> impl IntoView {
    let first = first_agent_workitems(use_agent_param());
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
    let navigation = use_navigation();
    let close = Callback::new(move |()| navigation.go("/dashboard"));
    let name = list.agent.name.clone();
    view! {
        <PageTitle text=t!(coaching.title, name = name)/>
        <div class="page">
            <div class="page__head">
                <h1 class="page__title">{t!(coaching.title, name = name)}</h1>
                <PresenceDot presence=Signal::stored(list.presence)/>
            </div>
            <div class="card empty">
                <Icon name="eye"/>
                <p class="empty__title">{t!(coaching.choose)}</p>
                <p>{t!(coaching.choose_line)}</p>
            </div>
        </div>
        <WorkitemsModal first=list on_close=close/>
    }
}
