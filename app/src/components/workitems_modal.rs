//! The modal window with an agent's workitems. It stands still: rows move only when Refresh is pressed; the live
//! connection feeds nothing but the number of changes that wait.

mod changes;
mod details;
mod frozen_list;
mod table;

use leptos::prelude::*;
use shared::error::AppError;
use shared::workitem::AgentWorkitems;

use self::changes::changes_line;
use self::frozen_list::{FrozenList, use_frozen_list};
use self::table::WorkitemsTable;
use crate::components::{Dialog, Icon, Waiting};
use crate::language::error_text;

/// The value of `show` in the address with which the window opens on the workitem that waits longest.
pub const LONGEST_WAIT: &str = "longest-wait";

/// The window, open from the start.
#[component]
pub fn WorkitemsModal(first: AgentWorkitems, on_close: Callback<()>) -> impl IntoView {
    let agent = first.agent.id.clone();
    let name = first.agent.name.clone();
    let title = t!(workitems.title, name = name);
    let list = use_frozen_list(first);
    // What may not be seen any more goes, and the reason stays.
    let gone = Memo::new(move |_| list.error.with(|error| *error == Some(AppError::NotFound)));
    view! {
        <Dialog title on_close=on_close is_page=true class="dialog--wide workitems">
            <div class="dialog__body workitems__body">
            {move || (!gone.get()).then(|| bar(list).into_any())}
            {move || list.lost.get().filter(|_| !gone.get()).map(|since| view! {
                <p class="notice notice--warn workitems__lost" role="status">
                    {t!(workitems.lost, name = name)}
                    " "
                    <Waiting since=Signal::stored(Some(since))/>
                </p>
            }.into_any())}
            <div role="alert">
                {move || list.error.get().map(|error| refusal(&error))}
            </div>
            {move || (!gone.get()).then(|| view! {
                <WorkitemsTable shown=list.shown agent=agent.clone()/>
            }.into_any())}
            </div>
        </Dialog>
    }
}

fn bar(list: FrozenList) -> impl IntoView {
    let waiting = Memo::new(move |_| list.waiting());
    view! {
        <div class="toolbar workitems__bar">
            <button
                type="button"
                class="button"
                class:button--primary=move || { waiting.get() > 0 }
                aria-disabled=move || list.loading.get().to_string()
                on:click=move |_| list.refresh()
            >
                <Icon name="refresh"/>
                {t!(workitems.refresh)}
            </button>
            <p class="workitems__changes" role="status">{move || changes_line(waiting.get())}</p>
            <p class="workitems__hint">
                {t!(workitems.hint)}
            </p>
        </div>
    }
}

/// In the words of this window: the agent was here a moment ago.
fn refusal(error: &AppError) -> AnyView {
    if *error != AppError::NotFound {
        return view! { <p class="notice notice--error">{error_text(error)}</p> }.into_any();
    }
    view! {
        <p class="notice notice--error">
            {t!(workitems.access_lost)}
            " "
            <a href="/dashboard">{t!(coaching.to_dashboard)}</a>
        </p>
    }
    .into_any()
}
