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
use self::frozen_list::use_frozen_list;
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
    let waiting = Memo::new(move |_| list.waiting());
    view! {
        <Dialog title on_close=on_close is_page=true class="dialog--wide workitems">
            <div class="dialog__body workitems__body">
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
            {move || list.lost.get().map(|since| view! {
                <p class="notice notice--warn workitems__lost" role="status">
                    {t!(workitems.lost, name = name)}
                    " "
                    <Waiting since=Signal::stored(Some(since))/>
                </p>
            }.into_any())}
            <div role="alert">
                {move || list.error.get().map(|error| view! {
                    <p class="notice notice--error">{refusal(&error)}</p>
                }.into_any())}
            </div>
            <WorkitemsTable shown=list.shown agent=agent/>
            </div>
        </Dialog>
    }
}

/// In the words of this window: the agent was here a moment ago.
fn refusal(error: &AppError) -> String {
    match error {
        AppError::NotFound => t!(workitems.access_lost).to_owned(),
        other => error_text(other),
    }
}
